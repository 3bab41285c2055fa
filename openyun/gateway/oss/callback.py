"""Sends callbacks, only to addresses that the operator allows, and signs them with this cloud's own key.

An application server verifies `Authorization` with the public key whose address is in `x-oss-pub-key-url`; ours is
served at /_openyun/callback-key.pem.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import ipaddress
import json
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from openyun.access.principal import Principal
from openyun.cloud import RegionState
from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest
from openyun.gateway.oss.answer import request_id
from openyun.gateway.oss.processing import Processing
from openyun.gateway.perform import Performer
from openyun.operation import Operation
from openyun.services.oss.object.callback import Callback, CallbackFailed, InvalidCallback, body_of, policy_of, read
from openyun.services.oss.object.callback_policy import callback_of
from openyun.services.oss.object.content import slices_of
from openyun.services.oss.records import Object, find_bucket, find_object
from openyun.services.oss.service import OssRequest, OssResponse, Slice
from openyun.state import Transaction

PATIENCE = 5.0
"""seconds for one address, as the vendor's"""
_LARGEST = 3 * 1024 * 1024
PUBLIC_KEY_PATH = "/_openyun/callback-key.pem"

KEY_FILE = "callback-key.pem"
_CALLING = frozenset({"PutObject", "CompleteMultipartUpload"})
"""operations that may be followed by a callback"""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Signer:
    """RSA over MD5, which is what application servers know to verify."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._key: rsa.RSAPrivateKey | None = None

    def sign(self, path: str, query: str, body: bytes) -> str:
        text = unquote(path) + (f"?{query}" if query else "") + "\n"
        return base64.b64encode(self._load().sign(text.encode() + body, padding.PKCS1v15(), hashes.MD5())).decode()  # noqa: S303  the vendor's choice

    def public_key(self) -> bytes:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._load().public_key().public_bytes(serialization.Encoding.PEM, form)

    def _load(self) -> rsa.RSAPrivateKey:
        """Made at its first use, and then the same for ever."""
        if self._key is None:
            if not self._file.exists():
                made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
                temporary = self._file.with_suffix(".new")
                temporary.touch(0o600)
                temporary.write_bytes(made.private_bytes(encoding, form, serialization.NoEncryption()))
                temporary.replace(self._file)
            loaded = serialization.load_pem_private_key(self._file.read_bytes(), None)
            assert isinstance(loaded, rsa.RSAPrivateKey)  # noqa: S101  for the type checker: it was made as one
            self._key = loaded
        return self._key


class Allowed:
    """Which addresses may be called: networks, and names that stand for whatever address they have."""

    def __init__(self, setting: str) -> None:
        self._networks: list[Network] = []
        self._names: set[str] = set()
        for part in setting.split(","):
            word = part.strip().lower()
            try:
                self._networks.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                if word:
                    self._names.add(word)

    def address(self, host: str, port: int) -> str:
        """The address to connect to, resolved only once, so that it is the one that was looked at.
        Raises CallbackFailed."""
        try:
            found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            raise CallbackFailed(reason="Error status : -1. The callback's host cannot be resolved.") from None
        for address in found:
            if host.lower() in self._names or self._allows(address):
                return address
        raise CallbackFailed(reason=f"Error status : -1. {host} is not allowed: the operator may allow it.")

    def _allows(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks if network.version == address.version)


class Callbacks:
    def __init__(self, performer: Performer, processing: Processing) -> None:
        config = performer.cloud.config
        self._performer = performer
        self._processing = processing
        self._allowed = Allowed(config.callback_allow)
        self._signer = Signer(config.data / KEY_FILE)
        self._key_url = base64.b64encode(f"http://{config.endpoint}{PUBLIC_KEY_PATH}".encode()).decode()

    async def wanted(self, request: HttpRequest, operation: Operation, at: RegionState, bucket: str) -> Callback | None:
        """What the request asks for, in headers or in the URL. Raises InvalidCallback before anything is stored."""
        if operation.name not in _CALLING:
            return None
        text, variables = request.headers.get("x-oss-callback", ""), request.headers.get("x-oss-callback-var", "")
        if not text and "callback=" in request.raw_query:
            query = dict(request.query)
            text, variables = query.get("callback", ""), query.get("callback-var", "")
        if not text:
            return None
        name = policy_of(text)
        if not name:
            return read(text, variables)
        kept = await self._performer.run(
            at, lambda state: callback_of(state, find_bucket(state, bucket), name), reads=True
        )
        if kept is None:
            raise InvalidCallback(reason="The callback policy does not exist.")
        return read(kept.callback, variables or kept.callback_var)

    async def answer(
        self,
        callback: Callback,
        request: HttpRequest,
        at: RegionState,
        principal: Principal,
        ask: OssRequest,
        answer: OssResponse,
    ) -> OssResponse:
        """With the application server's words in the place of ours. Raises CallbackFailed."""
        key = getattr(ask, "key", "")
        stored, slices = await self._performer.run(at, lambda state: _stored(state, ask.bucket, key), reads=True)
        facts: dict[str, str | int] = {
            "bucket": ask.bucket,
            "object": key,
            "etag": stored.etag,
            "size": stored.size,
            "mimeType": stored.content_type,
            "crc64": str(stored.crc64),
            "contentMd5": stored.md5,
            "vpcId": "",
            "clientIp": request.client,
            "reqId": request_id(request),
            "operation": type(ask).__name__.removesuffix("Request"),
            "imageInfo.height": "",
            "imageInfo.width": "",
            "imageInfo.format": "",
        }
        if "${imageInfo." in callback.body and stored.content_type.startswith("image/"):
            with suppress(CloudError):
                facts |= await self._processing.about(at.engines.blob, slices)
        told = await self.send(callback, facts, principal.account_id, request_id(request))
        headers = {**answer.headers, "Content-Type": "application/json", "Content-Length": str(len(told))}
        return OssResponse(headers=headers, body=told)

    async def send(self, callback: Callback, facts: dict[str, str | int], requester: str, request: str) -> bytes:
        """The application server's answer, which is JSON. Raises CallbackFailed."""
        body = body_of(callback, facts)
        headers = {
            "Content-Type": callback.type,
            "User-Agent": "aliyun-oss-callback",
            "x-oss-bucket": str(facts["bucket"]),
            "x-oss-pub-key-url": self._key_url,
            "x-oss-request-id": request,
            "x-oss-requester": requester,
            "x-oss-signature-version": "1.0",
            "x-oss-tag": "CALLBACK",
        }
        problem = CallbackFailed(reason="Error status : -1.")
        for url in callback.urls:
            try:
                return await asyncio.to_thread(self._post, url, callback, headers, body)
            except CallbackFailed as failed:
                problem = failed
        raise problem

    def _post(self, url: str, callback: Callback, headers: dict[str, str], body: bytes) -> bytes:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise InvalidCallback(reason="The callbackUrl is invalid.") from None
        host = parts.hostname
        if host is None or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url:
            raise InvalidCallback(reason="The callbackUrl is invalid.")
        path = parts.path or "/"
        own_host = callback.host if callback.host.isprintable() else ""
        headers = {
            **headers,
            "Host": own_host or parts.netloc.rpartition("@")[2],
            "Authorization": self._signer.sign(path, parts.query, body),
        }
        address = self._allowed.address(host, port)
        connection = _Connection(address, port, host if parts.scheme == "https" else "")
        try:
            connection.request("POST", path + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            status, data = answer.status, answer.read(_LARGEST + 1)
        except (OSError, http.client.HTTPException):
            raise CallbackFailed(reason="Error status : -1. The callback could not be sent.") from None
        finally:
            connection.close()
        if status != 200:
            raise CallbackFailed(reason=f"Error status : {status}.")
        return _checked(data)


class _Connection(http.client.HTTPConnection):
    """To an address, with TLS for a name if one is given."""

    def __init__(self, address: str, port: int, tls_name: str) -> None:
        super().__init__(address, port, timeout=PATIENCE)
        self._tls_name = tls_name

    def connect(self) -> None:
        super().connect()
        if self._tls_name:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._tls_name)


def _checked(data: bytes) -> bytes:
    if len(data) > _LARGEST:
        raise CallbackFailed(reason="Response body is too large.")
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        raise CallbackFailed(reason="Response body is not valid json format.") from None
    return data


def _stored(state: Transaction, bucket: str, key: str) -> tuple[Object, tuple[Slice, ...]]:
    found = find_object(state, bucket, key)
    return found, slices_of(state, found, 0, found.size)
