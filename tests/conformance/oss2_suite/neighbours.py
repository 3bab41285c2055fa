"""What stands beside OSS in the world that the SDK's tests expect: a TLS terminator before the server, and a stand-in
for the key service, which encrypts data keys by wrapping them in base64. Both on loopback, for the tests only."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import os
import ssl
import subprocess
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from openyun.region import REGIONS

SECRETS: dict[str, str] = {}
"""of the AccessKey pairs that the key service knows, by their ids"""


@contextmanager
def neighbours(server: str, folder: Path) -> Iterator[str]:
    """host:port of the terminator, while it is there. Its CA's certificate is `ca.crt` in the folder."""
    make_certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(lambda r, w: _serve(server, r, w), "127.0.0.1", 0, ssl=context)

    listening = asyncio.run_coroutine_threadsafe(listen(), loop).result(timeout=30)
    try:
        host, port = listening.sockets[0].getsockname()
        yield f"{host}:{port}"
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)


def make_certificates(folder: Path) -> None:
    """Raises CalledProcessError and FileNotFoundError without openssl."""
    names = ["localhost", "*.aliyuncs.com"]
    for one in REGIONS:
        names += [f"*.oss-{one.id}.aliyuncs.com", f"sts.{one.id}.aliyuncs.com", f"kms.{one.id}.aliyuncs.com"]
    alternatives = ",".join(["IP:127.0.0.1", *(f"DNS:{name}" for name in names)])
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
    ca = ["-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test CA", "-addext", "basicConstraints=critical,CA:TRUE"]
    own = ["-keyout", "server.key", "-out", "server.crt", "-subj", "/CN=test", "-CA", "ca.crt", "-CAkey", "ca.key"]
    own += ["-addext", f"subjectAltName={alternatives}", "-addext", "basicConstraints=critical,CA:FALSE"]
    for rest in (ca, own):
        subprocess.run([*new, *rest], cwd=folder, check=True, capture_output=True, timeout=60)


async def _serve(server: str, reader: StreamReader, writer: StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"\r\nhost: kms." in head.lower():
            await _answer_as_kms(head, reader, writer)
            return
        host, _, port = server.partition(":")
        there, back = await asyncio.open_connection(host, int(port))
        back.write(head)
        await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass  # the client went, or the server does not run: the test sees a closed connection
    finally:
        writer.close()


async def _pass_on(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _answer_as_kms(head: bytes, reader: StreamReader, writer: StreamWriter) -> None:
    first, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    body = await reader.readexactly(int(headers.get("content-length") or 0))
    query = parse_qsl(urlsplit(first.split(" ")[1]).query, keep_blank_values=True)
    query += parse_qsl(body.decode(), keep_blank_values=True)
    status, answer = kms(first.split(" ")[0], headers["host"].split(".")[1], dict(query))
    payload = json.dumps({"RequestId": "0A2B", **answer}).encode()
    writer.write(
        b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        % (status, len(payload))
        + payload
    )
    await writer.drain()


def kms(method: str, region: str, query: dict[str, str]) -> tuple[int, dict[str, str]]:
    """A data key's ciphertext tells the key, its encryption context and its region, and opens only with both."""
    action, context = query.get("Action"), query.get("EncryptionContext", "")
    secret = SECRETS.get(query.get("AccessKeyId", ""))
    if secret is None:
        return 404, {"Code": "InvalidAccessKeyId.NotFound", "Message": "Specified access key is not found."}
    if query.get("Signature") != _signature(method, query, secret):
        return 400, {
            "Code": "SignatureDoesNotMatch",
            "Message": "Specified signature is not matched with our calculation. server string to sign is:",
        }
    if action in ("GenerateDataKey", "Encrypt"):
        plain = query.get("Plaintext") or base64.b64encode(os.urandom(int(query.get("NumberOfBytes", "32")))).decode()
        sealed = base64.b64encode(json.dumps([plain, context, region]).encode()).decode()
        return 200, {"KeyId": query.get("KeyId", ""), "Plaintext": plain, "CiphertextBlob": sealed}
    if action != "Decrypt":
        return 400, {"Code": "UnsupportedOperation", "Message": str(action)}
    try:
        plain, *bound = json.loads(base64.b64decode(query.get("CiphertextBlob", "")))
    except (binascii.Error, ValueError):
        return 400, {"Code": "InvalidParameter", "Message": "The ciphertext is invalid."}
    if bound != [context, region]:
        return 400, {"Code": "Forbidden.DecryptFailed", "Message": "The context or the region is another."}
    return 200, {"KeyId": query.get("KeyId", ""), "Plaintext": plain}


def _signature(method: str, query: dict[str, str], secret: str) -> str:
    pairs = sorted((name, value) for name, value in query.items() if name != "Signature")
    text = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    signed = hmac.new(f"{secret}&".encode(), f"{method}&%2F&{quote(text, safe='-_.~')}".encode(), hashlib.sha1)
    return base64.b64encode(signed.digest()).decode()
