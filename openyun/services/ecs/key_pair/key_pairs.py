"""SSH key pairs. The private half is shown once, when the pair is created, and kept nowhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

from openyun.access.wildcard import matches
from openyun.clock import iso_minutes
from openyun.errors import CloudError
from openyun.operation import UNSET, Call, Model, Request, Response, Tag, Unset
from openyun.services.ecs import tags
from openyun.services.ecs.errors import IncorrectInstanceStatus
from openyun.services.ecs.instance import instances
from openyun.services.ecs.key_pair.errors import (
    InvalidInstanceIds,
    InvalidKeyPairName,
    InvalidKeyPairNames,
    InvalidPublicKeyBody,
    KeyPairAlreadyExist,
    KeyPairNameNotFound,
    QuotaExceedKeyPair,
)
from openyun.services.ecs.records import Instance, KeyPair
from openyun.services.ecs.service import ecs
from openyun.services.naming import is_name
from openyun.services.paging import Paged, page_of
from openyun.services.tags import TagFields, carries, shown

MOST_KEY_PAIRS = 500
"""of an account in a region"""
MOST_NAMES = 100
"""in one request to delete"""
MOST_INSTANCES = 50
"""in one request to attach or detach"""
BITS = 2048

_NAME = re.compile(r"[^\W\d_][\w:.\-]*")


# What other parts of the ECS service may ask.


def find(call: Call, name: str) -> KeyPair:
    """The account's key pair; raises KeyPairNameNotFound."""
    found = call.state.get(KeyPair, call.account_id, name)
    if found is None:
        raise KeyPairNameNotFound
    return found


# CreateKeyPair, ImportKeyPair


class CreateKeyPairRequest(Request, kw_only=True):
    key_pair_name: str
    resource_group_id: str = ""
    tag: list[Tag] = []


class CreateKeyPairResponse(Response, kw_only=True):
    key_pair_id: str
    key_pair_name: str
    key_pair_finger_print: str
    private_key_body: str


@ecs.operation(resource="keypair/*", before=lambda _: _new_rsa_key())
def create_key_pair(call: Call, ask: CreateKeyPairRequest) -> CreateKeyPairResponse:
    checked = _admitted(call, ask)
    public, private = call.prepared
    made = _insert(call, ask, public, checked)
    return CreateKeyPairResponse(
        key_pair_id=made.id,
        key_pair_name=made.name,
        key_pair_finger_print=made.fingerprint,
        private_key_body=private,
    )


class ImportKeyPairRequest(Request, kw_only=True):
    key_pair_name: str
    public_key_body: str
    resource_group_id: str = ""
    tag: list[Tag] = []


class ImportKeyPairResponse(Response, kw_only=True):
    key_pair_name: str
    key_pair_finger_print: str


@ecs.operation(resource="keypair/*")
def import_key_pair(call: Call, ask: ImportKeyPairRequest) -> ImportKeyPairResponse:
    checked = _admitted(call, ask)
    made = _insert(call, ask, _openssh_line(ask.public_key_body), checked)
    return ImportKeyPairResponse(key_pair_name=made.name, key_pair_finger_print=made.fingerprint)


# DescribeKeyPairs


class KeyPairFields(Model, kw_only=True):
    key_pair_name: str
    key_pair_finger_print: str
    public_key: str | Unset = UNSET
    creation_time: str
    resource_group_id: str
    tags: TagFields


class KeyPairs(Model, kw_only=True):
    key_pair: list[KeyPairFields]


class DescribeKeyPairsRequest(Paged, Request, kw_only=True):
    key_pair_name: str = ""
    """`*` stands for any text"""
    key_pair_finger_print: str = ""
    include_public_key: bool = False
    resource_group_id: str = ""
    tag: list[Tag] = []


class DescribeKeyPairsResponse(Response, kw_only=True):
    page_number: int
    page_size: int
    total_count: int
    key_pairs: KeyPairs


@ecs.operation(resource="keypair/*")
def describe_key_pairs(call: Call, ask: DescribeKeyPairsRequest) -> DescribeKeyPairsResponse:
    pattern = ask.key_pair_name.replace("?", "\0")  # the star alone is special here
    found = [
        one
        for one in call.state.find(KeyPair, account_id=call.account_id)
        if (not pattern or matches(pattern, one.name))
        and ask.key_pair_finger_print in ("", one.fingerprint)
        and ask.resource_group_id in ("", one.resource_group_id)
        and carries(one.tags, ask.tag)
    ]
    return DescribeKeyPairsResponse(
        page_number=ask.page_number,
        page_size=ask.page_size,
        total_count=len(found),
        key_pairs=KeyPairs(
            key_pair=[
                KeyPairFields(
                    key_pair_name=one.name,
                    key_pair_finger_print=one.fingerprint,
                    public_key=one.public_key if ask.include_public_key else UNSET,
                    creation_time=one.created_at,
                    resource_group_id=one.resource_group_id,
                    tags=shown(one.tags),
                )
                for one in page_of(ask, found)
            ]
        ),
    )


# DeleteKeyPairs


