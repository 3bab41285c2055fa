"""Sends callbacks to application servers, and signs them with this cloud's own key.

An application server verifies `Authorization` with the public key whose address is in `x-oss-pub-key-url`; ours is
served at /_openyun/callback-key.pem.
"""

from __future__ import annotations

import base64
import http.client
import json
from pathlib import Path
from urllib.parse import unquote

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from openyun.config import Config
from openyun.services.oss.object.callback import Callback, CallbackFailed, InvalidCallback, body_of
from openyun.services.oss.work.outgoing import Connection, NotReached, Outgoing

PATIENCE = 5.0
"""seconds for one address, as the vendor's"""
_LARGEST = 3 * 1024 * 1024
PUBLIC_KEY_PATH = "/_openyun/callback-key.pem"

KEY_FILE = "callback-key.pem"


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


class Sender:
    def __init__(self, config: Config) -> None:
        self._outgoing = Outgoing(config)
        self._signer = Signer(config.data / KEY_FILE)
        self._key_url = base64.b64encode(f"http://{config.endpoint}{PUBLIC_KEY_PATH}".encode()).decode()

    def send(self, callback: Callback, facts: dict[str, str | int], requester: str, request: str) -> bytes:
        """The application server's answer, which is JSON; for a thread. Raises CallbackFailed, InvalidCallback."""
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
                return self._post(url, callback, headers, body)
            except CallbackFailed as failed:
                problem = failed
        raise problem

    def _post(self, url: str, callback: Callback, headers: dict[str, str], body: bytes) -> bytes:
        try:
            place = self._outgoing.find(url)
        except ValueError:
            raise InvalidCallback(reason="The callbackUrl is invalid.") from None
        except NotReached as problem:
            raise CallbackFailed(reason=f"Error status : -1. {problem}") from None
        own_host = callback.host if callback.host.isprintable() else ""
        headers = {
            **headers,
            "Host": own_host or place.host,
            "Authorization": self._signer.sign(place.path, place.query, body),
        }
        connection = Connection(place, PATIENCE, PATIENCE)
        try:
            connection.request("POST", place.target, body, headers)
            answer = connection.getresponse()
            status, data = answer.status, answer.read(_LARGEST + 1)
        except (OSError, http.client.HTTPException):
            raise CallbackFailed(reason="Error status : -1. The callback could not be sent.") from None
        finally:
            connection.finish()
        if status != 200:
            raise CallbackFailed(reason=f"Error status : {status}.")
        return _checked(data)


def _checked(data: bytes) -> bytes:
    if len(data) > _LARGEST:
        raise CallbackFailed(reason="Response body is too large.")
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        raise CallbackFailed(reason="Response body is not valid json format.") from None
    return data
