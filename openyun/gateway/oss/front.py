"""What a bucket shows to the world around the operations: custom domains, CORS, its website, and its log."""

from __future__ import annotations

import re
from time import perf_counter
from urllib.parse import quote

from openyun.cloud import Cloud, RegionState
from openyun.errors import CloudError
from openyun.gateway.http import HttpRequest, HttpResponse
from openyun.gateway.oss.request import Target
from openyun.gateway.perform import Performer
from openyun.services.oss.authorization import Visit
from openyun.services.oss.bucket import access_points, cname, cors, website
from openyun.services.oss.bucket.configuration_errors import CORSForbidden
from openyun.services.oss.bucket.log_fields import told
from openyun.services.oss.bucket.website import Shown
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.work.log_book import Entry, book_of
from openyun.state import StateError, Transaction

_DOMAIN = re.compile(r"[a-z0-9.-]*[a-z0-9-]+\.[a-z][a-z0-9-]+")
"""a host that may be a custom domain; an address is none"""


def is_access_point(host: str, target: Target) -> bool:
    """Whether a request is to an access point: by its alias, or in its own domain."""
    return bool(target.bucket) and (target.bucket.endswith(access_points.ALIAS) or ".oss-accesspoint." in host)


class Front:
    def __init__(self, performer: Performer) -> None:
        self._performer = performer
        self._cloud: Cloud = performer.cloud

    async def bucket_of(self, host: str) -> str:
        """The bucket that a custom domain stands for; empty if it is none."""
        if not _DOMAIN.fullmatch(host):
            return ""
        for at in self._cloud.regions_in_use():
            try:
                found = await self._performer.run(at, lambda state: cname.bucket_of(state, host), reads=True)
            except StateError:
                continue
            if found:
                return found
        return ""

    async def through(self, target: Target, visit: Visit) -> Target:
        """What a request to an access point is about. Raises NoSuchAccessPoint."""
        for at in self._cloud.regions_in_use():
            if target.region_id not in ("", at.region.id):
                continue
            point = await self._performer.run(at, lambda state: access_points.behind(state, target.bucket), reads=True)
            if point is not None:
                visit.access_point = point
                return Target(point.bucket, target.key, at.region.id)
        raise access_points.NoSuchAccessPoint

    async def preflight(self, request: HttpRequest, at: RegionState, target: Target) -> HttpResponse:
        """The answer to OPTIONS. Raises NoSuchBucket, CORSForbidden."""
        origin = request.headers.get("origin", "")
        method = request.headers.get("access-control-request-method", "")
        if not origin or not method:
            raise CORSForbidden
        wanted = request.headers.get("access-control-request-headers", "").split(",")

        def work(state: Transaction) -> dict[str, str]:
            return cors.preflight(state, find_bucket(state, target.bucket), origin, method, wanted)

        return HttpResponse(headers=await self._performer.run(at, work, reads=True))

    async def show_root(self, at: RegionState, bucket: str) -> str:
        """The object that a website shows at its root; empty if the bucket is no website."""

        def work(state: Transaction) -> str:
            held = state.get(Bucket, bucket)
            return website.index_of(state, held, "") if held else ""

        return await self._performer.run(at, work, reads=True)

    async def instead(
        self, request: HttpRequest, at: RegionState, visit: Visit, target: Target, problem: CloudError
    ) -> Shown | None:
        """What a website shows instead of an error. Raises MirrorFailed."""
        bucket = visit.bucket
        if visit.access_point is not None or bucket is None or website.WEBSITE.name not in bucket.configured:
            return None
        if request.method not in ("GET", "HEAD") or not target.key or problem.status not in (403, 404):
            return None

        def work(state: Transaction) -> Shown | None:
            index = website.index_of(state, bucket, target.key) if problem.status == 404 else ""
            if index and index != target.key:
                return Shown(key=index)
            return website.instead(state, bucket, target.key, problem.status, request.headers, request.raw_query)

        return await self._performer.run(at, work, reads=True)

    async def finish(self, request: HttpRequest, at: RegionState, visit: Visit, response: HttpResponse) -> HttpResponse:
        """With the headers that a page of another origin needs."""
        bucket = visit.bucket
        if bucket is None or cors.CORS.name not in bucket.configured:
            return response
        origin = request.headers.get("origin", "")
        more = await self._performer.run(
            at, lambda state: cors.response_headers(state, bucket, origin, request.method), reads=True
        )
        response.headers = {**response.headers, **more}
        return response

    def log(
        self,
        request: HttpRequest,
        at: RegionState,
        visit: Visit,
        operation: str,
        target: Target,
        response: HttpResponse,
        started: float,
    ) -> None:
        """Note the request for the log of its bucket, if it has one."""
        book = book_of(at)
        if target.bucket not in book.buckets:
            return
        now = self._cloud.clock.now()
        took = int((perf_counter() - started) * 1000)
        code = _error_code(response)
        length = response.headers.get("Content-Length") or _length(response)
        size = response.headers.get("Content-Length", "-") if target.key else "-"
        requester = visit.principal.id or "-"
        owner = visit.bucket.account_id if visit.bucket else "-"
        fields = [
            request.client,
            "-",
            "-",
            f"[{now:%d/%b/%Y:%H:%M:%S} +0000]",
            _quoted(f"{request.method} {request.path}{'?' if request.raw_query else ''}{request.raw_query} HTTP/1.1"),
            str(response.status),
            length if response.status != 304 else "0",
            str(took),
            _quoted(request.headers.get("referer", "-")),
            _quoted(request.headers.get("user-agent", "-")),
            _quoted(request.headers.get("host", "-")),
            _quoted(response.headers.get("x-oss-request-id") or response.headers.get("x-amz-request-id", "-")),
            _quoted("true"),
            _quoted(requester),
            _quoted(operation or "-"),
            _quoted(target.bucket),
            _quoted(quote(target.key, safe="") or "-"),
            size,
            str(took),
            _quoted(code),
            request.headers.get("content-length", "-"),
            _quoted(owner),
            "-",
            _quoted("-"),
            _quoted("oss" if target.key or target.bucket else "-"),
            "standard",
            "-",
            "-",
            _quoted(visit.principal.access_key_id or "-"),
        ]
        if target.bucket in book.fields:
            fields.append(_quoted(told(book.fields[target.bucket], request.headers, request.query)))
        book.write(Entry(target.bucket, now.timestamp(), " ".join(fields)))


def _length(response: HttpResponse) -> str:
    return str(len(response.body)) if isinstance(response.body, bytes | bytearray) else "-"


def _error_code(response: HttpResponse) -> str:
    if response.status < 400 or not isinstance(response.body, bytes | bytearray):
        return "-"
    head, found, rest = bytes(response.body[:512]).partition(b"<Code>")
    return rest.partition(b"</Code>")[0].decode() if found and head is not None else "-"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "%22").replace("\n", "%0A").replace("\r", "%0D") + '"'