class DeleteKeyPairsRequest(Request, kw_only=True):
    key_pair_names: list[str]


@ecs.operation(resource="keypair/{key_pair_names}")
def delete_key_pairs(call: Call, ask: DeleteKeyPairsRequest) -> Response:
    """Instances keep the public half that they have. A name that nobody has is as good as deleted."""
    if not 1 <= len(ask.key_pair_names) <= MOST_NAMES:
        raise InvalidKeyPairNames
    for name in ask.key_pair_names:
        found = call.state.get(KeyPair, call.account_id, name)
        if found is not None:
            call.state.delete(found)
    return Response()


# AttachKeyPair, DetachKeyPair


class Result(Model, kw_only=True):
    instance_id: str
    success: str = "true"
    code: str = "200"
    message: str = "successful"


class Results(Model, kw_only=True):
    result: list[Result]


class AttachKeyPairRequest(Request, kw_only=True):
    key_pair_name: str
    instance_ids: list[str]


class AttachKeyPairResponse(Response, kw_only=True):
    key_pair_name: str
    total_count: str
    fail_count: str
    results: Results


@ecs.operation(resource=("keypair/{key_pair_name}", "instance/{instance_ids}"))
def attach_key_pair(call: Call, ask: AttachKeyPairRequest) -> AttachKeyPairResponse:
    return AttachKeyPairResponse(**_each(call, ask, _attach))


class DetachKeyPairRequest(AttachKeyPairRequest, kw_only=True):
    pass


class DetachKeyPairResponse(AttachKeyPairResponse, kw_only=True):
    pass


@ecs.operation(resource=("keypair/{key_pair_name}", "instance/{instance_ids}"))
def detach_key_pair(call: Call, ask: DetachKeyPairRequest) -> DetachKeyPairResponse:
    return DetachKeyPairResponse(**_each(call, ask, _detach))


def _each(call: Call, ask: AttachKeyPairRequest, change: Callable[[KeyPair, Instance], bool]) -> dict[str, Any]:
    """The answer to a change of several instances, of which some may fail."""
    pair = find(call, ask.key_pair_name)
    if not 1 <= len(ask.instance_ids) <= MOST_INSTANCES:
        raise InvalidInstanceIds
    results = []
    for instance_id in dict.fromkeys(ask.instance_ids):
        try:
            instance = instances.find(call, instance_id)
            changed = change(pair, instance)
        except CloudError as problem:
            results.append(Result(instance_id=instance_id, success="false", code=problem.code, message=problem.text))
            continue
        if changed:
            instance.login_epoch += 1
            instance.due = True
            call.state.put(instance)
        results.append(Result(instance_id=instance_id))
    call.wake()
    return {
        "key_pair_name": pair.name,
        "total_count": str(len(results)),
        "fail_count": str(sum(one.success == "false" for one in results)),
        "results": Results(result=results),
    }


def _attach(pair: KeyPair, instance: Instance) -> bool:
    if instance.status not in ("Running", "Stopped"):
        raise IncorrectInstanceStatus
    instance.key_pair_name, instance.public_key = pair.name, pair.public_key
    return True


def _detach(pair: KeyPair, instance: Instance) -> bool:
    if instance.key_pair_name != pair.name:
        return False
    instance.key_pair_name = instance.public_key = ""
    return True


# Rules


def _admitted(call: Call, ask: CreateKeyPairRequest | ImportKeyPairRequest) -> dict[str, str]:
    """The checked tags of a pair that may be made."""
    if not is_name(ask.key_pair_name, shortest=2) or not _NAME.fullmatch(ask.key_pair_name):
        raise InvalidKeyPairName
    checked = tags.rules.checked(ask.tag)
    if call.state.get(KeyPair, call.account_id, ask.key_pair_name):
        raise KeyPairAlreadyExist
    if call.state.count(KeyPair, account_id=call.account_id) >= MOST_KEY_PAIRS:
        raise QuotaExceedKeyPair
    return checked


def _insert(
    call: Call, ask: CreateKeyPairRequest | ImportKeyPairRequest, public_key: str, checked: dict[str, str]
) -> KeyPair:
    blob = base64.b64decode(public_key.split(" ")[1])
    made = KeyPair(
        account_id=call.account_id,
        name=ask.key_pair_name,
        id=call.new_id("ssh"),
        public_key=public_key,
        fingerprint=hashlib.md5(blob, usedforsecurity=False).hexdigest(),
        resource_group_id=ask.resource_group_id,
        created_at=iso_minutes(call.now),
        tags=checked,
    )
    call.state.insert(made)
    return made


def _new_rsa_key() -> tuple[str, str]:
    """The public half in OpenSSH's form and the private one in PEM. cryptography loads slowly, so only here."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return public.decode(), private.decode()


def _openssh_line(text: str) -> str:
    """The key as one line of type, key and comment: nothing that a customer sends may begin a second line."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    line = text.strip()
    words = line.split(None, 2)
    if len(words) < 2 or not line.isprintable():
        raise InvalidPublicKeyBody
    try:
        load_ssh_public_key(" ".join(words[:2]).encode())
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidPublicKeyBody from None
    return " ".join(words)
