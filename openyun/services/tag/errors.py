"""What the Tag product answers when it refuses."""

from __future__ import annotations

from openyun.errors import BadRequest, NotFound


class InvalidResourceArn(BadRequest):
    code = "InvalidParameter.ResourceARN"
    message = "The parameter ResourceARN {arn} is invalid: arn:acs:product:region:account:type/id."


class InvalidTags(BadRequest):
    code = "InvalidParameter.Tags"
    message = 'The parameter Tags is invalid: one to {most} pairs as {{"key":"value"}}.'


class InvalidTagKeys(BadRequest):
    code = "InvalidParameter.TagKey"
    message = "The parameter TagKey is invalid: one to {most} keys."


class TooManyArns(BadRequest):
    code = "NumberExceed.ResourceARN"
    message = "The number of ResourceARN exceeds the limit of {most}."


class InvalidCategory(BadRequest):
    code = "InvalidParameter.Category"
    message = "The parameter Category is invalid: All, Custom or System."


class InvalidFuzzyType(BadRequest):
    code = "InvalidParameter.FuzzyType"
    message = "The parameter FuzzyType is invalid: EQUAL or PREFIX."


class InvalidQueryType(BadRequest):
    code = "InvalidParameter.QueryType"
    message = "The parameter QueryType is invalid: MetaTag or ResourceTag."


class InvalidResourceType(BadRequest):
    code = "InvalidParameter.ResourceType"
    message = "The parameter ResourceType is invalid: ListSupportResourceTypes tells those that carry tags."


class ResourceNotFound(NotFound):
    """Told of one resource among others: the rest is done."""

    code = "InvalidResourceId.NotFound"
    message = "The specified ResourceIds are not found in our records."
