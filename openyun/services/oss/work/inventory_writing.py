"""Writes inventories: the first soon after one is configured, then daily or weekly.

A report is a compressed CSV file of all objects, a manifest that names it, and the manifest's MD5, in this order: who
sees the checksum finds the rest.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote

import msgspec

from openyun.clock import new_request_id
from openyun.cloud import Cloud, RegionState
from openyun.errors import CloudError
from openyun.services.oss.bucket.inventory import INVENTORY, Inventory, InventoryFilter, NextReport
from openyun.services.oss.object.depositing import deposit
from openyun.services.oss.object.versions import shown
from openyun.services.oss.paging import after_all_with
from openyun.services.oss.records import Bucket, Object, Version
from openyun.services.oss.times import iso
from openyun.state import Transaction

log = logging.getLogger("openyun.oss")

_PERIODS = {"Daily": 86400, "Weekly": 7 * 86400}
_PAGE = 1000


class InventoryWriter:
    """The inventories of a region's buckets."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        pass

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        now = int(self._cloud.clock.now().timestamp())
        return [
            (f"inventory {bucket} {one.id}", partial(self._report, bucket, one))
            for bucket, one in self._at.store.read(partial(_due, now))
        ]

    def _report(self, bucket: str, inventory: Inventory) -> None:
        now = self._cloud.clock.now().astimezone(UTC)
        destination = inventory.destination.oss_bucket_destination
        folder = "/".join(filter(None, [(destination.prefix or "").strip("/"), bucket, inventory.id]))
        data = self._table(bucket, inventory)
        key = f"{folder}/data/{new_request_id().lower()}.csv.gz"
        manifest = msgspec.json.encode(_manifest(bucket, inventory, key, data, now))
        checksum = hashlib.md5(manifest, usedforsecurity=False).hexdigest().upper()
        place = f"{folder}/{now:%Y-%m-%dT%H-%MZ}"
        try:
            deposit(self._cloud, self._at, inventory.target, key, data, "application/gzip")
            deposit(self._cloud, self._at, inventory.target, f"{place}/manifest.json", manifest, "application/json")
            deposit(
                self._cloud, self._at, inventory.target, f"{place}/manifest.checksum", checksum.encode(), "text/plain"
            )
        except CloudError as problem:
            log.info("inventory %s of %s into %s: %s", inventory.id, bucket, inventory.target, problem)
        following = int(now.timestamp()) + _PERIODS[inventory.schedule.frequency]
        self._at.store.write(
            lambda state: state.put(NextReport(bucket=bucket, inventory_id=inventory.id, at=following))
        )

    def _table(self, bucket: str, inventory: Inventory) -> bytes:
        packed = io.BytesIO()
        with gzip.open(packed, "wt", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            for one, latest in self._objects(bucket, inventory):
                writer.writerow(_row(one, inventory, latest=latest))
        return packed.getvalue()

    def _objects(self, bucket: str, inventory: Inventory) -> Iterator[tuple[Object, bool]]:
        wanted = inventory.filter or InventoryFilter()
        prefix = wanted.prefix or ""
        after = ""
        while True:
            page = self._at.store.read(partial(_page, bucket, prefix, after))
            for one in page:
                if _passes(wanted, one):
                    yield one, True
                if inventory.included_object_versions == "All":
                    for older in self._at.store.read(partial(_versions, bucket, one.name)):
                        if _passes(wanted, older):
                            yield older, False
            if len(page) < _PAGE:
                return
            after = page[-1].name


def _due(now: int, state: Transaction) -> list[tuple[str, Inventory]]:
    found = []
    for name in INVENTORY.buckets(state):
        bucket = state.get(Bucket, name)
        for inventory_id, one in INVENTORY.all(state, bucket) if bucket else []:
            following = state.get(NextReport, name, inventory_id)
            if one.is_enabled and (following is None or now >= following.at):
                found.append((name, one))
    return found


def _page(bucket: str, prefix: str, after: str, state: Transaction) -> list[Object]:
    return state.scan(
        Object,
        "name",
        start=None if after else prefix or None,
        after=after or None,
        before=after_all_with(prefix),
        limit=_PAGE,
        bucket=bucket,
    )


def _versions(bucket: str, name: str, state: Transaction) -> list[Version]:
    return state.find(Version, bucket=bucket, name=name)


def _passes(wanted: InventoryFilter, one: Object) -> bool:
    classes = (wanted.storage_class or "ALL").split(",")
    return (
        (wanted.last_modify_begin_time_stamp or 0) <= one.modified
        and (wanted.last_modify_end_time_stamp is None or one.modified <= wanted.last_modify_end_time_stamp)
        and (wanted.lower_size_bound or 0) <= one.size
        and (wanted.upper_size_bound is None or one.size <= wanted.upper_size_bound)
        and ("ALL" in classes or one.storage_class in classes)
    )


def _columns(inventory: Inventory) -> list[str]:
    versions = ["VersionId", "IsLatest", "IsDeleteMarker"] if inventory.included_object_versions == "All" else []
    return ["Bucket", "Key", *versions, *inventory.fields]


def _row(one: Object, inventory: Inventory, *, latest: bool) -> list[str]:
    values = {
        "Bucket": one.bucket,
        "Key": quote(one.name, safe=""),
        "VersionId": shown(one),
        "IsLatest": _truth(latest),
        "IsDeleteMarker": _truth(isinstance(one, Version) and one.delete_marker),
        "Size": str(one.size),
        "StorageClass": one.storage_class,
        "LastModifiedDate": iso(one.modified),
        "ETag": one.etag,
        "IsMultipartUploaded": _truth(one.type == "Multipart"),
        "EncryptionStatus": _truth(bool(one.encryption)),
        "ObjectAcl": one.acl,
        "TaggingCount": str(len(one.tags)),
        "ObjectType": one.type,
        "Crc64": str(one.crc64),
    }
    return [values[name] for name in _columns(inventory)]


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _manifest(bucket: str, inventory: Inventory, key: str, data: bytes, now: datetime) -> dict[str, object]:
    return {
        "creationTimestamp": str(int(now.timestamp())),
        "destinationBucket": inventory.target,
        "fileFormat": "CSV",
        "fileSchema": ", ".join(_columns(inventory)),
        "files": [
            {
                "MD5checksum": hashlib.md5(data, usedforsecurity=False).hexdigest().upper(),
                "key": key,
                "size": len(data),
            }
        ],
        "sourceBucket": bucket,
        "version": "2019-09-01",
    }
