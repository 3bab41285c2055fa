from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from openyun.access.identity import Role, touch
from openyun.services.ecs.instance import metadata
from openyun.state import Transaction
from tests.unit.region import ACCOUNT, Place

TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":["ecs.aliyuncs.com"]}}]}'
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def ask(place: Place, path: str, method: str = "GET", address: str = "10.1.0.1", **headers: str) -> tuple[int, str]:
    subject = place.at.store.read(lambda state: metadata.find(state, "vpc-1", address))
    assert subject is not None
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    status, _, body = metadata.answer(place.cloud, place.at, subject, method, path, names)
    return status, body.decode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("instance-id", "i-bp1"),
        ("region-id", "cn-hangzhou"),
        ("zone-id", "cn-hangzhou-b"),
        ("hostname", "one"),
        ("private-ipv4", "10.1.0.1"),
        ("mac", "00:16:3e:01:00:01"),
        ("vpc-id", "vpc-1"),
        ("vpc-cidr-block", "10.0.0.0/8"),
        ("vswitch-id", "vsw-1"),
        ("vswitch-cidr-block", "10.1.0.0/24"),
        ("image-id", "debian_12_x64_20G_alibase_20261101.vhd"),
        ("instance/instance-type", "ecs.g7.large"),
        ("owner-account-id", ACCOUNT),
        ("network-type", "vpc"),
        ("network/interfaces/macs/", "00:16:3e:01:00:01/"),
        ("network/interfaces/macs/00:16:3e:01:00:01/gateway", "10.1.0.253"),
        ("network/interfaces/macs/00:16:3e:01:00:01/netmask", "255.255.255.0"),
        ("network/interfaces/macs/00:16:3e:01:00:01/private-ipv4s", '["10.1.0.1"]'),
        ("public-keys/0/openssh-key", "ssh-ed25519 AAAA"),
        ("public-ipv4", "198.18.0.20"),
    ],
)
def test_what_an_instance_learns_of_itself(place: Place, path: str, text: str) -> None:
    place.add(public_key="ssh-ed25519 AAAA", public_address="198.18.0.20")
    assert ask(place, f"/latest/meta-data/{path}") == (200, text)


def test_folders_list_what_is_in_them(place: Place) -> None:
    place.add()
    assert ask(place, "/latest/") == (200, "dynamic/\nmeta-data/\nuser-data")
    listing = ask(place, "/latest/meta-data")[1].splitlines()
    assert "instance-id" in listing
    assert "network/" in listing
    assert "public-ipv4" not in listing


@pytest.mark.parametrize(
    "path", ["/latest/meta-data/none", "/latest/meta-data/mac/deeper", "/none", "/latest/user-data"]
)
def test_what_there_is_not(place: Place, path: str) -> None:
    place.add()
    assert ask(place, path) == (404, "")


def test_user_data_and_the_identity_document(place: Place) -> None:
    place.add(sealed_user_data=place.sealed(b"#!/bin/sh\necho"))
    assert ask(place, "/latest/user-data") == (200, "#!/bin/sh\necho")
    document = json.loads(ask(place, "/latest/dynamic/instance-identity/document")[1])
    assert (document["instance-id"], document["owner-account-id"]) == ("i-bp1", ACCOUNT)


def test_only_the_instance_at_the_address_is_found(place: Place) -> None:
    place.add()
    place.add("i-bp2", private_address="10.1.0.2")
    place.add("i-bp3", private_address="10.1.0.3", wanted="Deleted")
    assert ask(place, "/latest/meta-data/instance-id", address="10.1.0.2") == (200, "i-bp2")
    for vpc_id, address in (("vpc-1", "10.1.0.3"), ("vpc-1", "10.1.0.9"), ("vpc-2", "10.1.0.1")):
        assert place.at.store.read(lambda state, v=vpc_id, a=address: metadata.find(state, v, a)) is None  # type: ignore[misc]


# The hardened mode


def test_a_token_is_needed_where_it_is_required(place: Place) -> None:
    place.add(http_tokens="required")
    path = "/latest/meta-data/instance-id"
    assert ask(place, path)[0] == 403
    status, token = ask(place, "/latest/api/token", "PUT", x_aliyun_ecs_metadata_token_ttl_seconds="60")
    assert status == 200
    assert ask(place, path, x_aliyun_ecs_metadata_token=token) == (200, "i-bp1")
    assert ask(place, path, x_aliyun_ecs_metadata_token="forged")[0] == 401
    place.clock.at += timedelta(seconds=61)
    assert ask(place, path, x_aliyun_ecs_metadata_token=token)[0] == 401


def test_a_token_is_good_for_its_own_instance_only(place: Place) -> None:
    place.add()
    place.add("i-bp2", private_address="10.1.0.2")
    _, token = ask(place, "/latest/api/token", "PUT", x_aliyun_ecs_metadata_token_ttl_seconds="60")
    path = "/latest/meta-data/instance-id"
    assert ask(place, path, address="10.1.0.2", x_aliyun_ecs_metadata_token=token)[0] == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"x_aliyun_ecs_metadata_token_ttl_seconds": "0"}, 400),
        ({"x_aliyun_ecs_metadata_token_ttl_seconds": "21601"}, 400),
        ({"x_aliyun_ecs_metadata_token_ttl_seconds": "9" * 5000}, 400),
        ({"x_aliyun_ecs_metadata_token_ttl_seconds": "000001" + "9" * 20}, 400),
        ({"x_aliyun_ecs_metadata_token_ttl_seconds": "\u0661"}, 400),
        ({"x_aliyun_ecs_metadata_token_ttl_seconds": "60", "x_forwarded_for": "1.2.3.4"}, 403),
    ],
)
def test_tokens_that_are_not_given(place: Place, headers: dict[str, Any], status: int) -> None:
    place.add()
    assert ask(place, "/latest/api/token", "PUT", **headers) == (status, "")


def test_a_closed_endpoint_tells_nothing(place: Place) -> None:
    place.add(http_endpoint="disabled")
    assert ask(place, "/latest/meta-data/instance-id") == (403, "")
    assert ask(place, "/latest/api/token", "PUT", x_aliyun_ecs_metadata_token_ttl_seconds="60") == (403, "")


# Credentials


def make_role(place: Place, trust: str = TRUST) -> None:
    def work(state: Transaction) -> None:
        state.put(Role(account_id=ACCOUNT, name="worker", id="3000", trust_policy=trust))
        touch(state)

    place.write(work)


def test_a_role_gives_credentials_that_the_cloud_knows(place: Place) -> None:
    make_role(place)
    place.add(ram_role_name="worker")
    assert ask(place, "/latest/meta-data/ram/security-credentials/") == (200, "worker")
    status, text = ask(place, "/latest/meta-data/ram/security-credentials/worker")
    given = json.loads(text)
    assert (status, given["Code"]) == (200, "Success")
    found = place.at.store.read(
        lambda state: place.cloud.directory.credential(
            state, given["AccessKeyId"], given["SecurityToken"], place.clock.at
        )
    )
    assert found.secret == given["AccessKeySecret"]
    assert (found.principal.kind, found.principal.name, found.principal.session_name) == ("role", "worker", "i-bp1")


def test_a_role_that_is_gone_or_trusts_others_gives_none(place: Place) -> None:
    place.add(ram_role_name="worker")
    path = "/latest/meta-data/ram/security-credentials/worker"
    assert ask(place, path) == (404, "")
    make_role(place, TRUST.replace("ecs.", "fc."))
    assert ask(place, path) == (404, "")
