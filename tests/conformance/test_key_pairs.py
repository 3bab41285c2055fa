"""SSH key pairs through the official SDK."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client as Ecs
from alibabacloud_vpc20160428.client import Client as Vpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.conformance.asking import made
from tests.conformance.conftest import REGION, Cloud, refused
from tests.conformance.networks import make_group, make_v_switch, make_vpc, run_instance


def openssh(public: rsa.RSAPublicKey | ed25519.Ed25519PublicKey) -> str:
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()


def fingerprint(line: str) -> str:
    return hashlib.md5(base64.b64decode(line.split()[1])).hexdigest()


@pytest.fixture
def public_key() -> str:
    return openssh(ed25519.Ed25519PrivateKey.generate().public_key())


def create(ecs: Ecs, name: str, **fields: object) -> models.CreateKeyPairResponseBody:
    return ecs.create_key_pair(models.CreateKeyPairRequest(region_id=REGION, key_pair_name=name, **fields)).body


def import_(ecs: Ecs, name: str, body: str, **fields: object) -> models.ImportKeyPairResponseBody:
    ask = models.ImportKeyPairRequest(region_id=REGION, key_pair_name=name, public_key_body=body, **fields)
    return ecs.import_key_pair(ask).body


def listed(ecs: Ecs, **filters: object) -> list[str]:
    ask = models.DescribeKeyPairsRequest(region_id=REGION, **filters)
    return [one.key_pair_name for one in ecs.describe_key_pairs(ask).body.key_pairs.key_pair]


def test_a_created_pair_fits_together(ecs: Ecs) -> None:
    made = create(ecs, "mine")
    assert made.private_key_body.startswith("-----BEGIN RSA PRIVATE KEY-----\n")
    private = serialization.load_pem_private_key(made.private_key_body.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size == 2048
    public = openssh(private.public_key())
    ask = models.DescribeKeyPairsRequest(region_id=REGION, include_public_key=True)
    (one,) = ecs.describe_key_pairs(ask).body.key_pairs.key_pair
    assert (one.key_pair_name, one.public_key) == ("mine", public)
    assert one.key_pair_finger_print == made.key_pair_finger_print == fingerprint(public)
    assert made.key_pair_id.startswith("ssh-bp1")


def test_an_imported_pair(ecs: Ecs, public_key: str) -> None:
    made = import_(ecs, "laptop", f"  {public_key} me@laptop\n")
    assert made.key_pair_finger_print == fingerprint(public_key)
    without, with_key = (
        ecs.describe_key_pairs(
            models.DescribeKeyPairsRequest(region_id=REGION, include_public_key=include)
        ).body.key_pairs.key_pair[0]
        for include in (False, True)
    )
    assert without.public_key is None
    assert with_key.public_key == f"{public_key} me@laptop"


@pytest.mark.parametrize(
    "body",
    ["ssh-rsa", "not a key at all", "ssh-rsa AAAA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"],
)
def test_what_is_no_public_key(ecs: Ecs, body: str) -> None:
    with refused("InvalidPublicKeyBody.Malformed", 400):
        import_(ecs, "wrong", body)
    assert listed(ecs) == []


def test_a_second_line_is_not_smuggled_in(ecs: Ecs, public_key: str) -> None:
    with refused("InvalidPublicKeyBody.Malformed", 400):
        import_(ecs, "two", f"{public_key} me\n{public_key} stranger")


@pytest.mark.parametrize("name", ["x", "1st", "_x", "http://key", "a b", "k" * 129])
def test_what_a_name_cannot_be(ecs: Ecs, name: str) -> None:
    with refused("InvalidKeyPairName.Malformed", 400):
        create(ecs, name)


def test_names_are_unique_in_an_account_and_region(ecs: Ecs, cloud: Cloud, other_cloud: Cloud, public_key: str) -> None:
    import_(ecs, "same", public_key)
    with refused("KeyPair.AlreadyExist", 400):
        import_(ecs, "same", public_key)
    with refused("KeyPair.AlreadyExist", 400):
        create(ecs, "same")
    import_(Ecs(other_cloud.config()), "same", public_key)
    elsewhere = models.ImportKeyPairRequest(region_id="me-east-1", key_pair_name="same", public_key_body=public_key)
    ecs.import_key_pair(elsewhere)
    assert listed(ecs) == ["same"]


def test_pairs_are_found_by_what_they_are(cloud: Cloud, ecs: Ecs, public_key: str) -> None:
    made_group = made(cloud, "resourcemanager:CreateResourceGroup", Name="databases", DisplayName="databases")
    group = made_group["ResourceGroup"]["Id"]
    import_(ecs, "web-one", public_key, tag=[models.ImportKeyPairRequestTag(key="tier", value="web")])
    import_(ecs, "web-two", openssh(ed25519.Ed25519PrivateKey.generate().public_key()))
    import_(ecs, "db", openssh(ed25519.Ed25519PrivateKey.generate().public_key()), resource_group_id=group)
    tag = models.DescribeKeyPairsRequestTag
    assert listed(ecs, key_pair_name="web-one") == ["web-one"]
    assert listed(ecs, key_pair_name="web") == []
    assert listed(ecs, key_pair_name="web*") == ["web-one", "web-two"]
    assert listed(ecs, key_pair_name="*-t*") == ["web-two"]
    assert listed(ecs, key_pair_finger_print=fingerprint(public_key)) == ["web-one"]
    assert listed(ecs, resource_group_id=group) == ["db"]
    assert listed(ecs, tag=[tag(key="tier", value="web")]) == ["web-one"]
    assert listed(ecs, tag=[tag(key="tier", value="db")]) == []


def test_pairs_come_in_pages(ecs: Ecs, public_key: str) -> None:
    for number in range(3):
        import_(ecs, f"key-{number}", public_key)
    body = ecs.describe_key_pairs(models.DescribeKeyPairsRequest(region_id=REGION, page_number=2, page_size=2)).body
    assert (body.total_count, body.page_number, body.page_size) == (3, 2, 2)
    assert [one.key_pair_name for one in body.key_pairs.key_pair] == ["key-2"]
    with refused("InvalidParameter.PageSize", 400):
        listed(ecs, page_size=51)


def test_several_pairs_are_deleted_at_once(ecs: Ecs, public_key: str) -> None:
    for name in ("one", "two", "three"):
        import_(ecs, name, public_key)
    delete = models.DeleteKeyPairsRequest
    ecs.delete_key_pairs(delete(region_id=REGION, key_pair_names=json.dumps(["one", "two", "nobody"])))
    assert listed(ecs) == ["three"]
    with refused("InvalidKeyPairNames.ValueNotSupported", 400):
        ecs.delete_key_pairs(delete(region_id=REGION, key_pair_names=json.dumps([f"k{n}" for n in range(101)])))


def test_a_pair_is_attached_and_detached(ecs: Ecs, vpc: Vpc, public_key: str) -> None:
    vpc_id = make_vpc(vpc)
    instance_id = run_instance(ecs, make_v_switch(vpc, vpc_id), make_group(ecs, vpc_id))
    import_(ecs, "mine", public_key)
    both = json.dumps([instance_id, "i-bp1aaaaaaaaaaaaaaaaa"])

    def key_of_instance() -> str:
        ask = models.DescribeInstancesRequest(region_id=REGION, instance_ids=json.dumps([instance_id]))
        return ecs.describe_instances(ask).body.instances.instance[0].key_pair_name or ""

    body = ecs.attach_key_pair(
        models.AttachKeyPairRequest(region_id=REGION, key_pair_name="mine", instance_ids=both)
    ).body
    assert (body.key_pair_name, body.total_count, body.fail_count) == ("mine", "2", "1")
    assert [(one.instance_id, one.success, one.code) for one in body.results.result] == [
        (instance_id, "true", "200"),
        ("i-bp1aaaaaaaaaaaaaaaaa", "false", "InvalidInstanceId.NotFound"),
    ]
    assert key_of_instance() == "mine"
    ask = models.DetachKeyPairRequest(region_id=REGION, key_pair_name="mine", instance_ids=json.dumps([instance_id]))
    assert ecs.detach_key_pair(ask).body.fail_count == "0"
    assert key_of_instance() == ""


def test_a_pair_that_is_not_there_is_not_attached(ecs: Ecs, public_key: str) -> None:
    attach = models.AttachKeyPairRequest
    with refused("InvalidKeyPairName.NotFound", 400):
        ecs.attach_key_pair(attach(region_id=REGION, key_pair_name="nobody", instance_ids='["i-1"]'))
    import_(ecs, "mine", public_key)
    many = json.dumps([f"i-{number}" for number in range(51)])
    with refused("InvalidInstanceIds.ValueNotSupported", 400):
        ecs.attach_key_pair(attach(region_id=REGION, key_pair_name="mine", instance_ids=many))
