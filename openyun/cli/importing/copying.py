"""The import itself: two listings side by side, and several objects at once on their way.

Memory stays the same whatever is copied: listings are read page by page, bodies piece by piece, and only a few
objects wait for their turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import msgspec
import oss2  # type: ignore[import-untyped]  # has no types

from openyun.cli.importing.journal import Journal
from openyun.cli.importing.sources import Found, Opened, OssSource, Source, SourceGone

WHOLE = 1024**3
"""bytes up to which an object is sent in one go: then its ETag is its MD5, as at most sources"""
_PART = 256 * 1024**2
_MOST_PARTS = 10_000
_TRIES = 3


class Damaged(Exception):
    """What arrived is not what the source says it sent."""


class Tally(msgspec.Struct):
    """How far an import is."""

    copied: int = 0
    size: int = 0
    """bytes copied"""
    same: int = 0
    """objects that were there already"""
    gone: int = 0
    """objects that were deleted at the source meanwhile"""
    failed: list[str] = []
    """keys and reasons, the first hundred"""
    failures: int = 0

    def __str__(self) -> str:
        text = f"{self.copied} objects copied, {self.size / 1e6:.1f} MB"
        text += f"; {self.same} were there already" if self.same else ""
        text += f"; {self.gone} are gone at the source" if self.gone else ""
        return text + (f"; {self.failures} failed" if self.failures else "")


class Import:
    """Copies what is at the source, and is not or is otherwise at the target."""

    def __init__(
        self,
        source: Source,
        target: OssSource,
        journal: Journal,
        *,
        source_prefix: str = "",
        target_prefix: str = "",
        whole: int = WHOLE,
        part: int = _PART,
    ) -> None:
        self._source = source
        self._target = target
        self._bucket = target.bucket
        self._journal = journal
        self._prefixes = (source_prefix, target_prefix)
        self._whole = whole
        self._part = part

    def run(self, jobs: int, tell: Callable[[Tally], None]) -> Tally:
        """`tell` is called in this thread, as objects are done."""
        tally = Tally()
        under_way: dict[Future[int], str] = {}
        with ThreadPoolExecutor(jobs, thread_name_prefix="import") as pool:
            for found, there in self._pairs():
                if there is not None and self._same(found, there):
                    tally.same += 1
                    continue
                while len(under_way) >= 2 * jobs:
                    self._settle(under_way, tally)
                    tell(tally)
                under_way[pool.submit(self._copy, found)] = found.key
            while under_way:
                self._settle(under_way, tally)
                tell(tally)
        return tally

    def _settle(self, under_way: dict[Future[int], str], tally: Tally) -> None:
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            key = under_way.pop(future)
            problem = future.exception()
            if problem is None:
                tally.copied += 1
                tally.size += future.result()
            elif isinstance(problem, SourceGone):
                tally.gone += 1
            elif isinstance(problem, Exception):
                tally.failures += 1
                if len(tally.failed) < 100:
                    tally.failed.append(f"{key}: {_text(problem)}")
            else:
                raise problem

    def _pairs(self) -> Iterator[tuple[Found, Found | None]]:
        """Every object of the source, with the one of its name at the target; both listings are in order."""
        theirs = self._target.list()
        there = next(theirs, None)
        for found in self._source.list():
            name = self._name(found.key)
            while there is not None and there.key < name:
                there = next(theirs, None)
            yield found, there if there is not None and there.key == name else None

    def _name(self, key: str) -> str:
        before, after = self._prefixes
        return after + key.removeprefix(before)

    def _same(self, found: Found, there: Found) -> bool:
        if found.size != there.size:
            return False
        return there.etag in (found.etag, self._journal.copied(found.key, found.etag))

    def _copy(self, found: Found) -> int:
        """Bytes copied. Raises SourceGone, Damaged, and what the clients raise."""
        for tried in range(1, _TRIES + 1):
            try:
                return self._copy_in_parts(found) if found.size > self._whole else self._copy_whole(found)
            except SourceGone:
                raise
            except Exception:
                if tried == _TRIES:
                    raise
        raise AssertionError  # the last try returns or raises

    def _copy_whole(self, found: Found) -> int:
        opened: Opened
        with self._source.open(found.key) as opened:
            body = oss2.SizedFileAdapter(opened.body, opened.size) if opened.size else b""
            made = self._bucket.put_object(self._name(found.key), body, headers=opened.headers)
        etag: str = made.etag.lower()
        if opened.hashed and etag != opened.etag:
            raise Damaged(f"the source's ETag is {opened.etag}, the copy's {etag}")
        if etag != found.etag:
            self._journal.note_copy(found.key, opened.etag, etag)
        return opened.size

    def _copy_in_parts(self, found: Found) -> int:
        name = self._name(found.key)
        size = max(self._part, -(-found.size // _MOST_PARTS))
        with self._source.open(found.key, 0, 1) as opened:
            if opened.etag != found.etag:
                raise Damaged("the object changed since it was listed")
            upload_id, sent = self._begin(name, found, opened)
        for number, start in enumerate(range(0, found.size, size), 1):
            if number not in sent:
                sent[number] = self._send(name, upload_id, number, found, start, min(size, found.size - start))
        made = self._bucket.complete_multipart_upload(name, upload_id, [sent[number] for number in sorted(sent)])
        self._journal.note_copy(found.key, found.etag, made.etag.lower())
        self._journal.forget_upload(found.key)
        return found.size

    def _begin(self, name: str, found: Found, opened: Opened) -> tuple[str, dict[int, Any]]:
        """An upload, and the parts that an earlier run has sent to it."""
        upload_id = self._journal.upload(found.key, found.etag)
        if upload_id:
            try:
                return upload_id, {one.part_number: one for one in oss2.PartIterator(self._bucket, name, upload_id)}
            except oss2.exceptions.NoSuchUpload:
                pass
        upload_id = self._bucket.init_multipart_upload(name, headers=opened.headers).upload_id
        self._journal.note_upload(found.key, found.etag, upload_id)
        return upload_id, {}

    def _send(self, name: str, upload_id: str, number: int, found: Found, start: int, length: int) -> Any:
        with self._source.open(found.key, start, length) as opened:
            if opened.etag != found.etag or opened.size != length:
                raise Damaged("the object changed while it was copied")
            made = self._bucket.upload_part(name, upload_id, number, oss2.SizedFileAdapter(opened.body, length))
        return oss2.models.PartInfo(number, made.etag)


def make_bucket(target: OssSource) -> None:
    """Unless there is one."""
    try:
        target.bucket.get_bucket_info()
    except oss2.exceptions.NoSuchBucket:
        target.bucket.create_bucket()


def _text(problem: Exception) -> str:
    return f"{type(problem).__name__}: {str(problem)[:200]}"
