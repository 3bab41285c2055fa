"""The S3 protocol: another way to speak to OSS.

target ─ claim ─ payload ─ the same request in OSS's words ─ OSS runs it ─ the answer in S3's words

No rule of buckets and objects is here: an S3 operation is the OSS operation that means the same, for the same
AccessKey pairs, policies and buckets.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from time import perf_counter
from urllib.parse import unquote

from openyun.access.s3_signature import read_claim
from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.oss.protocol import Oss
from openyun.gateway.oss.request import Target, operation_of
from openyun.gateway.s3 import answer as s3_answer
from openyun.gateway.s3.body import Payload
from openyun.gateway.s3.document import canned_acl, rewording
from openyun.gateway.s3.errors import NoOwnershipControls, S3NotImplemented, UnexpectedOwner
from openyun.gateway.s3.request import Translated, signable, target_of
from openyun.services.oss import xml
from openyun.services.oss.authorization import Visit
from openyun.services.oss.bucket.configuration_errors import NoSuchInventory, NoSuchTransferAccelerationConfiguration
from openyun.services.oss.errors import DigestMismatch, InvalidDigest

_LARGEST_DOCUMENT = 2 * 1024 * 1024


_NO_ERROR: dict[type[CloudError], str] = {
    NoSuchInventory: "ListInventoryConfigurationsResult",
    NoSuchTransferAccelerationConfiguration: "AccelerateConfiguration",
}
"""What is an error in OSS, and in S3 a document that says so."""


class S3:
    def __init__(self, oss: Oss) -> None:
        self._oss = oss

    async def answer(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        target = target_of(request.host, request.path)
        if request.method == "OPTIONS" and target.bucket:
            return await self._oss.preflight(request, target)
        visit = Visit()
        name = ""
        try:
            claim = read_claim(signable(request, target), self._oss.now)
            target = await self._oss.through(request, target, visit)
            translated = Translated(request, target, Payload(request.headers, claim))
            await self._check_owners(translated, target)
            await _reword(translated)
            operation = operation_of(translated, target)
            name = operation.name
            answer, data = await self._oss.run(translated, target, operation, claim, visit)
            response = s3_answer.render(request, translated, answer, data, self._oss.known_region(target.bucket))
        except (NoSuchTransferAccelerationConfiguration, NoSuchInventory) as problem:
            response = s3_answer.nothing(request, _NO_ERROR[type(problem)])
        except CloudError as problem:
            response = s3_answer.render_error(request, problem)
        return await self._oss.finish(request, target, visit, name, response, started)

    async def _check_owners(self, translated: Translated, target: Target) -> None:
        """Raises UnexpectedOwner where the client says whose a bucket must be, and it is another's."""
        given = translated.asked.headers
        source = translated.headers.get("x-oss-copy-source", "").removeprefix("/").partition("/")[0]
        for header, bucket in (
            ("x-amz-expected-bucket-owner", target.bucket),
            ("x-amz-source-expected-bucket-owner", unquote(source)),
        ):
            if header in given and bucket and await self._oss.owner_of(bucket) not in ("", given[header]):
                raise UnexpectedOwner

    def render_error(self, request: HttpRequest, problem: CloudError) -> HttpResponse:
        return s3_answer.render_error(request, problem)


async def _reword(translated: Translated) -> None:
    """A document whose form is S3's own becomes OSS's. Raises MalformedXML, InvalidDigest, DigestMismatch."""
    level = translated.level
    if (
        translated.none
        and translated.asked.method == "PUT"
        and list(xml.parse(await translated.body(_LARGEST_DOCUMENT)))
    ):
        raise S3NotImplemented(feature="Event notification")
    if "ownershipControls" in translated.features:
        raise NoOwnershipControls
    acl = translated.method == "PUT" and "acl" in translated.features
    change = rewording(translated.method, level, translated.features)
    if change is None and not acl:
        return
    body = await translated.body(_LARGEST_DOCUMENT)
    _check_digest(translated.headers.get("content-md5"), body)
    if change is not None:
        translated.replace_body(change(body))
        return
    header = "x-oss-object-acl" if level == "object" else "x-oss-acl"
    if body and header not in translated.headers:
        translated.headers[header] = canned_acl(body)
    translated.replace_body(b"")


def _check_digest(announced: str | None, body: bytes) -> None:
    if announced is None:
        return
    try:
        digest = base64.b64decode(announced, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise InvalidDigest(**{"Content-MD5": announced})
    if hashlib.md5(body, usedforsecurity=False).digest() != digest:
        raise DigestMismatch
