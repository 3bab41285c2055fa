"""yun proxy"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openyun import config
from openyun.cli.env import find_credentials
from openyun.cli.proxy.hosts import split
from openyun.cli.server import Server

if TYPE_CHECKING:
    from openyun.accounts import Credentials
    from openyun.cli.proxy.authority import Authority
    from openyun.cli.proxy.relay import Proxy

FOR_PYTHON = '''"""Has Python's HTTP clients trust yun proxy: many of them ask certifi, and look at no setting."""

import os

try:
    import certifi.core
except ImportError:
    certifi = None
else:
    certifi.core._CACERT_PATH = os.environ["OPENYUN_PROXY_CA"]
'''

Variables = Callable[[int], dict[str, str]]
"""what a command needs, from the port that the proxy listens on"""

TRUST = (
    "SSL_CERT_FILE",  # Go, OpenSSL, Python's ssl, httpx
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "ALIBABA_CLOUD_CA_BUNDLE",  # aliyun-python-sdk-core
    "NODE_EXTRA_CA_CERTS",
    "OPENYUN_PROXY_CA",
)
"""variables that name a file with whom to trust"""


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--port", default=0, metavar="PORT", help="Where to listen on 127.0.0.1; any free port by default.")
@click.option("--tunnel", is_flag=True, help="Let hosts through that are not Alibaba Cloud's.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def proxy(port: int, tunnel: bool, command: tuple[str, ...]) -> None:
    """Bring tools to this cloud that know only the vendor's host names.

    With a COMMAND, run it behind the proxy; else print the environment to set and serve until Ctrl-C.

    \b
        yun proxy -- terraform apply
    """
    from openyun.cli.proxy.authority import Authority
    from openyun.cli.proxy.relay import Proxy

    settings = config.load()
    credentials = find_credentials(settings)
    _, endpoint = Server(settings).running()
    authority = Authority(settings.data / "proxy")
    serving = Proxy(authority, split(endpoint, 80), tunnels=tunnel)
    bundle = write_bundle(settings.data / "proxy", authority, tunnel=tunnel)

    def variables(listening: int) -> dict[str, str]:
        return environment(f"http://127.0.0.1:{listening}", bundle, settings.default_region, credentials)

    raise SystemExit(asyncio.run(_run(serving, port, variables, command)))


async def _run(serving: Proxy, port: int, variables: Variables, command: tuple[str, ...]) -> int:
    server = await serving.listen("127.0.0.1", port)
    found = variables(server.sockets[0].getsockname()[1])
    if command:
        return await _behind(found, command)
    for name, value in found.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    await over.wait()
    return 0


async def _behind(found: Mapping[str, str], command: tuple[str, ...]) -> int:
    """The command's exit code."""
    inherited = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    try:
        process = await asyncio.create_subprocess_exec(*command, env={**inherited, **found})
    except FileNotFoundError:
        raise click.ClickException(f"There is no command {command[0]!r}.") from None
    for number in (signal.SIGTERM, signal.SIGINT):  # it is for the command to say what they mean
        asyncio.get_running_loop().add_signal_handler(number, _pass_on, process, number)
    return await process.wait()


def _pass_on(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None and number != signal.SIGINT:  # a terminal's Ctrl-C reaches the command by itself
        process.send_signal(number)


HIDDEN = ("NO_PROXY", "no_proxy")
"""variables that would lead a command past the proxy"""


def write_bundle(folder: Path, authority: Authority, *, tunnel: bool) -> Path:
    """Whom the commands trust: this proxy and, where other hosts can be reached, those whom this machine trusts."""
    (folder / "python").mkdir(parents=True, exist_ok=True)
    (folder / "python" / "sitecustomize.py").write_text(FOR_PYTHON)
    bundle = folder / ("ca-and-others.pem" if tunnel else "ca-only.pem")
    text = authority.certificate_path.read_text()
    usual = ssl.get_default_verify_paths().cafile
    if tunnel and usual and Path(usual).exists():
        text += Path(usual).read_text()
    draft = bundle.with_suffix(".new")
    draft.write_text(text)
    draft.replace(bundle)
    return bundle


def environment(url: str, bundle: Path, region: str, credentials: Credentials) -> dict[str, str]:
    path = os.environ.get("PYTHONPATH")
    places = [str(bundle.parent / "python"), *([path] if path else [])]
    return {
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), url),
        **dict.fromkeys(TRUST, str(bundle)),
        "PYTHONPATH": os.pathsep.join(places),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": credentials.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": credentials.access_key_secret,
        "ALIBABA_CLOUD_REGION": region,
        "ALIBABA_CLOUD_REGION_ID": region,
        "ALICLOUD_ACCESS_KEY": credentials.access_key_id,
        "ALICLOUD_SECRET_KEY": credentials.access_key_secret,
        "ALICLOUD_REGION": region,
        "ALIBABA_CLOUD_ACCOUNT_ID": credentials.account_id,
    }
