"""Custom domains: a bucket under a name of its owner's.

To bind a domain, its owner proves to have it by a TXT record `_dnsauth.DOMAIN` that holds a token. This cloud asks no
name server, so it takes the proof only for names that nobody can own: those below `localhost`, `test`, `internal` and
`local` (RFC 6761, RFC 6762); others answer NeedVerifyDomainOwnership until an operator binds them.
"""

from __future__ import annotations

import re
from typing import ClassVar

from openyun.clock import random_text
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.bucket.configuration_errors import (
    CnameAlreadyBound,
    NeedVerifyDomainOwnership,
    NoSuchCnameToken,
)
from openyun.services.oss.documents import read
from openyun.services.oss.errors import InvalidArgument
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import OssRequest, OssResponse, oss
from openyun.services.oss.times import iso
from openyun.state import Record, Transaction

_DOMAIN = re.compile(r"(?=.{3,253}\Z)(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_NOBODYS = (".localhost", ".test", ".internal", ".local")
_TOKEN_LIVES = 72 * 3600


class Domain(Record, kw_only=True):
    """A custom domain of a bucket of this region."""

    TABLE: ClassVar[str] = "oss_domain"
    KEY: ClassVar[tuple[str, ...]] = ("domain",)
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("bucket",),)

    domain: str
    bucket: str
    bound_at: int


class Certificate(Model, kw_only=True):
    cert_id: str | None = None
    certificate: str | None = None
    private_key: str | None = None
    previous_cert_id: str | None = None
    force: bool | None = None
    delete_certificate: bool | None = None


class CnameWish(Model, kw_only=True):
    domain: str
    certificate_configuration: Certificate | None = None


class BucketCname(Model, kw_only=True):
    cname: CnameWish


class Token(Model, kw_only=True):
    bucket: str
    cname: str
    token: str
    expire_time: str


TOKEN = Kind("cname-token", "CnameToken", Token, NoSuchCnameToken)


class CreateCnameTokenRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def create_cname_token(call: Call, ask: CreateCnameTokenRequest) -> OssResponse:
    domain = _domain(ask.document)
    made = Token(
        bucket=ask.bucket,
        cname=domain,
        token=random_text(32),
        expire_time=iso(int(call.now.timestamp()) + _TOKEN_LIVES),
    )
    TOKEN.put(call, ask.bucket, made, domain)
    return TOKEN.answer(made)


class GetCnameTokenRequest(OssRequest, kw_only=True):
    cname: str = ""


@oss.operation(resource="{bucket}")
def get_cname_token(call: Call, ask: GetCnameTokenRequest) -> OssResponse:
    return TOKEN.answer(TOKEN.find(call, ask.bucket, ask.cname.lower()))


class PutCnameRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_cname(call: Call, ask: PutCnameRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    domain = _domain(ask.document)
    if not domain.endswith(_NOBODYS):
        raise NeedVerifyDomainOwnership(Domain=domain)
    held = call.state.get(Domain, domain)
    if held is not None and held.bucket != bucket.name:
        raise CnameAlreadyBound(Domain=domain)
    call.state.put(Domain(domain=domain, bucket=bucket.name, bound_at=int(call.now.timestamp())))
    return OssResponse()


class ListCnameRequest(OssRequest, kw_only=True):
    pass


class ListedCname(Model, kw_only=True):
    domain: str
    last_modified: str
    status: str = "Enabled"
    is_purge_cdn_cache: str = "false"


class ListCnameResult(Model, kw_only=True):
    bucket: str
    owner: str
    cname: list[ListedCname]


@oss.operation(resource="{bucket}")
def list_cname(call: Call, ask: ListCnameRequest) -> OssResponse:
    bucket = find_bucket(call.state, ask.bucket)
    found = call.state.find(Domain, bucket=bucket.name)
    shown = ListCnameResult(
        bucket=bucket.name,
        owner=bucket.account_id,
        cname=[ListedCname(domain=one.domain, last_modified=iso(one.bound_at)) for one in found],
    )
    return OssResponse(root="ListCnameResult", document=shown)


class DeleteCnameRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def delete_cname(call: Call, ask: DeleteCnameRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    held = call.state.get(Domain, _domain(ask.document))
    if held is not None and held.bucket == ask.bucket:
        call.state.delete(held)
    return OssResponse()


def bucket_of(state: Transaction, host: str) -> str | None:
    """The bucket that a custom domain stands for, in this region."""
    held = state.get(Domain, host) or state.get(Domain, f"*.{host.partition('.')[2]}")
    return held.bucket if held else None


def forget_domains(call: Call, bucket: str) -> None:
    """With the bucket."""
    for one in call.state.find(Domain, bucket=bucket):
        call.state.delete(one)


def _domain(document: bytes) -> str:
    domain = read(document, "BucketCnameConfiguration", BucketCname).cname.domain.lower()
    if not _DOMAIN.fullmatch(domain):
        raise InvalidArgument(reason="Invalid domain.", ArgumentName="Domain", ArgumentValue=domain)
    return domain
