"""A client that signs by the letter and can be told to get any detail wrong."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import socket
import uuid
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from openyun.access.signature import V3, rpc_secret, rpc_string_to_sign, sign, v3_string_to_sign
from tests.conftest import Account, Server

EMPTY = hashlib.sha256(b"").hexdigest()


def timestamp(ahead: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) + ahead).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_xml(self) -> bool:
        return self.headers["content-type"].startswith("text/xml")

    @property
    def fields(self) -> dict[str, Any]:
        """Of the JSON or XML body; of XML only the top level."""
        if not self.is_xml:
            return dict(json.loads(self.body))
        return {child.tag: child.text or "" for child in self.xml}

    @property
    def xml(self) -> ElementTree.Element:
        assert self.is_xml, self.headers
        return ElementTree.fromstring(self.body)

    @property
    def code(self) -> str:
        return str(self.fields.get("Code", ""))


@dataclass(frozen=True)
class Wire:
    """Signs for one AccessKey pair; sends each request on a connection of its own."""

    port: int
    access_key_id: str
    access_key_secret: str
    security_token: str = ""
    host: str = ""
    """for the Host header, where it shall tell a region or product"""
    version: str = "2016-04-28"
    extra: dict[str, str] = field(default_factory=dict)
    """headers that are sent besides, unsigned"""

    def but(self, **changes: Any) -> Wire:
        return replace(self, **changes)

    @property
    def authority(self) -> str:
        return self.host or f"127.0.0.1:{self.port}"

    def send(
        self, method: str, target: str = "/", headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, target, body, {"host": self.authority, **self.extra, **(headers or {})})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def v1_parameters(self, action: str, method: str, given: dict[str, str]) -> dict[str, str]:
        """All that V1 sends, signed. A given parameter replaces the usual one; one that is "-" is left out."""
        parameters = {
            "Action": action,
            "Version": self.version,
            "AccessKeyId": self.access_key_id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": str(uuid.uuid4()),
            "Timestamp": timestamp(),
            "Format": "JSON",
            **({"SecurityToken": self.security_token} if self.security_token else {}),
            **given,
        }
        parameters = {name: value for name, value in parameters.items() if value != "-"}
        string = rpc_string_to_sign(method, parameters)
        algorithm = parameters.get("SignatureMethod", "HMAC-SHA1")
        return {"Signature": sign(rpc_secret(self.access_key_secret), algorithm, string), **parameters}

    def v1(self, action: str, method: str = "GET", **given: str) -> Answer:
        """Everything in the query, as most clients do."""
        given = {name.replace("_", "."): value for name, value in given.items()}
        return self.send(method, "/?" + urlencode(self.v1_parameters(action, method, given)))

    def v1_form(self, action: str, in_query: tuple[str, ...] = (), **given: str) -> Answer:
        """Everything in the body, as pop-core does, but what `in_query` names."""
        parameters = self.v1_parameters(action, "POST", given)
        query = urlencode({name: parameters.pop(name) for name in in_query})
        form = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", f"/?{query}" if query else "/", form, urlencode(parameters).encode())

    def v3_headers(
        self,
        action: str,
        query: dict[str, str],
        *,
        method: str = "POST",
        path: str = "/",
        body: bytes = b"",
        changes: dict[str, str] | None = None,
        unsigned: tuple[str, ...] = (),
    ) -> dict[str, str]:
        headers = {
            "host": self.authority,
            "x-acs-action": action,
            "x-acs-version": self.version,
            "x-acs-date": timestamp(),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest() if body else EMPTY,
            **({"x-acs-security-token": self.security_token} if self.security_token else {}),
            **(changes or {}),
        }
        headers = {name: value for name, value in headers.items() if value != "-"}
        signed = ";".join(sorted(set(headers) - set(unsigned)))
        content = headers.get("x-acs-content-sha256", "")
        string = v3_string_to_sign(method, path, query.items(), headers, signed, content)
        signature = sign(self.access_key_secret, V3, string)
        headers["authorization"] = f"{V3} Credential={self.access_key_id},SignedHeaders={signed},Signature={signature}"
        return headers

    def v3(self, action: str, method: str = "POST", **given: str) -> Answer:
        given = {name.replace("_", "."): value for name, value in given.items()}
        headers = self.v3_headers(action, given, method=method)
        return self.send(method, "/?" + urlencode(given), headers, b"" if method == "POST" else None)


def wire_of(server: Server, account: Account | None = None) -> Wire:
    """For a fresh account, unless one is given."""
    account = account or server.new_account()
    return Wire(server.port, account.access_key_id, account.access_key_secret)


def raw(port: int, *pieces: bytes, half_close: bool = False, timeout: float = 30) -> bytes:
    """Everything that comes back for these bytes, up to the server's own close."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as sock:
        for piece in pieces:
            sock.sendall(piece)
        if half_close:
            sock.shutdown(socket.SHUT_WR)
        received = b""
        while chunk := sock.recv(65536):
            received += chunk
        return received


def statuses(received: bytes) -> list[int]:
    """Of all responses in these bytes."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]
