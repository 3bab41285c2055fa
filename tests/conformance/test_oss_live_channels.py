"""LiveChannels, through oss2."""

from __future__ import annotations

import oss2
import pytest

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import oss2_bucket


@pytest.fixture
def bucket(cloud: Cloud) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    return made


def info(**given: object) -> oss2.models.LiveChannelInfo:
    target = oss2.models.LiveChannelInfoTarget(frag_duration=7, frag_count=4, playlist_name="list.m3u8")
    return oss2.models.LiveChannelInfo(target=target, **given)


def test_a_channel_is_made_told_of_changed_and_deleted(bucket: oss2.Bucket) -> None:
    made = bucket.create_live_channel("show", info(description="Talk & more"))
    assert made.publish_url.startswith(f"rtmp://{bucket.bucket_name}.")
    assert made.publish_url.endswith("/live/show")
    assert made.play_url.endswith("/show/list.m3u8")
    found = bucket.get_live_channel("show")
    assert (found.description, found.status) == ("Talk & more", "enabled")
    assert (found.target.frag_duration, found.target.frag_count) == ("7", "4")
    assert bucket.get_live_channel_stat("show").status == "Idle"
    assert bucket.get_live_channel_history("show").records == []
    bucket.put_live_channel_status("show", "disabled")
    assert bucket.get_live_channel("show").status == "disabled"
    assert bucket.get_live_channel_stat("show").status == "Disabled"
    bucket.delete_live_channel("show")
    with pytest.raises(oss2.exceptions.NoSuchLiveChannel):
        bucket.get_live_channel("show")


def test_listing_by_pages_and_prefix(bucket: oss2.Bucket) -> None:
    for name in ("a1", "a2", "a3", "b1"):
        bucket.create_live_channel(name, info())
    first = bucket.list_live_channel(prefix="a", max_keys=2)
    assert ([one.name for one in first.channels], first.is_truncated, first.next_marker) == (["a1", "a2"], True, "a2")
    rest = bucket.list_live_channel(prefix="a", marker="a2", max_keys=2)
    assert ([one.name for one in rest.channels], rest.is_truncated) == (["a3"], False)
    assert [one.name for one in oss2.LiveChannelIterator(bucket, max_keys=1)] == ["a1", "a2", "a3", "b1"]


@pytest.mark.parametrize(
    "wrong",
    [
        oss2.models.LiveChannelInfo(status="asleep"),
        oss2.models.LiveChannelInfo(description="x" * 129),
        oss2.models.LiveChannelInfo(target=oss2.models.LiveChannelInfoTarget(frag_count=0)),
        oss2.models.LiveChannelInfo(target=oss2.models.LiveChannelInfoTarget(playlist_name="list.mp4")),
    ],
    ids=["status", "description", "fragments", "playlist"],
)
def test_a_bad_channel(bucket: oss2.Bucket, wrong: oss2.models.LiveChannelInfo) -> None:
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.create_live_channel("show", wrong)


def test_playlists_are_refused_since_there_is_no_stream(bucket: oss2.Bucket) -> None:
    bucket.create_live_channel("show", info())
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.post_vod_playlist("show", "vod.m3u8", 1, 2)
    with pytest.raises(oss2.exceptions.InvalidArgument):
        bucket.get_vod_playlist("show", 1, 2)


def test_a_deleted_bucket_takes_its_channels_along(bucket: oss2.Bucket) -> None:
    bucket.create_live_channel("show", info())
    bucket.delete_bucket()
    bucket.create_bucket()
    assert bucket.list_live_channel().channels == []
