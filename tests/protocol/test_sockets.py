"""Clients that are slow, broken or hostile, on the bare port: each harms nobody but itself."""

from __future__ import annotations

import asyncio
import http.client
import re
import resource
import socket
import threading
from contextlib import ExitStack, suppress
from urllib.parse import urlencode

import pytest

from openyun.gateway.connection import HEAD_LIMIT
from openyun.gateway.http import MOST_PARAMETERS
from openyun.gateway.rpc import BODY_LIMIT
from openyun.gateway.server import listen
from tests.conftest import Server
from tests.protocol.wire import Wire, raw, statuses, wire_of


@pytest.fixture
def wire(lonely: Server) -> Wire:
    return wire_of(lonely)


def get(wire: Wire, action: str = "DescribeVpcs", **headers: str) -> bytes:
    """The bytes of a signed GET."""
    target = "/?" + urlencode(wire.v1_parameters(action, "GET", {}))
    lines = [f"GET {target} HTTP/1.1", f"Host: {wire.authority}", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def status_on(sock: socket.socket) -> int:
    """Of the one response that is on its way; all of it is read."""
    with http.client.HTTPResponse(sock) as response:
        response.begin()
        response.read()
        return response.status


# Sizes


def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(wire: Wire) -> None:
    head = (
        f"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {BODY_LIMIT + 1}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    received = raw(wire.port, head.encode())
    assert statuses(received) == [413]
    assert b"RequestEntityTooLarge" in received


def test_a_body_that_grows_too_large_is_refused(wire: Wire) -> None:
    head = (
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    chunk = b"100000\r\n" + b"a" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", wire.port), timeout=30) as sock:
        sock.sendall(head)
        received = b""
        try:
            for _ in range(BODY_LIMIT // 0x100000 + 1):
                sock.sendall(chunk)
            received = sock.recv(65536)
        except ConnectionError:
            # The server had enough before the client had said all.
            received = received or sock.recv(65536)
        assert statuses(received) == [413]


def test_the_largest_body_that_is_allowed_gets_an_answer(wire: Wire) -> None:
    answer = wire.v1_form("CreateVpc", VpcName="ü" * (BODY_LIMIT // 7))
    assert answer.status == 400
    assert answer.code == "InvalidVpcName.Malformed"


@pytest.mark.parametrize("separator", ["&a", "&a="])
def test_too_many_parameters_are_refused_and_cost_little(wire: Wire, separator: str) -> None:
    body = ("Action=DescribeVpcs" + separator * MOST_PARAMETERS).encode()
    answer = wire.send("POST", "/", {"content-type": "application/x-www-form-urlencoded"}, body)
    assert (answer.status, answer.code) == (400, "InvalidParameter.TooMany")


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    "bomb",
    [
        b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * (HEAD_LIMIT * 3),
        b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(20_000)),
        b"GET /" + b"a" * (HEAD_LIMIT * 3) + b" HTTP/1.1",
    ],
    ids=["one header", "many headers", "path"],
)
def test_a_head_that_is_too_large_is_refused(wire: Wire, bomb: bytes, at_once: bool) -> None:
    bomb += b"\r\n\r\n"
    pieces = [bomb] if at_once else [bomb[start : start + 4000] for start in range(0, len(bomb), 4000)]
    try:
        received = raw(wire.port, *pieces)
    except ConnectionError:
        return  # cut off while it was still sending
    assert statuses(received) in ([400], [])


# Time


def test_a_slow_head_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps no connection: the clock starts with the first."""
    monkeypatch.setattr("openyun.gateway.connection.HEAD_TIMEOUT", 0.5)

    async def drip() -> int:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            server = await listen(None, sock)
            reader, writer = await asyncio.open_connection(*sock.getsockname())
            sent = 0
            while not reader.at_eof() and sent < 10_000:
                writer.write(b"G" if not sent else b"ET / HTTP/1.1\r\n" if sent == 1 else b"a")
                sent += 1
                with suppress(TimeoutError, ConnectionError):
                    await asyncio.wait_for(reader.read(1), 0.02)
            writer.close()
            server.close()
            return sent

    assert asyncio.run(drip()) < 10_000


def test_slow_bodies_block_nobody(wire: Wire) -> None:
    with ExitStack() as stack:
        for _ in range(50):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", wire.port), timeout=30))
            sock.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n"
                         b"Content-Type: application/x-www-form-urlencoded\r\n\r\nAction=")  # fmt: skip
        assert wire.v1("DescribeVpcs").status == 200


def test_clients_that_read_nothing_block_nobody(wire: Wire) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", wire.port), timeout=30))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            sock.sendall(get(wire) * 50)
        assert wire.v1("DescribeVpcs").status == 200


def test_large_forms_are_decoded_beside_the_others(wire: Wire) -> None:
    """A stranger's megabytes cost processor time, but nobody waits for their end."""
    body = b"Action=DescribeVpcs&Version=2016-04-28&AccessKeyId=x&a=" + b"%C3%A9" * (BODY_LIMIT // 7)
    form = {"content-type": "application/x-www-form-urlencoded"}
    order: list[str] = []

    def large() -> None:
        wire.send("POST", "/", form, body)
        order.append("large")

    thread = threading.Thread(target=large)
    thread.start()
    while "large" not in order:
        assert wire.v1("DescribeVpcs").status == 200
        order.append("small")
    thread.join()
    assert order.index("large") >= 3, order


def test_500_idle_connections_are_held_while_others_are_served(wire: Wire) -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 700:
        pytest.skip("this process may not open 500 sockets")
    with ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(("127.0.0.1", wire.port), timeout=30)) for _ in range(500)]
        for sock in idle[::2]:
            sock.sendall(get(wire))
        assert {status_on(sock) for sock in idle[::2]} == {200}
        assert all(wire.v1("DescribeVpcs").status == 200 for _ in range(5))
        # They are still good for a further request.
        for sock in idle[:4]:
            sock.sendall(get(wire))
            assert status_on(sock) == 200


# Shapes


def test_pipelined_requests_are_answered_in_order(wire: Wire) -> None:
    names = [f"n{number}" for number in range(20)]
    requests = b""
    for number, name in enumerate(names):
        closing = number == len(names) - 1
        target = "/?" + urlencode(wire.v1_parameters("DescribeVpcAttribute", "GET", {"VpcId": name}))
        requests += f"GET {target} HTTP/1.1\r\nHost: h\r\n{'Connection: close' if closing else 'X: y'}\r\n\r\n".encode()
    received = raw(wire.port, requests)
    assert statuses(received) == [404] * len(names)
    assert re.findall(rb"VpcID (n\d+) ", received) == [name.encode() for name in names]


def test_a_request_in_single_bytes_is_answered(wire: Wire) -> None:
    request = get(wire, Connection="close")
    received = raw(wire.port, *(bytes([byte]) for byte in request))
    assert statuses(received) == [200]


def test_a_client_that_closed_its_own_side_gets_its_answer(wire: Wire) -> None:
    assert statuses(raw(wire.port, get(wire), half_close=True)) == [200]
    assert statuses(raw(wire.port, get(wire, "CreateVpc"), half_close=True)) == [200]
    assert wire.v1("DescribeVpcs").fields["TotalCount"] == 1


@pytest.mark.parametrize("piece", [b"", b"GET", b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc", b"\r\n\r\n"])
def test_a_client_that_closes_in_the_middle_is_let_go(wire: Wire, piece: bytes) -> None:
    assert statuses(raw(wire.port, piece, half_close=True)) in ([], [400], [405])


def test_http_1_0_is_answered_and_closed(wire: Wire) -> None:
    request = get(wire).replace(b"HTTP/1.1", b"HTTP/1.0")
    assert statuses(raw(wire.port, request)) == [200]


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"GET /\xff\xfe?Action=\xff HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n",
        b"GET /?Action=%zz%f0%28%8c%28&Version=%00 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"CONNECT ecs.aliyuncs.com:443 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nbad header\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0" * 100,
    ],
)
def test_a_broken_request_is_refused_or_let_go(wire: Wire, head: bytes) -> None:
    assert all(
        400 <= status < 500 or status in (200, 501) for status in statuses(raw(wire.port, head, half_close=True))
    )
