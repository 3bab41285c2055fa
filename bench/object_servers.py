"""The servers of `bench.objects`: this cloud, its peers, and nginx as the floor."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

from bench import openyun_side
from bench.object_client import AnySignature, Connection, OssV1, Refused, Signer, request
from bench.process import Started, free_port, start

BUCKET = "bench"
_VENV = Path(__file__).with_name(".venv")
_PEERS = ("moto[server,ec2,s3]>=5", "ministack")


class Server:
    def __init__(self, name: str, started: Started, signer: Signer, *, note: str = "") -> None:
        self.name = name
        self.started = started
        self.signer = signer
        self.note = note

    def ask(self, method: str, path: str, body: bytes = b"") -> None:
        """Once, on a connection of its own. Raises Refused."""
        connection = Connection(self.started.port)
        try:
            connection.ask(request(self.signer, method, path, len(body)), body, has_body=method != "HEAD")
        finally:
            connection.close()


def openyun(base: Path) -> Server:
    data = base / "openyun"
    started = openyun_side.launch(data, "simulated")
    keys = json.loads((data / "credentials.json").read_text())
    made = Server("openyun", started, OssV1(keys["access_key_id"], keys["access_key_secret"]))
    made.ask("PUT", f"/{BUCKET}/")
    return made


def openyun_with(base: Path, keys: list[str]) -> Server:
    """With so many objects in its bucket, written into its state directly: to put them would take an hour."""
    openyun(base).started.stop()
    from openyun.services.oss.records import Object
    from openyun.state import Transaction, open_store

    store = open_store("sqlite", "cn-hangzhou", base / "openyun")
    for first in range(0, len(keys), 20_000):

        def fill(state: Transaction, first: int = first) -> None:
            for key in keys[first : first + 20_000]:
                state.insert(
                    Object(
                        bucket=BUCKET, name=key, size=0, etag="D41D8CD98F00B204E9800998ECF8427E", crc64=0,
                        modified=1_700_000_000, storage_class="Standard", content_type="text/plain",
                    )
                )  # fmt: skip

        store.write(fill)
    store.close()
    data = base / "openyun"
    started = openyun_side.launch(data, "simulated")
    access = json.loads((data / "credentials.json").read_text())
    return Server("openyun", started, OssV1(access["access_key_id"], access["access_key_secret"]))


def moto(base: Path) -> Server:
    port = free_port()
    program = _program("moto_server")
    started = start([str(program), "-p", str(port)], port, "/moto-api/", {}, base / "moto.log")
    return _with_bucket(Server("moto", started, AnySignature(), note="keeps all in memory"))


def ministack(base: Path) -> Server:
    port = free_port()
    environment = {"GATEWAY_PORT": str(port), "HOME": str(base)}
    started = start([str(_program("ministack"))], port, "/", environment, base / "ministack.log")
    return _with_bucket(Server("ministack", started, AnySignature(), note="keeps all in memory"))


def nginx(base: Path) -> Server:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        raise FileNotFoundError("nginx is not installed")
    port, root = free_port(), base / "nginx"
    (root / "www" / BUCKET).mkdir(parents=True)
    configuration = root / "nginx.conf"
    configuration.write_text(
        f"daemon off; worker_processes 1; pid {root}/pid; error_log {root}/error.log;\n"
        f"user root; events {{ worker_connections 256; }}\n"
        f"http {{ access_log off; sendfile on; keepalive_requests 1000000; client_max_body_size 0;\n"
        f"client_body_temp_path {root}/temp;\n"
        f"server {{ listen 127.0.0.1:{port}; root {root}/www; location / {{ dav_methods PUT; }} }} }}\n"
    )
    started = start([program, "-c", str(configuration)], port, "/", {}, root / "log")
    return Server("nginx", started, AnySignature(), note="static files, DAV: no signature, hash, metadata or fsync")


def _with_bucket(server: Server) -> Server:
    for _ in range(100):
        try:
            server.ask("PUT", f"/{BUCKET}")
            return server
        except Refused:
            time.sleep(0.1)
    raise Refused(f"{server.name} makes no bucket")


def _program(name: str) -> Path:
    """Of this environment, or of one made for the peers. Raises CalledProcessError, OSError."""
    here = Path(sys.executable).parent / name
    if here.exists():
        return here
    program = _VENV / "bin" / name
    if not program.exists():
        if not (_VENV / "bin" / "pip").exists():
            venv.create(_VENV, with_pip=True, clear=True)
        subprocess.run([_VENV / "bin" / "pip", "install", "-q", *_PEERS], check=True)
    return program


PEERS: dict[str, Callable[[Path], Server]] = {"moto": moto, "ministack": ministack, "nginx": nginx}
