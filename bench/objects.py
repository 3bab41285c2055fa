"""Objects: CPU of the server a request, beside its peers, in one run: `python -m bench.objects [--short] [--json]`.

All servers run at the same time and are asked in turn, a little each, several times over; of the rounds the cheapest
counts, as the machine's other work only ever adds. Every one is asked the same over plain HTTP; ours verifies every
signature and syncs every write to the disk, which none of the others does. CPU is that of the whole process tree.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.object_client import Connection, Refused, request, rush
from bench.object_servers import BUCKET, PEERS, Server, openyun, openyun_with

KIB, MIB = 1024, 1024**2
SIZES = {"1K": KIB, "1M": MIB, "64M": 64 * MIB}
TIMES = {"1K": 1500, "1M": 100, "64M": 4}
"""requests of a round, at least"""
LEAST_CPU = 0.3
"""seconds that a round has to cost"""
LONGEST = 15.0
"""seconds that a round may take"""
ROUNDS = 3
CLIENTS = (1, 16, 64)
TARGETS = {
    ("GET 1K", "moto"): 25.0,
    ("PUT 1K", "moto"): 20.0,
    ("PUT 1M", "moto"): 2.5,
    ("GET 64M", "nginx"): 1 / 1.3,
}
"""how many times the peer's cost ours is to go into"""
RUSH_TARGET = 8.0
"""durable PUTs a second by 64 clients, in those of one"""
_PEER_KEYS = 2_000
"""objects that peers hold for a listing: each has to be put"""

Row = dict[str, Any]


class Cost:
    """The cheapest of some rounds."""

    def __init__(self) -> None:
        self.cpu = float("inf")
        """microseconds a request"""
        self.rate = 0.0
        """requests a second"""

    def note(self, server: Server, times: int, work: Callable[[], None]) -> None:
        """Again and again, until there is enough of it to be told: the kernel counts in hundredths of a second."""
        before, begun, done, spent = server.started.cpu_seconds(), time.perf_counter(), 0, 0.0
        while spent < LEAST_CPU and time.perf_counter() - begun < LONGEST:
            work()
            done += times
            spent = server.started.cpu_seconds() - before
        self.rate = max(self.rate, done / (time.perf_counter() - begun))
        self.cpu = min(self.cpu, spent / done * 1e6)


def compare(servers: Sequence[Server], times: int, work: Callable[[Server], Callable[[], None]]) -> dict[str, Cost]:
    """What `work` costs each server, which makes so many requests."""
    costs = {server.name: Cost() for server in servers}
    print(".", end="", file=sys.stderr, flush=True)
    for _ in range(ROUNDS):
        for server in servers:
            try:
                costs[server.name].note(server, times, work(server))
            except (Refused, OSError):
                costs.pop(server.name)
                servers = [one for one in servers if one is not server]
    return costs


