"""When lifecycle rules strike, by a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from openyun.errors import CloudError
from openyun.services.oss.bucket.lifecycle import LIFECYCLE, Rule
from openyun.services.oss.records import Object
from openyun.services.oss.work.aging import verdict


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def rule(inner: str) -> Rule:
    document = f"<LifecycleConfiguration><Rule><Status>Enabled</Status>{inner}</Rule></LifecycleConfiguration>"
    return LIFECYCLE.read(document.encode()).rule[0]


def thing(modified: str, storage_class: str = "Standard", size: int = 1) -> Object:
    return Object(
        bucket="b",
        name="a/b",
        size=size,
        etag="",
        crc64=0,
        modified=at(modified),
        storage_class=storage_class,
        content_type="",
    )


@pytest.mark.parametrize(
    ("now", "said"),
    [("2026-03-03T12:00:00", ""), ("2026-03-03T23:59:59", ""), ("2026-03-04T00:00:00", "expire")],
)
def test_days_end_at_midnight(now: str, said: str) -> None:
    one = thing("2026-03-01T12:00:00")
    assert verdict(rule("<Expiration><Days>2</Days></Expiration>"), one, at(now)) == said


def test_of_several_steps_the_coldest_that_is_due_counts() -> None:
    steps = rule(
        "<Transition><Days>10</Days><StorageClass>IA</StorageClass></Transition>"
        "<Transition><Days>20</Days><StorageClass>Archive</StorageClass></Transition>"
    )
    one = thing("2026-03-01T00:00:00")
    assert verdict(steps, one, at("2026-03-10T00:00:00")) == ""
    assert verdict(steps, one, at("2026-03-12T00:00:00")) == "IA"
    assert verdict(steps, one, at("2026-03-25T00:00:00")) == "Archive"
    assert verdict(steps, thing("2026-03-01T00:00:00", "ColdArchive"), at("2026-03-25T00:00:00")) == ""


def test_steps_by_access_need_to_know_it() -> None:
    step = rule(
        "<Transition><Days>10</Days><StorageClass>IA</StorageClass><IsAccessTime>true</IsAccessTime>"
        "<AllowSmallFile>false</AllowSmallFile></Transition>"
    )
    large = thing("2026-03-01T00:00:00", size=100_000)
    now = at("2026-03-20T00:00:00")
    assert verdict(step, large, now) == ""
    assert verdict(step, large, now, at("2026-03-15T00:00:00")) == ""
    assert verdict(step, large, now, at("2026-03-02T00:00:00")) == "IA"
    assert verdict(step, thing("2026-03-01T00:00:00"), now, at("2026-03-02T00:00:00")) == ""


def test_a_date_expires_all_once_it_has_come() -> None:
    by_date = rule("<Expiration><Date>2026-03-01T00:00:00.000Z</Date></Expiration>")
    assert verdict(by_date, thing("2026-02-01T00:00:00"), at("2026-02-28T23:59:59")) == ""
    assert verdict(by_date, thing("2026-03-05T00:00:00"), at("2026-03-05T00:00:00")) == "expire"


def test_an_unknown_element_is_no_rule() -> None:
    with pytest.raises(CloudError) as refused:
        rule("<Expire><Days>1</Days></Expire>")
    assert refused.value.code == "MalformedXML"
