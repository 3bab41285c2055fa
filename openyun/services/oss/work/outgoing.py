"""Connections from the object store to the world outside: to application servers, and to where objects are fetched.

They go only where the operator allows, and to the very address that was looked at. The cloud's own names lead to the
cloud itself, whatever the DNS makes of them.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import msgspec

from openyun.config import Config

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_OWN_NAME = re.compile(r"(?:[a-z0-9.-]+\.)?oss-[a-z0-9-]+\.aliyuncs\.com")


class NotReached(Exception):
    """Why, in words for the one who asked."""


class Place(msgspec.Struct, frozen=True):
    """Where a URL leads."""

    host: str
    """as in the URL, with its port if that stands there"""
    address: str
    port: int
    tls_name: str
    path: str
    query: str

    @property
    def target(self) -> str:
        return self.path + (f"?{self.query}" if self.query else "")


class Outgoing:
    """Which addresses may be called: networks, and names that stand for whatever address they have."""

    def __init__(self, config: Config) -> None:
        self._own = (config.host if config.host not in ("0.0.0.0", "::", "") else "127.0.0.1", config.port)  # noqa: S104  compared with, not bound to
        self._networks: list[Network] = []
        self._names: set[str] = set()
        for part in config.callback_allow.split(","):
            word = part.strip().lower()
            try:
                self._networks.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                if word:
                    self._names.add(word)

    def find(self, url: str) -> Place:
        """Raises ValueError for what is no URL of HTTP, NotReached for what is not allowed or known."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname
        if host is None or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url:
            raise ValueError(url)
        shown = parts.netloc.rpartition("@")[2]
        path = parts.path or "/"
        if _OWN_NAME.fullmatch(host):
            return Place(shown, *self._own, "", path, parts.query)
        tls_name = host if parts.scheme == "https" else ""
        return Place(shown, self._address(host, port), port, tls_name, path, parts.query)

    def _address(self, host: str, port: int) -> str:
        """Resolved only once, so that it is the one that was looked at."""
        try:
            found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError):
            raise NotReached(f"{host} cannot be resolved.") from None
        for address in found:
            if host.lower() in self._names or self._allows(address):
                return address
        raise NotReached(f"{host} is not allowed: the operator may allow it.")

    def _allows(self, text: str) -> bool:
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks if network.version == address.version)


class Connection(http.client.HTTPConnection):
    """To an address, with TLS for a name if one is given. `patience` is seconds without a byte, `longest` seconds in
    all: who answers a byte at a time is cut off, too. To be ended by `finish`."""

    def __init__(self, place: Place, patience: float, longest: float) -> None:
        super().__init__(place.address, place.port, timeout=patience)
        self._tls_name = place.tls_name
        self._held: socket.socket | None = None
        """the client lets go of `sock` before the answer's body is read"""
        self._timer = threading.Timer(longest, self.cut)
        self._timer.daemon = True

    def connect(self) -> None:
        super().connect()
        if self._tls_name:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._tls_name, do_handshake_on_connect=False)
        self._held = self.sock
        self._timer.start()
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.do_handshake()

    def cut(self) -> None:
        """Whoever waits for bytes gets none; from any thread."""
        held = self._held
        if held is not None:
            with suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)

    def finish(self) -> None:
        self._timer.cancel()
        self.close()
