"""This cloud's numbers. Requests are signed by our own code, so that the client is no part of what is measured."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.process import Started, free_port, start
from openyun.access.signature import rpc_secret, rpc_string_to_sign, sign

ECS, VPC = "2014-05-26", "2016-04-28"
REGION, ZONE = "cn-hangzhou", "cn-hangzhou-h"


class Refused(Exception):
    pass


class Client:
    """One kept connection, one AccessKey pair."""

    def __init__(self, started: Started, data: Path) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", started.port, timeout=60)
        keys = json.loads((data / "credentials.json").read_text())
        self._id, self._secret = keys["access_key_id"], keys["access_key_secret"]

    def target(self, version: str, action: str, **given: str) -> str:
        """A signed request, ready to be sent once."""
        parameters = {
            "Action": action,
            "Version": version,
            "RegionId": REGION,
            "AccessKeyId": self._id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": uuid.uuid4().hex,
            "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Format": "JSON",
            **{name.replace("_", "."): value for name, value in given.items()},
        }
        string = rpc_string_to_sign("GET", parameters)
        return "/?" + urlencode({**parameters, "Signature": sign(rpc_secret(self._secret), "HMAC-SHA1", string)})

    def send(self, target: str) -> bytes:
        self._connection.request("GET", target)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise Refused(body.decode())
        return body

    def ask(self, version: str, action: str, **given: str) -> dict[str, Any]:
        return dict(json.loads(self.send(self.target(version, action, **given))))


def launch(data: Path, compute: str) -> Started:
    port = free_port()
    data.mkdir(parents=True, exist_ok=True)
    environment = {"OPENYUN_DATA": str(data), "OPENYUN_PORT": str(port), "OPENYUN_COMPUTE": compute}
    command = [sys.executable, "-m", "openyun", "serve"]
    return start(command, port, "/_openyun/health", environment, data / "server.log")


def make_place(client: Client, prefix: int = 24) -> dict[str, str]:
    """A VPC with a vSwitch and a security group that lets SSH in: what RunInstances needs."""
    vpc_id = client.ask(VPC, "CreateVpc", CidrBlock="192.168.0.0/16")["VpcId"]
    while client.ask(VPC, "DescribeVpcAttribute", VpcId=vpc_id)["Status"] != "Available":
        time.sleep(0.01)
    switch = client.ask(VPC, "CreateVSwitch", VpcId=vpc_id, ZoneId=ZONE, CidrBlock=f"192.168.0.0/{prefix}")["VSwitchId"]
    while client.ask(VPC, "DescribeVSwitchAttributes", VSwitchId=switch)["Status"] != "Available":
        time.sleep(0.01)
    group = client.ask(ECS, "CreateSecurityGroup", VpcId=vpc_id)["SecurityGroupId"]
    client.ask(
        ECS,
        "AuthorizeSecurityGroup",
        SecurityGroupId=group,
        IpProtocol="tcp",
        PortRange="22/22",
        SourceCidrIp="0.0.0.0/0",
    )
    image = client.ask(ECS, "DescribeImages", OSType="linux")["Images"]["Image"][0]["ImageId"]
    return {"VSwitchId": switch, "SecurityGroupId": group, "ImageId": image, "InstanceType": "ecs.g7.large"}


def remove_place(client: Client, place: dict[str, str]) -> None:
    """So that the reconciler takes the network off the host before the server ends."""
    vpc_id = client.ask(VPC, "DescribeVSwitchAttributes", VSwitchId=place["VSwitchId"])["VpcId"]
    _insist(client, ECS, "DeleteSecurityGroup", SecurityGroupId=place["SecurityGroupId"])
    _insist(client, VPC, "DeleteVSwitch", VSwitchId=place["VSwitchId"])
    _insist(client, VPC, "DeleteVpc", VpcId=vpc_id)


def _insist(client: Client, version: str, action: str, **given: str) -> None:
    """What depends on it is still on its way out for a moment."""
    deadline = time.monotonic() + 30
    while True:
        try:
            client.ask(version, action, **given)
            return
        except Refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def describe_cost(started: Started, data: Path, requests: int, instances: int = 10) -> float:
    """CPU seconds of the server for one DescribeInstances that lists so many instances."""
    client = Client(started, data)
    client.ask(ECS, "RunInstances", **make_place(client), Amount=str(instances), Password="Bench-1234")
    while client.ask(ECS, "DescribeInstances", Status="Running")["TotalCount"] < instances:
        time.sleep(0.05)
    for _ in range(requests // 10):
        client.send(client.target(ECS, "DescribeInstances"))
    targets = [client.target(ECS, "DescribeInstances") for _ in range(requests)]
    before = started.cpu_seconds()
    for target in targets:
        body = client.send(target)
    spent = started.cpu_seconds() - before
    assert len(json.loads(body)["Instances"]["Instance"]) == instances
    return spent / requests


def seconds_to_ssh(started: Started, data: Path, times: int) -> list[float]:
    """From the RunInstances call to the end of a first command over SSH, for one instance after another."""
    client = Client(started, data)
    place = make_place(client)
    pair = client.ask(ECS, "CreateKeyPair", KeyPairName="bench")
    key = data / "bench.pem"
    key.touch(0o600)
    key.write_text(pair["PrivateKeyBody"])
    measured = []
    for _ in range(times):
        begun = time.perf_counter()
        made = client.ask(ECS, "RunInstances", **place, KeyPairName="bench", InternetMaxBandwidthOut="5")
        instance_id = made["InstanceIdSets"]["InstanceIdSet"][0]
        _first_command(_address(client, instance_id), key)
        measured.append(time.perf_counter() - begun)
        client.ask(ECS, "DeleteInstance", InstanceId=instance_id, Force="true")
    while client.ask(ECS, "DescribeInstances")["TotalCount"]:
        time.sleep(0.1)
    remove_place(client, place)
    return measured


def _address(client: Client, instance_id: str) -> str:
    while True:
        found = client.ask(ECS, "DescribeInstances", InstanceIds=json.dumps([instance_id]))["Instances"]["Instance"]
        if found and found[0]["PublicIpAddress"]["IpAddress"]:
            return str(found[0]["PublicIpAddress"]["IpAddress"][0])
        time.sleep(0.01)


def _first_command(address: str, key: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((address, 22), timeout=1) as sock:
                if sock.recv(4) == b"SSH-":
                    break
        except OSError:
            time.sleep(0.01)
    settings = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes", "ConnectTimeout=20"]
    options = [word for one in settings for word in ("-o", one)]
    command = ["ssh", "-F", "none", "-q", "-i", str(key), *options, f"root@{address}", "true"]
    subprocess.run(command, check=True, timeout=60)


def why_no_ssh(cache: Path) -> str:
    """Why an instance can not be reached over SSH on this machine; empty if it can."""
    missing = [tool for tool in ("runc", "nft", "ip", "ssh") if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed"
    if not any((cache / "images").glob("*/bin")):
        return "no guest image yet: run `yun prepare`"
    return ""
