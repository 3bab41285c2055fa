"""Configurations of a bucket: one document of each kind, or one for each name.

A bucket's own row lists the kinds that it has, so a request to a bucket without any looks for none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Generic, TypeVar

import msgspec

from openyun.errors import CloudError
from openyun.operation import Call, Model
from openyun.services.oss import documents
from openyun.services.oss.records import Bucket, find_bucket
from openyun.services.oss.service import OssRequest, OssResponse
from openyun.state import Record, Transaction

M = TypeVar("M", bound=Model)


class Configuration(Record, kw_only=True):
    TABLE: ClassVar[str] = "oss_configuration"
    CACHED: ClassVar[bool] = True
    KEY: ClassVar[tuple[str, ...]] = ("bucket", "topic", "name")
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = (("topic", "bucket"),)

    bucket: str
    topic: str
    """name of its kind"""
    name: str = ""
    """of one among several of its kind"""
    body: str
    """JSON"""


class DocumentRequest(OssRequest, kw_only=True):
    """Puts a configuration."""

    document: bytes = b""


class Kind(Generic[M]):
    """One kind of configuration: its document, and the error that says there is none."""

    def __init__(self, name: str, root: str, model: type[M], missing: type[CloudError] | None = None) -> None:
        self.name = name
        self.root = root
        self.model = model
        self._missing = missing
        self._decode = lru_cache(maxsize=1024)(msgspec.json.Decoder(model).decode)

    def read(self, document: bytes) -> M:
        """Raises MalformedXML."""
        return documents.read(document, self.root, self.model)

    def of(self, state: Transaction, bucket: Bucket, name: str = "") -> M | None:
        """Shared by all who read it: not to be changed."""
        if self.name not in bucket.configured:
            return None
        row = state.get(Configuration, bucket.name, self.name, name)
        return self._decode(row.body) if row else None

    def find(self, call: Call, bucket: str, name: str = "") -> M:
        """Raises NoSuchBucket and the kind's own error."""
        found = self.of(call.state, find_bucket(call.state, bucket), name)
        if found is None:
            if self._missing is None:
                return self.model()
            raise self._missing(BucketName=bucket)
        return found

    def all(self, state: Transaction, bucket: Bucket) -> list[tuple[str, M]]:
        """Those that have names, in their order."""
        if self.name not in bucket.configured:
            return []
        rows = state.scan(Configuration, "name", bucket=bucket.name, topic=self.name)
        return [(row.name, self._decode(row.body)) for row in rows]

    def buckets(self, state: Transaction) -> list[str]:
        """The buckets that have one."""
        return sorted({row.bucket for row in state.find(Configuration, topic=self.name)})

    def put(self, call: Call, bucket: str, value: M, name: str = "") -> None:
        """Raises NoSuchBucket."""
        held = find_bucket(call.state, bucket)
        body = msgspec.json.encode(value).decode()
        call.state.put(Configuration(bucket=bucket, topic=self.name, name=name, body=body))
        if self.name not in held.configured:
            held.configured = sorted({*held.configured, self.name})
            call.state.put(held)

    def delete(self, call: Call, bucket: str, name: str = "") -> None:
        """Repeatable. Raises NoSuchBucket."""
        held = find_bucket(call.state, bucket)
        row = call.state.get(Configuration, bucket, self.name, name)
        if row is None:
            return
        call.state.delete(row)
        if not call.state.scan(Configuration, "name", bucket=bucket, topic=self.name, limit=1):
            held.configured = [kind for kind in held.configured if kind != self.name]
            call.state.put(held)

    def answer(self, value: M) -> OssResponse:
        return OssResponse(root=self.root, document=value)


def forget(call: Call, bucket: Bucket) -> None:
    """All that was configured for a bucket goes with it."""
    for kind in bucket.configured:
        for row in call.state.scan(Configuration, "name", bucket=bucket.name, topic=kind):
            call.state.delete(row)
