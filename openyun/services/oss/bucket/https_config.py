"""Which TLS versions and cipher suites a bucket accepts.

Kept and shown, for what stands before this server and speaks TLS: the server itself speaks plain HTTP.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from openyun.errors import NotFound
from openyun.operation import Call, Model
from openyun.services.oss.bucket.configuration import DocumentRequest, Kind
from openyun.services.oss.errors import MalformedXML
from openyun.services.oss.service import OssRequest, OssResponse, oss


class NoSuchHttpsConfiguration(NotFound):
    code = "NoSuchHttpsConfiguration"
    message = "The bucket has no HTTPS configuration."


class Tls(Model, kw_only=True):
    enable: bool = False
    tls_version: list[Literal["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]] = msgspec.field(
        name="TLSVersion", default_factory=list
    )


class CipherSuite(Model, kw_only=True):
    enable: bool = False
    strong_cipher_suite: bool | None = None
    custom_cipher_suite: list[str] = []
    tls13_custom_cipher_suite: list[str] = msgspec.field(name="TLS13CustomCipherSuite", default_factory=list)


class HttpsConfiguration(Model, kw_only=True):
    tls: Tls | None = msgspec.field(name="TLS", default=None)
    cipher_suite: CipherSuite | None = None


HTTPS = Kind("https", "HttpsConfiguration", HttpsConfiguration, NoSuchHttpsConfiguration)


class PutBucketHttpsConfigRequest(DocumentRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def put_bucket_https_config(call: Call, ask: PutBucketHttpsConfigRequest) -> OssResponse:
    wanted = HTTPS.read(ask.document)
    if wanted.tls is not None:
        if wanted.tls.enable and not wanted.tls.tls_version:
            raise MalformedXML
        wanted.tls.tls_version = sorted(set(wanted.tls.tls_version))
    suite = wanted.cipher_suite
    if suite is not None and suite.strong_cipher_suite and (suite.custom_cipher_suite or not suite.enable):
        raise MalformedXML
    HTTPS.put(call, ask.bucket, wanted)
    return OssResponse()


class GetBucketHttpsConfigRequest(OssRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}")
def get_bucket_https_config(call: Call, ask: GetBucketHttpsConfigRequest) -> OssResponse:
    return HTTPS.answer(HTTPS.find(call, ask.bucket))
