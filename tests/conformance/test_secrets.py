"""Secrets stand nowhere but where they are needed: not in state, not in the log, not readable by others."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import oss2
import pytest
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc

from tests.conformance.asking import ask, made
from tests.conformance.conftest import Cloud, cloud_of
from tests.conformance.oss_clients import oss2_bucket
from tests.conformance.place import IMAGE, INSTANCE_TYPE, make_place
from tests.conftest import Server

PASSWORD = "Correct-Horse-9"
USER_DATA = b"#!/bin/sh\nTOKEN=battery-staple\n"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """In a data directory that others may enter."""
    data = tmp_path_factory.mktemp("open") / "cloud"
    data.mkdir(mode=0o755)
    server = Server(data)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def secrets(own_server: Server) -> dict[str, str]:
    """Every kind of secret, after each went through the cloud, also through calls that fail."""
    cloud = cloud_of(own_server, own_server.new_account())
    known = {
        "the first account's secret": own_server.account().access_key_secret,
        "an account's secret": cloud.access_key_secret,
        "the operator's token": (own_server.data / "operator.token").read_text(),
        "password": PASSWORD,
        "user data": "battery-staple",
        "user data in Base64": base64.b64encode(USER_DATA).decode()[8:-8],
    }
    _use(cloud, known)
    _fail(cloud)
    return known


def _use(cloud: Cloud, known: dict[str, str]) -> None:
    place = make_place(Ecs(cloud.config()), Vpc(cloud.config()))
    private_key = made(cloud, "ecs:CreateKeyPair", KeyPairName="pair")["PrivateKeyBody"]
    known["private key"] = private_key.splitlines()[5]
    run = {
        "ImageId": IMAGE,
        "InstanceType": INSTANCE_TYPE,
        "VSwitchId": place.v_switch_id,
        "SecurityGroupId": place.group_id,
        "Password": PASSWORD,
        "UserData": base64.b64encode(USER_DATA).decode(),
        "ClientToken": "once",
    }
    (instance,) = made(cloud, "ecs:RunInstances", **run)["InstanceIdSets"]["InstanceIdSet"]
    place.until("Running", instance)
    assert ask(cloud, "ecs:RunInstances", run | {"Password": "Another-One-9"}).code == "IdempotentParameterMismatch"
    made(cloud, "ecs:ModifyInstanceAttribute", InstanceId=instance, Password=PASSWORD)
    shown = made(cloud, "ecs:DescribeUserData", InstanceId=instance)["UserData"]
    assert base64.b64decode(shown) == USER_DATA
    trust = f'{{"RAM":["acs:ram::{cloud.account_id}:root"]}}'
    document = f'{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{trust}}}]}}'
    role = made(cloud, "ram:CreateRole", RoleName="ops", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    made(cloud, "ram:CreateUser", UserName="alice")
    made(cloud, "ram:AttachPolicyToUser", UserName="alice", PolicyName="AdministratorAccess", PolicyType="System")
    key = made(cloud, "ram:CreateAccessKey", UserName="alice")["AccessKey"]
    known["a user's secret"] = key["AccessKeySecret"]
    alice = cloud.with_key(key["AccessKeyId"], key["AccessKeySecret"])
    given = made(alice, "sts:AssumeRole", RoleArn=role, RoleSessionName="now")["Credentials"]
    known |= {"a session's secret": given["AccessKeySecret"], "a session's token": given["SecurityToken"][:60]}
    session = cloud.with_key(given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])
    assert ask(session, "vpc:DescribeVpcs", {}).code == "Forbidden.RAM"
    oss2_bucket(alice).create_bucket()
    with pytest.raises(oss2.exceptions.AccessDenied):
        oss2_bucket(session).create_bucket()


def _fail(cloud: Cloud) -> None:
    wrong = cloud.with_key(cloud.access_key_id, "wrong")
    for one in (cloud, wrong):
        answer = ask(one, "ecs:RunInstances", {"InstanceType": "none", "Password": PASSWORD, "Amount": "x"})
        assert answer.code
        assert cloud.access_key_secret not in answer.text
    weak = ask(cloud, "ecs:ModifyInstanceAttribute", {"InstanceId": "i-none", "Password": PASSWORD + "\n"})
    assert weak.code == "InvalidPassword.Malformed"
    assert PASSWORD not in weak.text


def test_no_secret_stands_in_state_or_log(own_server: Server, secrets: dict[str, str]) -> None:
    known_to_the_owner = {"credentials.json", "operator.token", "master.key"}
    files = [one for one in own_server.data.rglob("*") if one.is_file() and one.name not in known_to_the_owner]
    assert {"cn-hangzhou.db", "server.log"} <= {one.name for one in files}
    found = [
        (what, str(file.relative_to(own_server.data)))
        for file in files
        for what, secret in secrets.items()
        if secret.encode() in file.read_bytes()
    ]
    assert found == []


def test_nobody_else_reads_what_the_cloud_keeps(own_server: Server, secrets: dict[str, str]) -> None:
    """A file is private by its own mode, or by that of a folder above it."""
    assert [
        str(one) for one in own_server.data.rglob("*") if one.name not in PUBLIC and not _private(one, own_server)
    ] == []


PUBLIC = {"lock", "server.log"}
"""which process serves where, and what it complains of"""


def _private(path: Path, server: Server) -> bool:
    chain = [path, *path.parents[: len(path.relative_to(server.data).parts) - 1]]
    return any(stat.S_IMODE(one.stat().st_mode) & 0o077 == 0 for one in chain)


def test_the_same_request_has_another_fingerprint_in_another_cloud(own_server: Server, tmp_path: Path) -> None:
    """So it is keyed: a plain hash would let who reads it try out passwords."""
    from openyun.access.vault import Vault

    request = json.dumps({"Password": PASSWORD}).encode()
    one, again, other = (Vault(path / "key") for path in (tmp_path / "a", tmp_path / "a", tmp_path / "b"))
    assert one.fingerprint(request) == again.fingerprint(request) != other.fingerprint(request)
