"""How the VPC service words what is wrong with a tag."""

from __future__ import annotations

from openyun.services.tags import Rules
from openyun.services.vpc import errors

rules = Rules(
    bad_key=errors.InvalidTagKey,
    bad_value=errors.InvalidTagValue,
    duplicate_key=errors.DuplicateTagKey,
    too_many_tags=errors.TooManyTags,
    too_many_resources=errors.TooManyResources,
    over_quota=errors.QuotaExceededTags,
    no_such_type=errors.ResourceTypeNotFound,
    no_such_resource=errors.ResourcesNotFound,
    reserved_values=("aliyun", "acs:"),
)
