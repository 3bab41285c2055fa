"""Flat wire parameters to typed requests, by way of the official SDK's own flattening."""

from __future__ import annotations

import msgspec
import pytest
from alibabacloud_tea_openapi.utils import Utils as Tea
from hypothesis import example, given
from hypothesis import strategies as st

from openyun.errors import InvalidParameter, MissingParameter
from openyun.gateway.parameters import parse
from openyun.main import SERVICES
from openyun.operation import Model, Request, Tag


class Disk(Model, kw_only=True):
    size: int = 40
    category: str = "cloud_essd"
    encrypted: bool | None = None


class Card(Model, kw_only=True):
    v_switch_id: str
    security_group_ids: list[str] = []
    disks: list[Disk] = []


class RunRequest(Request, kw_only=True):
    image_id: str
    amount: int = 1
    price: float | None = None
    dry_run: bool = False
    system_disk: Disk | None = None
    tag: list[Tag] = []
    instance_ids: list[str] = []
    network_interface: list[Card] = []
    user_data: str = ""


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=10)
NUMBER = st.integers(-(10**15), 10**15)
DISK = st.builds(Disk, size=NUMBER, category=TEXT, encrypted=st.none() | st.booleans())
CARD = st.builds(
    Card, v_switch_id=TEXT, security_group_ids=st.lists(TEXT, max_size=3), disks=st.lists(DISK, max_size=2)
)
RUN = st.builds(
    RunRequest,
    image_id=TEXT,
    amount=NUMBER,
    price=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    dry_run=st.booleans(),
    system_disk=st.none() | DISK,
    tag=st.lists(st.builds(Tag, key=TEXT, value=TEXT), max_size=12),
    instance_ids=st.lists(TEXT, max_size=3),
    network_interface=st.lists(CARD, max_size=2),
    user_data=TEXT,
)


def flat(ask: Request) -> dict[str, str]:
    """As the SDK sends it: `Tag.1.Key`, truths in Python's spelling, nothing for None."""
    return {name: str(value) for name, value in Tea.query(msgspec.to_builtins(ask)).items()}


@given(RUN)
def test_what_the_sdk_flattens_comes_back(ask: RunRequest) -> None:
    assert parse(RunRequest, flat(ask)) == ask


@given(RUN, st.randoms())
def test_the_order_of_parameters_does_not_matter(ask: RunRequest, dice: object) -> None:
    pairs = list(flat(ask).items())
    dice.shuffle(pairs)  # type: ignore[attr-defined]  # hypothesis's own Random
    assert parse(RunRequest, dict(pairs)) == ask


@given(RUN)
def test_lists_and_structures_may_be_json_texts(ask: RunRequest) -> None:
    fields = msgspec.to_builtins(ask)
    texts = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in fields.items()
        if value is not None
    }
    assert parse(RunRequest, texts) == ask


def test_a_list_may_be_joined_by_commas() -> None:
    assert parse(RunRequest, {"ImageId": "m", "InstanceIds": "i-1, i-2,i-3"}).instance_ids == ["i-1", "i-2", "i-3"]


def test_what_is_unknown_or_empty_is_ignored() -> None:
    empty = {"ImageId": "m", "Amount": "", "Price": "", "DryRun": "", "SystemDisk.Size": "", "Unknown.1": "x"}
    assert parse(RunRequest, empty) == RunRequest(image_id="m", system_disk=Disk())


def test_numbers_have_gaps_and_come_in_any_order() -> None:
    given = {"ImageId": "m", "InstanceIds.10": "c", "InstanceIds.2": "a", "InstanceIds.9": "b", "InstanceIds.x": "no"}
    assert parse(RunRequest, given).instance_ids == ["a", "b", "c"]


@pytest.mark.parametrize("given", [{}, {"ImageId": ""}, {"ImageId.1": "m"}, {"imageid": "m"}, {"Image_Id": "m"}])
def test_what_is_mandatory_must_be_there(given: dict[str, str]) -> None:
    with pytest.raises((MissingParameter, InvalidParameter)) as caught:
        parse(RunRequest, given)
    assert "ImageId" in caught.value.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Amount", "many"),
        ("Amount", "1.5"),
        ("Amount", "9" * 19),
        ("Amount", "9" * 5000),
        ("DryRun", "yes"),
        ("SystemDisk", "[1]"),
        ("SystemDisk", "{"),
        ("SystemDisk", '{"Size":"big"}'),
        ("SystemDisk", '{"Size":' + "9" * 40 + "}"),
        ("SystemDisk.Size", "x"),
        ("Tag", "[1,2]"),
        ("Tag.1", "text"),
        ("Tag.1.Key.Deeper", "x"),
        ("InstanceIds", '[{"a":1}]'),
        ("InstanceIds", "[[[1]]]"),
        ("NetworkInterface.1.SecurityGroupIds.1", "no vSwitch with it"),
        ("UserData", "a\0b"),
        ("Tag.1.2.3.4.5.6.7.8.9.10", "deep"),
    ],
)
def test_a_value_that_does_not_fit_is_told_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        parse(RunRequest, {"ImageId": "m", name: value})
    assert caught.value.code == "InvalidParameter"
    assert len(caught.value.text) < 400


HOSTILE_NAME = st.lists(
    st.sampled_from(["ImageId", "Amount", "Tag", "SystemDisk", "NetworkInterface", "InstanceIds", "Key", "Disks"])
    | st.sampled_from(["1", "2", "0", "-1", "999999", "1e9", "١", "", " ", "__class__", "$", "\0", "x" * 50])
    | st.text(max_size=3),
    min_size=1,
    max_size=12,
).map(".".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["Key", "Value", "Size", "Disks"]), inner, max_size=3)
    ),
    max_leaves=6,
)
HOSTILE_VALUE = (
    st.text(max_size=8)
    | st.sampled_from(["[", "{", "[" * 5000, '{"a":' * 2000, "null", "[null]", "[[]]", '"\\ud800"', "9" * 99])
    | JSON.map(lambda value: msgspec.json.encode(value).decode())
)


@given(st.dictionaries(HOSTILE_NAME, HOSTILE_VALUE, max_size=8))
@example({"Tag": "x", "Tag.1.Key": "a", "ImageId": "m"})
@example({"Tag.1.Key": "a", "Tag": "x", "ImageId": "m"})
@example({"Tag.1": "{", "Tag.1.Key": "a", "ImageId": "m"})
def test_hostile_parameters_are_refused_in_the_vendors_words(given: dict[str, str]) -> None:
    try:
        ask = parse(RunRequest, given)
    except (InvalidParameter, MissingParameter) as problem:
        str(problem)  # the facts fit the message
        return
    assert isinstance(ask, RunRequest)
    assert msgspec.json.decode(msgspec.json.encode(ask), type=RunRequest) is not None


REQUESTS = [one.request for service in SERVICES for one in service.operations.values()]


@given(st.sampled_from(REQUESTS), st.data())
def test_no_operations_request_is_thrown_by_hostile_values(kind: type[Request], data: st.DataObject) -> None:
    heads = st.sampled_from(kind.__struct_encode_fields__ or ("None",))
    names = st.builds(lambda head, rest: head + rest, heads, st.sampled_from(["", ".1", ".1.Key", ".Size", ".1.1.1"]))
    given = data.draw(st.dictionaries(names, HOSTILE_VALUE, max_size=6))
    try:
        ask = parse(kind, given)
    except (InvalidParameter, MissingParameter):
        return
    assert isinstance(ask, kind)
    msgspec.json.encode(ask)
