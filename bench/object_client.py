"""A client that costs next to nothing: requests are ready-made bytes, and of answers only the length is looked at."""

from __future__ import annotations

import hashlib
import hmac
import selectors
import socket
from base64 import b64encode
from collections.abc import Callable
from email.utils import formatdate

_PIECE = 1 << 20


class Refused(Exception):
    pass


class OssV1:
    """Signs as OSS V1 does."""

    def __init__(self, access_key_id: str, secret: str) -> None:
        self._id = access_key_id
        self._secret = secret.encode()

    def headers(self, method: str, path: str) -> str:
        date, kind = formatdate(usegmt=True), "application/octet-stream"
        resource = path.partition("?")[0]
        text = f"{method}\n\n{kind}\n{date}\n{resource}"
        signature = b64encode(hmac.digest(self._secret, text.encode(), hashlib.sha1)).decode()
        return f"Date: {date}\r\nContent-Type: {kind}\r\nAuthorization: OSS {self._id}:{signature}\r\n"


class AnySignature:
    """For servers that look at none."""

    def headers(self, _method: str, _path: str) -> str:
        scope = "Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        return f"Content-Type: application/octet-stream\r\nAuthorization: AWS4-HMAC-SHA256 {scope}\r\n"


Signer = OssV1 | AnySignature


def request(signer: Signer, method: str, path: str, size: int) -> bytes:
    length = f"Content-Length: {size}\r\n" if method == "PUT" else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{signer.headers(method, path)}{length}\r\n".encode()


class Connection:
    """Asks one thing after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._buffer = bytearray(_PIECE)
        self._over = False
        """the server keeps no connection"""
        self.sock = self._connect()

    def _connect(self) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self._port), timeout=120)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def send(self, head: bytes, body: bytes) -> None:
        if self._over:
            self.sock.close()
            self.sock, self._over = self._connect(), False
        if len(body) <= 65536:
            self.sock.sendall(head + body)
        else:
            self.sock.sendall(head)
            self.sock.sendall(body)

    def answer(self, *, has_body: bool = True) -> int:
        """Bytes of the answer's body. Raises Refused."""
        held = b""
        while (end := held.find(b"\r\n\r\n")) < 0:
            held += self._more()
        head = held[:end].lower()
        if head[8:12] not in (b" 200", b" 201", b" 204"):
            raise Refused(held.decode("utf-8", "replace"))
        self._over = head.startswith(b"http/1.0") or b"\r\nconnection: close" in head
        got = len(held) - end - 4
        if not has_body:
            return 0
        _, found, rest = head.partition(b"\r\ncontent-length:")
        if not found and b"\r\ntransfer-encoding: chunked" not in head:
            return 0
        if not found:
            while not held.endswith(b"0\r\n\r\n"):
                held = held[-8:] + self._more()
            return got
        length = int(rest.partition(b"\r\n")[0])
        while got < length:
            got += self.sock.recv_into(self._buffer, min(_PIECE, length - got)) or self._ended()
        return length

    def ask(self, head: bytes, body: bytes = b"", *, has_body: bool = True) -> int:
        self.send(head, body)
        return self.answer(has_body=has_body)

    def close(self) -> None:
        self.sock.close()

    def _more(self) -> bytes:
        return self.sock.recv(65536) or bytes(self._ended())

    def _ended(self) -> int:
        raise Refused("the server hung up")


def rush(port: int, clients: int, times: int, made: Callable[[int], bytes], body: bytes, *, has_body: bool) -> None:
    """So many requests by so many clients at once, each of which asks again as soon as it is answered."""
    with selectors.DefaultSelector() as waiting:
        for number in range(clients):
            one = Connection(port)
            waiting.register(one.sock, selectors.EVENT_READ, (one, number))
            one.send(made(number), body)
        left, answered = times - clients, 0
        while answered < times:
            for key, _ in waiting.select():
                one, number = key.data
                one.answer(has_body=has_body)
                answered += 1
                if left > 0:
                    left -= 1
                    waiting.unregister(key.fileobj)
                    one.send(made(number), body)
                    waiting.register(one.sock, selectors.EVENT_READ, (one, number))
        for key in list(waiting.get_map().values()):
            key.data[0].close()
