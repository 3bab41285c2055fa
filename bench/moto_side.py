"""The peer: `moto_server`, the best known mock of a cloud, doing the same for EC2."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
import venv
from pathlib import Path
from urllib.parse import urlencode

from bench.process import Started, free_port, start

NEEDED = "moto[server,ec2]>=5"
# moto looks at no signature, so a made-up one is enough.
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/ec2/aws4_request, SignedHeaders=, Signature=0",
}


def find(beside: Path) -> Path:
    """The moto_server program: of this environment, or of one made for it. Raises CalledProcessError, OSError."""
    here = Path(sys.executable).parent / "moto_server"
    if here.exists():
        return here
    program = beside / "bin" / "moto_server"
    if not program.exists():
        venv.create(beside, with_pip=True, clear=True)
        subprocess.run([beside / "bin" / "pip", "install", "-q", NEEDED], check=True)
    return program


def launch(program: Path, log: Path) -> Started:
    port = free_port()
    return start([str(program), "-p", str(port)], port, "/moto-api/", {}, log)


class Client:
    """One kept connection."""

    def __init__(self, started: Started) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", started.port, timeout=60)

    def ask(self, action: str, **given: str) -> bytes:
        body = urlencode({"Action": action, "Version": "2016-11-15", **given})
        self._connection.request("POST", "/", body, HEADERS)
        response = self._connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
        return answer

    def run(self, instances: int) -> None:
        amount = str(instances)
        self.ask("RunInstances", ImageId="ami-12c6146b", MinCount=amount, MaxCount=amount, InstanceType="m5.large")


def describe_cost(started: Started, requests: int, instances: int = 10) -> float:
    """CPU seconds of the server for one DescribeInstances that lists so many instances."""
    client = Client(started)
    client.run(instances)
    while client.ask("DescribeInstances").count(b"<name>running</name>") < instances:
        time.sleep(0.05)
    for _ in range(requests // 10):
        client.ask("DescribeInstances")
    before = started.cpu_seconds()
    for _ in range(requests):
        client.ask("DescribeInstances")
    return (started.cpu_seconds() - before) / requests
