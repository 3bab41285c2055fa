"""`yun proxy`: unmodified clients with nothing but the vendor's host names, and no endpoint setting."""

from __future__ import annotations

import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Yun

KEYS = """
import os
key, secret = os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"], os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
region = os.environ["ALIBABA_CLOUD_REGION_ID"]
"""

TEA = """
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_ram20150501.models import ListUsersRequest
from alibabacloud_sts20150401.client import Client as Sts
from alibabacloud_tea_openapi.models import Config

config = lambda **more: Config(access_key_id=key, access_key_secret=secret, region_id=region, **more)
print(len(Client(config()).describe_regions(models.DescribeRegionsRequest()).body.regions.region), "regions")
plain = Client(config(protocol="http"))
print(len(plain.describe_zones(models.DescribeZonesRequest(region_id=region)).body.zones.zone), "zones")
print(Sts(config()).get_caller_identity().body.account_id == os.environ["ALIBABA_CLOUD_ACCOUNT_ID"], "account")
print(Ram(config()).list_users(ListUsersRequest()).body.users.user, "users")
"""

CORE = """
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest

client = AcsClient(key, secret, region)
for protocol in ("http", "https"):
    request = CommonRequest(product="Ecs", version="2014-05-26", action_name="DescribeRegions")
    request.set_protocol_type(protocol)
    print(b"me-east-1" in client.do_action_with_exception(request))
request = CommonRequest(product="Tag", version="2018-08-28", action_name="ListTagKeys")
request.set_location_service_code("tag")  # its endpoint is asked of Location
request.add_query_param("RegionId", "me-east-1")
client = AcsClient(key, secret, "me-east-1")
print(b"Keys" in client.do_action_with_exception(request))
"""

OSS2 = """
import oss2

for number, scheme in enumerate(("https", "http")):
    auth = oss2.AuthV4(key, secret)
    bucket = oss2.Bucket(auth, f"{scheme}://oss-{region}.aliyuncs.com", f"behind-the-proxy-{number}", region=region)
    bucket.create_bucket()
    bucket.put_object("large", b"x" * 3_000_000)
    print(len(bucket.get_object("large").read()))
    print([one.key for one in oss2.ObjectIterator(bucket)])
"""

OSS_V2 = """
import alibabacloud_oss_v2 as oss

config = oss.config.load_default()
config.credentials_provider = oss.credentials.StaticCredentialsProvider(key, secret)
config.region = region
client = oss.Client(config)
client.put_bucket(oss.PutBucketRequest(bucket="behind-the-proxy-v2"))
client.put_object(oss.PutObjectRequest(bucket="behind-the-proxy-v2", key="a", body=b"hello"))
print(client.get_object(oss.GetObjectRequest(bucket="behind-the-proxy-v2", key="a")).body.read().decode())
"""

LOGS = """
from aliyun.log import LogClient, LogItem, PutLogsRequest

for version, scheme in (("v1", "https"), ("v4", "http")):
    logs = LogClient(
        f"{scheme}://{region}.log.aliyuncs.com", key, secret, source="here", auth_version=version, region=region
    )
    project = f"behind-the-proxy-{version}"
    logs.create_project(project, "")
    logs.create_logstore(project, "greetings", shard_count=1)
    logs.put_logs(PutLogsRequest(project, "greetings", logitems=[LogItem(contents=[("said", "hello")])]))
    cursor = logs.get_cursor(project, "greetings", 0, "begin").get_cursor()
    print([one["said"] for one in logs.pull_logs(project, "greetings", 0, cursor).get_flatten_logs_json()])
"""

SAID = {
    "tea": (TEA, ["regions", "zones", "True account", "[] users"]),
    "core": (CORE, ["True\nTrue\nTrue"]),
    "oss2": (OSS2, ["3000000\n['large']\n3000000\n['large']"]),
    "oss-v2": (OSS_V2, ["hello"]),
    "sls": (LOGS, ["['hello']\n['hello']"]),
}


@pytest.mark.parametrize("client", SAID)
def test_an_sdk_with_its_default_endpoint(running: Yun, tmp_path: Path, client: str) -> None:
    text, expected = SAID[client]
    script = tmp_path / "client.py"
    script.write_text(KEYS + text)
    said = running("proxy", "--", sys.executable, str(script)).stdout
    for part in expected:
        assert part in said


