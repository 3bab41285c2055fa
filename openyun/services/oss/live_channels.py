"""LiveChannels: what a bucket knows of RTMP streams. Nothing here takes a stream, so a channel is idle for ever, and
there is nothing that a playlist could be made of: PostVodPlaylist and GetVodPlaylist say so."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import msgspec

from openyun.errors import NotFound
from openyun.operation import Call, Model
from openyun.services.oss import xml
from openyun.services.oss.errors import InvalidArgument, InvalidObjectName, MalformedXML
from openyun.services.oss.paging import after_all_with
from openyun.services.oss.records import find_bucket
from openyun.services.oss.service import ObjectRequest, OssRequest, OssResponse, oss
from openyun.services.oss.times import iso
from openyun.state import Record, Transaction

_LONGEST_DESCRIPTION = 128
_PLAYLIST = re.compile(r"[^/]{1,122}\.m3u8")
_MOST = 1000


class NoSuchLiveChannel(NotFound):
    code = "NoSuchLiveChannel"
    message = "The specified live channel does not exist."


class LiveChannel(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_live_channel"
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "name")

    bucket: str
    name: str
    description: str = ""
    status: Literal["enabled", "disabled"] = "enabled"
    type: str = "HLS"
    frag_duration: int = 5
    """seconds of a segment"""
    frag_count: int = 3
    """segments in a playlist"""
    playlist_name: str = "playlist.m3u8"
    modified: int


def find_channel(state: Transaction, bucket: str, name: str) -> LiveChannel:
    """Raises NoSuchBucket, NoSuchLiveChannel."""
    find_bucket(state, bucket)
    found = state.get(LiveChannel, bucket, name)
    if found is None:
        raise NoSuchLiveChannel
    return found


def forget_channels(state: Transaction, bucket: str) -> None:
    """They go with their bucket."""
    for one in state.scan(LiveChannel, "name", bucket=bucket):
        state.delete(one)


class ChannelRequest(ObjectRequest, kw_only=True):
    host: str = ""
    """the Host header: addresses of streams are told in the words of the caller"""


class Urls(Model, kw_only=True):
    url: str


class CreateLiveChannelResult(Model, kw_only=True):
    publish_urls: Urls
    play_urls: Urls


class PutLiveChannelRequest(ChannelRequest, kw_only=True):
    document: bytes = b""


@oss.operation(resource="{bucket}/{key}")
def put_live_channel(call: Call, ask: PutLiveChannelRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    if not 1 <= len(ask.key.encode()) <= 1023 or "/" in ask.key:
        raise InvalidObjectName(ObjectName=ask.key)
    made = _read(ask, int(call.now.timestamp()))
    call.state.put(made)
    publish, play = _urls(ask.host, made)
    return OssResponse(
        root="CreateLiveChannelResult",
        document=CreateLiveChannelResult(publish_urls=Urls(url=publish), play_urls=Urls(url=play)),
    )


def _read(ask: PutLiveChannelRequest, now: int) -> LiveChannel:
    root = xml.parse(ask.document)
    if root.tag != "LiveChannelConfiguration" or root.find("Target") is None:
        raise MalformedXML
    description = xml.text_of(root, "Description")
    if len(description.encode()) > _LONGEST_DESCRIPTION:
        raise _invalid("Description", description)
    kind = xml.text_of(root, "Target/Type")
    if kind != "HLS":
        raise _invalid("Type", kind)
    playlist = xml.text_of(root, "Target/PlaylistName") or "playlist.m3u8"
    if not _PLAYLIST.fullmatch(playlist):
        raise _invalid("PlaylistName", playlist)
    return LiveChannel(
        bucket=ask.bucket,
        name=ask.key,
        description=description,
        status=_status(xml.text_of(root, "Status") or "enabled"),
        frag_duration=_number(xml.text_of(root, "Target/FragDuration") or "5", "FragDuration"),
        frag_count=_number(xml.text_of(root, "Target/FragCount") or "3", "FragCount"),
        playlist_name=playlist,
        modified=now,
    )


def _status(text: str) -> Literal["enabled", "disabled"]:
    if text == "enabled":
        return "enabled"
    if text == "disabled":
        return "disabled"
    raise _invalid("Status", text)


def _number(text: str, name: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:4]) <= 100:
        raise _invalid(name, text)
    return int(text)


def _invalid(name: str, value: str) -> InvalidArgument:
    return InvalidArgument(reason=f"{name} is invalid.", ArgumentName=name, ArgumentValue=value)


def _urls(host: str, channel: LiveChannel) -> tuple[str, str]:
    """Where a stream would be sent, and where it would be seen."""
    if not host.startswith(f"{channel.bucket}."):
        host = f"{channel.bucket}.{host}"
    return f"rtmp://{host}/live/{channel.name}", f"http://{host}/{channel.name}/{channel.playlist_name}"


class Target(Model, kw_only=True):
    type: str
    frag_duration: int
    frag_count: int
    playlist_name: str


class LiveChannelConfiguration(Model, kw_only=True):
    description: str
    status: str
    target: Target


class GetLiveChannelRequest(ChannelRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}/{key}")
def get_live_channel(call: Call, ask: GetLiveChannelRequest) -> OssResponse:
    found = find_channel(call.state, ask.bucket, ask.key)
    target = Target(
        type=found.type,
        frag_duration=found.frag_duration,
        frag_count=found.frag_count,
        playlist_name=found.playlist_name,
    )
    document = LiveChannelConfiguration(description=found.description, status=found.status, target=target)
    return OssResponse(root="LiveChannelConfiguration", document=document)


class LiveChannelStat(Model, kw_only=True):
    status: str


class GetLiveChannelStatRequest(ChannelRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}/{key}")
def get_live_channel_stat(call: Call, ask: GetLiveChannelStatRequest) -> OssResponse:
    found = find_channel(call.state, ask.bucket, ask.key)
    status = "Idle" if found.status == "enabled" else "Disabled"
    return OssResponse(root="LiveChannelStat", document=LiveChannelStat(status=status))


class GetLiveChannelHistoryRequest(ChannelRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}/{key}")
def get_live_channel_history(call: Call, ask: GetLiveChannelHistoryRequest) -> OssResponse:
    find_channel(call.state, ask.bucket, ask.key)
    return OssResponse(root="LiveChannelHistory", document="")


class PutLiveChannelStatusRequest(ChannelRequest, kw_only=True):
    status: str


@oss.operation(resource="{bucket}/{key}")
def put_live_channel_status(call: Call, ask: PutLiveChannelStatusRequest) -> OssResponse:
    found = find_channel(call.state, ask.bucket, ask.key)
    found.status = _status(ask.status)
    found.modified = int(call.now.timestamp())
    call.state.put(found)
    return OssResponse()


class DeleteLiveChannelRequest(ChannelRequest, kw_only=True):
    pass


@oss.operation(resource="{bucket}/{key}")
def delete_live_channel(call: Call, ask: DeleteLiveChannelRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    found = call.state.get(LiveChannel, ask.bucket, ask.key)
    if found is not None:
        call.state.delete(found)
    return OssResponse(status=204)


class ListLiveChannelRequest(OssRequest, kw_only=True):
    prefix: str = ""
    marker: str = ""
    max_keys: int = 100
    host: str = ""


class ListedChannel(Model, kw_only=True):
    name: str
    description: str
    status: str
    last_modified: str
    publish_urls: Urls
    play_urls: Urls


class ListLiveChannelResult(Model, kw_only=True):
    prefix: str
    marker: str
    max_keys: int
    is_truncated: bool = False
    next_marker: str | None = None
    live_channel: list[ListedChannel]


@oss.operation(resource="{bucket}")
def list_live_channel(call: Call, ask: ListLiveChannelRequest) -> OssResponse:
    find_bucket(call.state, ask.bucket)
    if not 1 <= ask.max_keys <= _MOST:
        raise _invalid("max-keys", str(ask.max_keys))
    start, after = (None, ask.marker) if ask.marker >= ask.prefix and ask.marker else (ask.prefix or None, None)
    before = after_all_with(ask.prefix) if ask.prefix else None
    found = call.state.scan(
        LiveChannel, "name", start=start, after=after, before=before, limit=ask.max_keys + 1, bucket=ask.bucket
    )
    page = found[: ask.max_keys]
    result = ListLiveChannelResult(
        prefix=ask.prefix,
        marker=ask.marker,
        max_keys=ask.max_keys,
        is_truncated=len(found) > len(page),
        next_marker=page[-1].name if len(found) > len(page) else None,
        live_channel=[_listed(ask.host, one) for one in page],
    )
    return OssResponse(root="ListLiveChannelResult", document=result)


def _listed(host: str, one: LiveChannel) -> ListedChannel:
    publish, play = _urls(host, one)
    return ListedChannel(
        name=one.name,
        description=one.description,
        status=one.status,
        last_modified=iso(one.modified),
        publish_urls=Urls(url=publish),
        play_urls=Urls(url=play),
    )


class PostVodPlaylistRequest(ChannelRequest, kw_only=True):
    start_time: str = msgspec.field(default="", name="startTime")
    end_time: str = msgspec.field(default="", name="endTime")


@oss.operation(resource="{bucket}/{key}")
def post_vod_playlist(call: Call, ask: PostVodPlaylistRequest) -> OssResponse:
    """The key is channel/playlist."""
    raise _no_segments(call, ask.bucket, ask.key.rpartition("/")[0])


class GetVodPlaylistRequest(ChannelRequest, kw_only=True):
    start_time: str = msgspec.field(default="", name="startTime")
    end_time: str = msgspec.field(default="", name="endTime")


@oss.operation(resource="{bucket}/{key}")
def get_vod_playlist(call: Call, ask: GetVodPlaylistRequest) -> OssResponse:
    raise _no_segments(call, ask.bucket, ask.key)


def _no_segments(call: Call, bucket: str, channel: str) -> InvalidArgument:
    find_channel(call.state, bucket, channel)
    return InvalidArgument(
        reason="No ts file was recorded between startTime and endTime: OpenYun takes no RTMP streams.",
        ArgumentName="startTime",
        ArgumentValue="",
    )
