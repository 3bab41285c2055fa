"""Flow control, temporary credentials, and what a restart must not forget."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.conftest import Server
from tests.protocol.test_rpc import refused
from tests.protocol.wire import Wire, wire_of


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "cloud", {"OPENYUN_REQUESTS_PER_SECOND": "3"})
    server.start()
    yield server
    server.stop()


def test_who_asks_too_often_is_told_when_to_come_again(strict: Server) -> None:
    wire = wire_of(strict)
    answers = [wire.v1("DescribeVpcs") for _ in range(30)]
    assert [one.status for one in answers[:3]] == [200] * 3
    denied = [one for one in answers if one.status != 200]
    assert denied, "30 requests took ten seconds"
    refused(denied[0], "Throttling.User", 400)
    assert int(denied[0].headers["x-acs-retry-after"]) > 0
    # Another operation and another account have flows of their own.
    assert wire.v1("DescribeVpcs").status in (200, 400)
    assert wire.v1("DescribeRegions").status == 200
    assert wire_of(strict).v1("DescribeVpcs").status == 200


def test_a_write_can_not_be_replayed_after_a_restart(tmp_path: Path) -> None:
    server = Server(tmp_path / "cloud")
    server.start()
    wire = wire_of(server)
    target = "/?" + urlencode(wire.v1_parameters("CreateVpc", "GET", {}))
    token = {"ClientToken": "t", "VpcName": "once"}
    assert wire.send("GET", target).status == 200
    made = wire.v1("CreateVpc", **token).fields["VpcId"]
    server.kill()
    server.start()
    refused(wire.send("GET", target), "SignatureNonceUsed", 400)
    assert wire.v1("CreateVpc", **token).fields["VpcId"] == made
    assert wire.v1("DescribeVpcs").fields["TotalCount"] == 2
    server.stop()


@pytest.fixture
def session(wire: Wire) -> Wire:
    """A role's temporary credentials, which may do anything in VPC."""
    ram, sts = wire.but(version="2015-05-01"), wire.but(version="2015-04-01")
    account_id = sts.v1("GetCallerIdentity").fields["AccountId"]
    trust = (
        '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
        f'"Principal":{{"RAM":["acs:ram::{account_id}:root"]}}}}]}}'
    )
    role = ram.v1("CreateRole", RoleName="r", AssumeRolePolicyDocument=trust).fields["Role"]
    ram.v1("AttachPolicyToRole", PolicyType="System", PolicyName="AliyunVPCFullAccess", RoleName="r")
    # An account itself can not assume a role; a user of its can.
    ram.v1("CreateUser", UserName="u")
    ram.v1("AttachPolicyToUser", PolicyType="System", PolicyName="AliyunSTSAssumeRoleAccess", UserName="u")
    key = ram.v1("CreateAccessKey", UserName="u").fields["AccessKey"]
    user = sts.but(access_key_id=key["AccessKeyId"], access_key_secret=key["AccessKeySecret"])
    got = user.v1("AssumeRole", RoleArn=role["Arn"], RoleSessionName="test").fields["Credentials"]
    return wire.but(
        access_key_id=got["AccessKeyId"],
        access_key_secret=got["AccessKeySecret"],
        security_token=got["SecurityToken"],
    )


def test_temporary_credentials_work_in_every_signature(session: Wire) -> None:
    assert session.v1("CreateVpc").status == 200
    assert session.v1_form("DescribeVpcs").status == 200
    assert session.v3("DescribeVpcs").fields["TotalCount"] == 1


def test_what_a_roles_policies_do_not_allow_is_refused(session: Wire) -> None:
    answer = session.but(version="2014-05-26").v1("DescribeInstances", RegionId="cn-hangzhou")
    assert answer.status == 403
    assert answer.code.startswith("Forbidden")


def test_a_token_that_is_missing_wrong_or_of_another_key(session: Wire, wire: Wire) -> None:
    refused(session.but(security_token="").v1("DescribeVpcs"), "MissingSecurityToken", 400)
    refused(session.but(security_token="").v3("DescribeVpcs"), "MissingSecurityToken", 400)
    broken = session.security_token[:-9] + "AAAAAAAA="
    for token in ("x", "CAIS", "CAISAAAA", broken, session.security_token[4:]):
        refused(session.but(security_token=token).v1("DescribeVpcs"), "InvalidSecurityToken.Malformed", 400)
    other = wire.but(security_token=session.security_token)
    refused(other.v1("DescribeVpcs"), "InvalidSecurityToken.MismatchWithAccessKey", 400)
    wrong = session.but(access_key_secret="wrong")
    refused(wrong.v1("DescribeVpcs"), "SignatureDoesNotMatch", 400)


def test_a_role_that_is_gone_takes_its_sessions_along(session: Wire, wire: Wire) -> None:
    ram = wire.but(version="2015-05-01")
    ram.v1("DetachPolicyFromRole", PolicyType="System", PolicyName="AliyunVPCFullAccess", RoleName="r")
    assert session.v1("DescribeVpcs").status == 403
    assert ram.v1("DeleteRole", RoleName="r").status == 200
    refused(session.v1("DescribeVpcs"), "InvalidSecurityToken.Expired", 400)