def test_node_and_curl_trust_it(running: Yun) -> None:
    for program in ("node", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on PATH")
    url = "https://ecs-cn-hangzhou.aliyuncs.com/"
    said = running("proxy", "--", "curl", "-sS", url + "?Action=DescribeRegions&Version=2014-05-26").stdout
    assert "<Code>MissingAccessKeyId</Code>" in said
    script = (
        "const http = require('http'), tls = require('tls'), url = new URL(process.env.HTTPS_PROXY);"
        "http.request({host: url.hostname, port: url.port, method: 'CONNECT', path: 'ram.aliyuncs.com:443'})"
        ".on('connect', (answer, socket) => tls.connect({socket, servername: 'ram.aliyuncs.com'}, function ()"
        " { console.log('authorized', this.authorized); this.end(); })).end();"
    )
    assert "authorized true" in running("proxy", "--", "node", "-e", script).stdout


ENDPOINTS = """
from alibabacloud_location20150612 import models
from alibabacloud_location20150612.client import Client
from alibabacloud_tea_openapi.models import Config

client = Client(Config(access_key_id=key, access_key_secret=secret, region_id=region))
for code in ("ecs", "oss", "ram", "tag"):
    asked = models.DescribeEndpointsRequest(id="me-east-1", service_code=code, type="openAPI")
    (found,) = client.describe_endpoints(asked).body.endpoints.endpoint
    print(found.endpoint, *found.protocols.protocols)
"""


def test_who_asks_by_name_is_told_names(running: Yun, tmp_path: Path) -> None:
    """An address of this machine is none that every client would ask its proxy for."""
    script = tmp_path / "client.py"
    script.write_text(KEYS + ENDPOINTS)
    assert running("proxy", "--", sys.executable, str(script)).stdout.splitlines() == [
        "ecs.me-east-1.aliyuncs.com HTTP HTTPS",
        "oss-me-east-1.aliyuncs.com HTTP HTTPS",
        "ram.aliyuncs.com HTTP HTTPS",
        "tag.me-east-1.aliyuncs.com HTTP HTTPS",
    ]


def test_other_hosts_are_reached_only_if_wished(running: Yun, tmp_path: Path) -> None:
    """Here a server of this machine that is no part of the cloud."""
    (tmp_path / "page.txt").write_text("elsewhere")
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0", "--directory", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as elsewhere:
        assert elsewhere.stdout is not None
        port = re.findall(r"port (\d+)", elsewhere.stdout.readline())[0]
        asking = (
            "import os, urllib.request as r;"
            "o = r.build_opener(r.ProxyHandler({'http': os.environ['HTTP_PROXY']}));"
            f"print(o.open('http://127.0.0.1:{port}/page.txt').read().decode())"
        )
        assert "elsewhere" in running("proxy", "--tunnel", "--", sys.executable, "-c", asking).stdout
        behind = [sys.executable, "-m", "openyun", "proxy", "--", sys.executable, "-c", asking]
        environment = {**os.environ, "OPENYUN_DATA": str(running.data), "OPENYUN_PORT": str(running.port)}
        refused = subprocess.run(behind, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert refused.returncode == 1
        assert "403" in refused.stderr
        elsewhere.terminate()


def test_the_exit_code_is_the_commands(running: Yun) -> None:
    running("proxy", "--", sys.executable, "-c", "raise SystemExit(7)", code=7)
    assert "There is no command 'nothing-of-this-name'" in running("proxy", "nothing-of-this-name", code=1).stderr


@pytest.fixture
def serving(running: Yun, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that a proxy in the foreground prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "openyun", "proxy"],
        env={**os.environ, "OPENYUN_DATA": str(running.data), "OPENYUN_PORT": str(running.port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    found: dict[str, str] = {}
    while "ALIBABA_CLOUD_ACCOUNT_ID" not in found:
        name, _, value = process.stdout.readline().removeprefix("export ").strip().partition("=")
        assert name, "it ended"
        found[name] = value
    yield found
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def test_no_other_host_is_reached_and_no_other_name_vouched_for(running: Yun, serving: dict[str, str]) -> None:
    proxies = urllib.request.ProxyHandler({"http": serving["HTTP_PROXY"], "https": serving["HTTPS_PROXY"]})
    trusting = ssl.create_default_context(cafile=serving["SSL_CERT_FILE"])
    opener = urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=trusting))
    with opener.open("https://bucket.oss-cn-hangzhou-internal.aliyuncs.com:443/_openyun/health", timeout=10) as answer:
        assert answer.status in (200, 404)
    with pytest.raises(urllib.error.HTTPError) as caught:
        opener.open("http://example.com/", timeout=10)
    assert caught.value.code == 403
    assert "--tunnel" in caught.value.read().decode()
    with pytest.raises(OSError, match="403"):
        opener.open("https://example.com/", timeout=10)
    with pytest.raises(OSError, match="403"):
        opener.open("https://aliyuncs.com.example.com/", timeout=10)
    key = running.data / "proxy" / "ca-key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (key.parent.stat().st_mode & 0o777) == 0o700


def test_the_authority_is_made_once(running: Yun) -> None:
    running("proxy", "true")
    first = (running.data / "proxy" / "ca.pem").read_bytes()
    running("proxy", "true")
    assert (running.data / "proxy" / "ca.pem").read_bytes() == first
