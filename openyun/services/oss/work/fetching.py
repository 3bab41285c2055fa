"""Works off tasks of async fetch: gets what a URL leads to, and makes it an object.

The object and the end of its task are one transaction, so a crash leaves the task to be done again as a whole. A
callback may be sent twice, as the vendor's may.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from urllib.parse import urljoin

import msgspec

from openyun.cloud import Cloud, RegionState
from openyun.engine.blob import Blob, BlobError, BlobStoreFull, LengthMismatch
from openyun.errors import CloudError, where_it_broke
from openyun.services.oss.errors import DigestMismatch, EntityTooLarge
from openyun.services.oss.object import callback
from openyun.services.oss.object.async_fetch import FetchTask, State
from openyun.services.oss.object.content import MustSeal
from openyun.services.oss.object.depositing import call_for, commit
from openyun.services.oss.object.objects import PutObjectRequest, put_object
from openyun.services.oss.records import Bucket, Object, find_bucket
from openyun.services.oss.service import OssResponse
from openyun.services.oss.work.calling_back import Sender
from openyun.services.oss.work.outgoing import Connection, NotReached, Outgoing
from openyun.state import StateError, Transaction

log = logging.getLogger("openyun.oss")

_PATIENCE = 10.0
"""seconds without a byte"""
_LONGEST = 3600.0
"""seconds for one object"""
AT_ONCE = 8
"""objects of a region that are fetched at a time"""
_MOST_REDIRECTS = 5
_LARGEST = 5 * 1024**3
_PIECE = 256 * 1024
_KEPT = 7 * 86400
"""seconds that an ended task can be asked for"""
_LOOK = 600.0
"""seconds between two looks for what to forget"""
_MOVED = (301, 302, 303, 307, 308)


class Fetcher:
    """The async fetch tasks of a region's buckets."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at
        self._outgoing = Outgoing(cloud.config)
        self._sender = Sender(cloud.config)
        self._busy: set[str] = set()
        self._look_again = 0.0

    def survey(self) -> None:
        """Ended tasks of old are forgotten, which has time."""
        if time.monotonic() < self._look_again:
            return
        self._look_again = time.monotonic() + _LOOK
        before = self._cloud.clock.now().timestamp() - _KEPT
        old = [one for one in self._at.store.read(_ended) if one.made_at < before]
        if old:
            self._at.store.write(partial(_forget, old))

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        """Begins what there is room for, in threads that nobody waits for: neither the rest of the region's work, which
        has but a few hands, nor the end of the server. A task that is cut off is done again."""
        for task in self._at.store.read(_open):
            if len(self._busy) < AT_ONCE and task.task_id not in self._busy:
                self._busy.add(task.task_id)
                threading.Thread(target=self._begin, args=(task,), name=f"fetch {task.bucket}", daemon=True).start()
        return []

    def _begin(self, task: FetchTask) -> None:
        try:
            self._work_off(task)
        except Exception as problem:
            if not self._at.ending.is_set():  # else what it works with was closed under it
                foreseen = isinstance(problem, StateError | BlobError)
                log.warning("fetch %s: %s", task.task_id, problem if foreseen else where_it_broke(problem))
        finally:
            self._busy.discard(task.task_id)

    def _work_off(self, task: FetchTask) -> None:
        error = ""
        if not task.fetched:
            try:
                self._fetch(task)
            except (NotReached, ValueError, OSError, http.client.HTTPException) as problem:
                error = f"The URL could not be fetched: {problem}"
            except (CloudError, LengthMismatch, BlobStoreFull) as problem:
                error = str(problem) or type(problem).__name__
        state: State = "Failed" if error else "Success"
        if task.callback and (not error or task.callback_when_failed):
            refused = self._call_back(task)
            if refused and not error:
                state, error = "FetchSuccessCallbackFailed", refused
        self._at.store.write(partial(_end, task, state, error))

    def _fetch(self, task: FetchTask) -> None:
        """Raises NotReached, ValueError, OSError, HTTPException, LengthMismatch, BlobStoreFull, CloudError."""
        connection, answer = self._open(task)
        try:
            length = answer.headers.get("Content-Length", "")
            size = int(length) if length.isdigit() else None
            if size is not None and size > _LARGEST:
                raise EntityTooLarge(MaxSizeAllowed=str(_LARGEST), ProposedSize=length)
            ask = PutObjectRequest(
                bucket=task.bucket,
                key=task.object,
                content_type=answer.headers.get("Content-Type", ""),
                storage_class=task.storage_class,
                forbid_overwrite="true" if task.ignore_same_key else "false",
            )
            checked = self._at.store.read(partial(self._put, ask))
            seal = checked.seal
            chunks, accept = self._chunks(answer), partial(_accept, task.content_md5)
            if seal:
                blob = asyncio.run(self._at.sealed.write_sealed(chunks, algorithm=seal, size=size, accept=accept))
            else:
                blob = asyncio.run(self._at.engines.blob.write(chunks, size=size, accept=accept))
        finally:
            connection.finish()
        wanted = msgspec.structs.replace(ask, blob=blob)

        def work(state: Transaction) -> None:
            self._put(msgspec.structs.replace(wanted), state)
            held = state.get(FetchTask, task.bucket, task.task_id)
            if held is not None:
                held.fetched = True
                state.put(held)

        try:
            commit(self._at, blob, work)
        except MustSeal:
            raise OSError("the bucket's encryption changed meanwhile") from None

    async def _chunks(self, answer: http.client.HTTPResponse) -> AsyncIterator[bytes]:
        """In a thread of its own, so reading may wait."""
        total = 0
        while piece := answer.read1(_PIECE):
            total += len(piece)
            if total > _LARGEST:
                raise EntityTooLarge(MaxSizeAllowed=str(_LARGEST), ProposedSize=str(total))
            if self._at.ending.is_set():
                raise BlobError("the server ends")
            yield piece

    def _put(self, ask: PutObjectRequest, state: Transaction) -> OssResponse:
        return put_object(call_for(self._cloud, self._at, state, find_bucket(state, ask.bucket)), ask)

    def _open(self, task: FetchTask) -> tuple[Connection, http.client.HTTPResponse]:
        """Follows redirects, each of which is looked at like the first."""
        url = task.url
        for _ in range(_MOST_REDIRECTS + 1):
            place = self._outgoing.find(url)
            connection = Connection(place, _PATIENCE, _LONGEST)
            try:
                headers = {"Host": task.host or place.host, "User-Agent": "aliyun-oss-async-fetch", "Accept": "*/*"}
                connection.request("GET", place.target, headers=headers)
                answer = connection.getresponse()
            except BaseException:
                connection.finish()
                raise
            if answer.status == 200:
                return connection, answer
            moved = answer.headers.get("Location", "") if answer.status in _MOVED else ""
            connection.finish()
            if not moved:
                raise OSError(f"the answer is {answer.status}")
            url = urljoin(url, moved)
        raise OSError("too many redirects")

    def _call_back(self, task: FetchTask) -> str:
        """Why it failed; empty if it did not."""
        wanted = callback.read(task.callback, "")
        found = self._at.store.read(lambda state: state.get(Object, task.bucket, task.object))
        if wanted is None:
            return ""
        facts: dict[str, str | int] = {
            "bucket": task.bucket,
            "object": task.object,
            "etag": found.etag if found else "",
            "size": found.size if found else 0,
            "mimeType": found.content_type if found else "",
            "crc64": str(found.crc64) if found else "",
            "contentMd5": found.md5 if found else "",
            "taskId": task.task_id,
            "operation": "AsyncFetch",
        }
        try:
            self._sender.send(wanted, facts, task.requester, task.task_id[:24])
        except CloudError as problem:
            return problem.text
        return ""


def _accept(content_md5: str, blob: Blob) -> None:
    """Raises DigestMismatch."""
    if content_md5 and blob.md5 != base64.b64decode(content_md5):
        raise DigestMismatch


def _open(state: Transaction) -> list[FetchTask]:
    """As many as may be begun, beside those under way."""
    return state.scan(FetchTask, "bucket", limit=2 * AT_ONCE, open=True)


def _ended(state: Transaction) -> list[FetchTask]:
    return state.find(FetchTask, open=False)


def _forget(old: list[FetchTask], state: Transaction) -> None:
    for one in old:
        state.delete(one)


def _end(task: FetchTask, outcome: State, error: str, state: Transaction) -> None:
    held = state.get(FetchTask, task.bucket, task.task_id)
    if held is None or state.get(Bucket, task.bucket) is None:
        return
    held.open, held.state, held.error = False, outcome, error
    state.put(held)
