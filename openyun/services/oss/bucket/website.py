"""Static websites: what a bucket shows where there is no object of the name asked for.

A name that is empty or ends with a slash stands for the index document; what is not there for the error document; and
routing rules send readers elsewhere. Nothing is fetched from a mirror's origin: its rule answers as one whose origin
cannot be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

import msgspec

from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import MirrorFailed, NoSuchWebsiteConfiguration
from openyun.services.oss.errors import InvalidArgument, MalformedXML
from openyun.services.oss.records import Bucket, Object
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.state import Transaction

_MOST_RULES = 20


class IndexDocument(Model, kw_only=True):
    suffix: str
    support_sub_dir: bool = False
    type: Literal[0, 1, 2] = 0
    """what becomes of a name without a slash of which there is only a directory: 0 redirects to it, 1 is not found,
    2 shows its index"""


class ErrorDocument(Model, kw_only=True):
    key: str
    http_status: Literal[200, 404] = 404


class IncludeHeader(Model, kw_only=True):
    key: str
    equals: str | None = None
    starts_with: str | None = None
    ends_with: str | None = None


class Condition(Model, kw_only=True):
    key_prefix_equals: str | None = None
    key_suffix_equals: str | None = None
    http_error_code_returned_equals: int | None = None
    include_header: list[IncludeHeader] = []


class SetHeader(Model, kw_only=True):
    key: str
    value: str


class MirrorHeaders(Model, kw_only=True):
    pass_all: bool | None = None
    pass_: list[str] = msgspec.field(name="Pass", default_factory=list)
    remove: list[str] = []
    set: list[SetHeader] = []


class Redirect(Model, kw_only=True):
    redirect_type: Literal["Mirror", "External", "Internal", "AliCDN"]
    pass_query_string: bool | None = None
    protocol: Literal["http", "https"] | None = None
    host_name: str | None = None
    http_redirect_code: int | None = None
    replace_key_with: str | None = None
    replace_key_prefix_with: str | None = None
    enable_replace_prefix: bool | None = None
    mirror_url: str | None = msgspec.field(name="MirrorURL", default=None)
    mirror_url_slave: str | None = msgspec.field(name="MirrorURLSlave", default=None)
    mirror_url_probe: str | None = msgspec.field(name="MirrorURLProbe", default=None)
    mirror_pass_query_string: bool | None = None
    mirror_follow_redirect: bool | None = None
    mirror_check_md5: bool | None = None
    mirror_headers: MirrorHeaders | None = None


class RoutingRule(Model, kw_only=True):
    rule_number: int
    condition: Condition = msgspec.field(default_factory=Condition)
    redirect: Redirect


class RoutingRules(Model, kw_only=True):
    routing_rule: list[RoutingRule] = []


class Website(Model, kw_only=True):
    index_document: IndexDocument | None = None
    error_document: ErrorDocument | None = None
    routing_rules: RoutingRules | None = None


WEBSITE = Kind("website", "WebsiteConfiguration", Website, NoSuchWebsiteConfiguration)


class PutBucketWebsiteRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_website(call: Call, ask: PutBucketWebsiteRequest) -> OssResponse:
    wanted = WEBSITE.read(ask.document)
    rules = wanted.routing_rules.routing_rule if wanted.routing_rules else []
    if not (wanted.index_document or wanted.error_document or rules) or len(rules) > _MOST_RULES:
        raise MalformedXML
    if rules and wanted.index_document and not wanted.index_document.suffix:
        wanted.index_document = None  # so clients write that there is none
    if wanted.index_document and not wanted.index_document.suffix.strip("/"):
        raise InvalidArgument(
            reason="The index document needs a name.",
            ArgumentName="Suffix",
            ArgumentValue=wanted.index_document.suffix,
        )
    if len({rule.rule_number for rule in rules}) != len(rules):
        raise InvalidArgument(reason="RuleNumber must be unique.", ArgumentName="RuleNumber", ArgumentValue="")
    for rule in rules:
        _check(rule.redirect)
        if rule.redirect.redirect_type == "Mirror":
            rule.redirect.pass_query_string = rule.redirect.mirror_pass_query_string
    WEBSITE.put(call, ask.bucket, wanted)
    return OssResponse()


def _check(redirect: Redirect) -> None:
    code = redirect.http_redirect_code
    if code is not None and code not in (301, 302, 303, 307, 308):
        raise InvalidArgument(
            reason="HttpRedirectCode must be 301, 302, 303, 307 or 308.",
            ArgumentName="HttpRedirectCode",
            ArgumentValue=str(code),
        )
    if redirect.replace_key_with is not None and redirect.replace_key_prefix_with is not None:
        raise InvalidArgument(
            reason="ReplaceKeyWith and ReplaceKeyPrefixWith cannot be combined.",
            ArgumentName="ReplaceKeyWith",
            ArgumentValue=redirect.replace_key_with,
        )


class GetBucketWebsiteRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_website(call: Call, ask: GetBucketWebsiteRequest) -> OssResponse:
    return WEBSITE.answer(WEBSITE.find(call, ask.bucket))


class DeleteBucketWebsiteRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_bucket_website(call: Call, ask: DeleteBucketWebsiteRequest) -> OssResponse:
    WEBSITE.delete(call, ask.bucket)
    return OssResponse(status=204)


class Shown(msgspec.Struct, frozen=True):
    """What a website shows in place of what was asked for: an object, or another address."""

    key: str = ""
    status: int = 200
    location: str = ""


def index_of(state: Transaction, bucket: Bucket, key: str) -> str:
    """The object that stands for a directory; empty if none does."""
    site = WEBSITE.of(state, bucket)
    if site is None or site.index_document is None or (key and not key.endswith("/")):
        return ""
    return (key if site.index_document.support_sub_dir else "") + site.index_document.suffix


def instead(
    state: Transaction, bucket: Bucket, key: str, status: int, headers: Mapping[str, str], query: str
) -> Shown | None:
    """What is shown where an object was not found (404) or not readable (403). Raises MirrorFailed."""
    site = WEBSITE.of(state, bucket)
    if site is None:
        return None
    for rule in sorted(site.routing_rules.routing_rule if site.routing_rules else [], key=lambda one: one.rule_number):
        if _suits(rule.condition, key, status, headers):
            if rule.redirect.redirect_type == "Mirror":
                raise MirrorFailed
            return _redirected(rule, key, query)
    index = site.index_document
    if status == 404 and index and index.support_sub_dir and key and not key.endswith("/"):
        within = f"{key}/{index.suffix}"
        if index.type != 1 and state.get(Object, bucket.name, within) is not None:
            return Shown(location=f"/{quote(key)}/", status=302) if index.type == 0 else Shown(key=within)
    if status == 404 and site.error_document and site.error_document.key:
        return Shown(key=site.error_document.key, status=site.error_document.http_status)
    return None


def _suits(condition: Condition, key: str, status: int, headers: Mapping[str, str]) -> bool:
    wanted = condition.http_error_code_returned_equals
    return (
        key.startswith(condition.key_prefix_equals or "")
        and key.endswith(condition.key_suffix_equals or "")
        and (wanted is None or wanted == status)
        and all(_bears(one, headers.get(one.key.lower())) for one in condition.include_header)
    )


def _bears(wanted: IncludeHeader, value: str | None) -> bool:
    return (
        value is not None
        and (wanted.equals is None or value == wanted.equals)
        and value.startswith(wanted.starts_with or "")
        and value.endswith(wanted.ends_with or "")
    )


def _redirected(rule: RoutingRule, key: str, query: str) -> Shown:
    to = rule.redirect
    if to.replace_key_with is not None:
        key = to.replace_key_with.replace("${key}", key)
    elif to.replace_key_prefix_with is not None:
        key = to.replace_key_prefix_with + key[len(rule.condition.key_prefix_equals or "") :]
    if to.redirect_type == "Internal":
        return Shown(key=key)
    place = f"{to.protocol or 'http'}://{to.host_name}" if to.host_name else ""
    tail = f"?{query}" if to.pass_query_string and query else ""
    return Shown(location=f"{place}/{quote(key)}{tail}", status=to.http_redirect_code or 302)