def in_turn(method: str, path: str, body: bytes, times: int) -> Callable[[Server], Callable[[], None]]:
    """On one kept connection."""

    def prepare(server: Server) -> Callable[[], None]:
        head = request(server.signer, method, path, len(body))
        connection = Connection(server.started.port)
        for _ in range(max(2, times // 50)):
            connection.ask(head, body, has_body=method != "HEAD")

        def work() -> None:
            for _ in range(times):
                connection.ask(head, body, has_body=method != "HEAD")

        return work

    return prepare


def at_once(method: str, clients: int, body: bytes, times: int) -> Callable[[Server], Callable[[], None]]:
    """Each client has an object of its own."""

    def prepare(server: Server) -> Callable[[], None]:
        heads = [request(server.signer, method, f"/{BUCKET}/c{number}", len(body)) for number in range(clients)]
        return lambda: rush(server.started.port, clients, times, heads.__getitem__, body, has_body=method != "HEAD")

    return prepare


def measure_sizes(servers: Sequence[Server], share: float) -> list[Row]:
    rows = []
    for name, size in SIZES.items():
        body, times = os.urandom(KIB) * (size // KIB), max(3, int(TIMES[name] * share))
        for method in ("PUT", "GET", "HEAD"):
            sent = body if method == "PUT" else b""
            count = TIMES["1K"] if method == "HEAD" else times
            count = max(3, int(count * (share if method == "HEAD" else 1)))
            costs = compare(servers, count, in_turn(method, f"/{BUCKET}/{name}", sent, count))
            rows.append(row(f"{method} {name}", costs, 0 if method == "HEAD" else size))
    return rows


def measure_clients(servers: Sequence[Server], share: float) -> list[Row]:
    rows, rates = [], {}
    for method in ("PUT", "GET"):
        for clients in CLIENTS:
            body = bytes(KIB) if method == "PUT" else b""
            times = max(clients, int(TIMES["1K"] * share))
            costs = compare(servers, times, at_once(method, clients, body, times))
            found = row(f"{method} 1K, {clients} clients", costs, KIB)
            found["rate"] = round(costs["openyun"].rate)
            rates[method, clients] = costs["openyun"].rate
            if (method, clients) == ("PUT", CLIENTS[-1]):
                found["speed-up"] = rates["PUT", CLIENTS[-1]] / rates["PUT", 1]
            rows.append(found)
    return rows


def measure_listing(base: Path, peers: Sequence[Server], keys: int, share: float) -> list[Row]:
    """Names lie in 1,000 folders; the plain listing gives 1,000 of them, the other one all folders."""
    each = max(1, keys // 1000)
    ours = openyun_with(base, [f"d{folder:03}/k{number:06}" for folder in range(1000) for number in range(each)])
    try:
        able = [one for one in peers if one.name != "nginx"]
        for peer in able:
            connection = Connection(peer.started.port)
            for number in range(_PEER_KEYS):
                path = f"/{BUCKET}/l/d{number % 1000:03}/k{number:06}"
                connection.ask(request(peer.signer, "PUT", path, 0))
            connection.close()
        rows = []
        for what, query in (("list 1,000", "max-keys=1000"), ("list by delimiter", "delimiter=/&max-keys=1000")):
            times = max(5, int(30 * share))

            def prepare(server: Server, query: str = query, times: int = times) -> Callable[[], None]:
                extra = "" if server is ours else "&prefix=l/"
                return in_turn("GET", f"/{BUCKET}{'/' if server is ours else ''}?{query}{extra}", b"", times)(server)

            costs = compare([ours, *able], times, prepare)
            found = row(f"{what} of {each * 1000:,}", costs, 0)
            found["note"] = f"peers: of {_PEER_KEYS:,}"
            rows.append(found)
        return rows
    finally:
        ours.started.stop()


def row(what: str, costs: dict[str, Cost], size: int) -> Row:
    ours = costs["openyun"]
    found: Row = {"what": what, "cpu": {name: round(cost.cpu, 1) for name, cost in costs.items()}}
    if size >= MIB:
        found["MB/s"] = round(ours.rate * size / 1e6)
    found["ratio"] = {
        name: round(cost.cpu / ours.cpu, 2) for name, cost in costs.items() if name != "openyun" and ours.cpu
    }
    found["target"] = {peer: TARGETS[what, peer] for peer in costs if (what, peer) in TARGETS}
    return found


def run(share: float, keys: int, names: Sequence[str], parts: Sequence[str]) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="openyun-bench-") as scratch:
        base = Path(scratch)
        servers = [openyun(base / "objects")]
        try:
            for name in names:
                try:
                    servers.append(PEERS[name](base))
                except (OSError, RuntimeError, Refused, subprocess.CalledProcessError) as problem:
                    print(f"without {name}: {str(problem).strip().splitlines()[-1]}")
            rows = measure_sizes(servers, share) if "sizes" in parts else []
            rows += measure_clients(servers, share) if "clients" in parts else []
            return rows + (measure_listing(base / "listing", servers[1:], keys, share) if "listing" in parts else [])
        finally:
            for one in servers:
                one.started.stop()


def show(rows: Sequence[Row], names: Sequence[str]) -> None:
    line = "{:<28}{:>10}{:>8}" + "{:>11}{:>8}" * len(names) + "  {}"
    heads = [word for name in names for word in (name, "ratio")]
    print(line.format("CPU, us a request", "openyun", "MB/s", *heads, "target"))
    for one in rows:
        cells: list[str] = []
        for name in names:
            cpu, ratio = one["cpu"].get(name), one["ratio"].get(name)
            cells += ["-" if cpu is None else f"{cpu:.0f}", "-" if ratio is None else f"{ratio:.2f}x"]
        told = [f"{one.get('rate', '')}/s" if "rate" in one else "", one.get("note", "")]
        for peer, least in one["target"].items():
            told.append(f"{peer} {least:.2f}x {'met' if one['ratio'][peer] >= least else 'MISSED'}")
        if "speed-up" in one:
            fast = one["speed-up"] >= RUSH_TARGET
            told.append(f"{one['speed-up']:.1f}x one client's; {RUSH_TARGET:.0f}x {'met' if fast else 'MISSED'}")
        told_text = "; ".join(word for word in told if word)
        print(line.format(one["what"], f"{one['cpu']['openyun']:.0f}", one.get("MB/s", ""), *cells, told_text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of requests")
    parser.add_argument("--keys", type=int, default=1_000_000, help="objects to list from")
    parser.add_argument("--short", action="store_true", help="a fifth of the requests, 20,000 keys")
    parser.add_argument("--peers", default=",".join(PEERS), help="separated by commas")
    parser.add_argument("--parts", default="sizes,clients,listing", help="separated by commas")
    asked = parser.parse_args()
    names = [name for name in asked.peers.split(",") if name]
    rows = run(
        0.2 if asked.short else asked.share, 20_000 if asked.short else asked.keys, names, asked.parts.split(",")
    )
    if asked.json:
        print(json.dumps(rows, indent=2))
    else:
        show(rows, names)


if __name__ == "__main__":
    main()
