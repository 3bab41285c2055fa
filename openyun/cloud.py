"""What all calls share: settings, the regions with their state, who is who, and the engines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from openyun.access.directory import Directory
from openyun.access.vault import Vault
from openyun.clock import Clock, SystemClock
from openyun.config import Config
from openyun.engine.blob import BlobEngine
from openyun.engine.compute import ComputeEngine
from openyun.engine.disk import DiskEngine
from openyun.engine.network import NetworkEngine
from openyun.engine.sealed import SealedBlobs
from openyun.errors import InvalidRegionId
from openyun.metrics import Traffic
from openyun.region import HOME, REGIONS, Region, find_region
from openyun.state import StateError, Store, Transaction, open_store

T = TypeVar("T")

_BLOB_KEY = "oss blob"
"""what the vault binds the keys of encrypted blobs to"""


class Engines(msgspec.Struct, frozen=True):
    """The drivers that make one region's wishes true."""

    compute: ComputeEngine
    network: NetworkEngine
    blob: BlobEngine
    disk: DiskEngine


class RegionState:
    """One region at work. A region whose state is broken fails alone."""

    def __init__(self, region: Region, store: Store, engines: Engines, sealed: SealedBlobs) -> None:
        self.region = region
        self.store = store
        self.engines = engines
        self.sealed = sealed
        """the blob engine, as one that can encrypt what it stores"""
        self.woken = threading.Event()
        """set when a reconciler has something to do"""
        self.shaken = threading.Event()
        """set when something on the host changed by itself"""
        self.ending = threading.Event()
        """set when the server ends: what takes long stops where it is, to be done again at the next start"""
        self.traffic = Traffic()
        """what buckets were asked, until it is written down"""

    def look(self) -> None:
        """Have the reconciler look at the host soon."""
        self.shaken.set()
        self.woken.set()


class Cloud:
    def __init__(
        self, config: Config, make_engines: Callable[[Config, Region], Engines], clock: Clock | None = None
    ) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.vault = Vault(config.data / "master.key")
        self.directory = Directory(self.vault)
        self._make_engines = make_engines
        self._open: dict[str, RegionState] = {}
        self._lock = threading.RLock()
        self.opened: list[Callable[[RegionState], None]] = []
        """told of every region that begins to work"""

    def region(self, region_id: str) -> RegionState:
        """The region, with state made at its first use."""
        found = self._open.get(region_id)
        if found is not None:
            return found
        region = find_region(region_id)
        if region is None:
            raise InvalidRegionId(region_id=region_id)
        with self._lock:
            if region_id not in self._open:
                made = self._make(region)
                self._open[region_id] = made
                for listener in self.opened:
                    listener(made)
            return self._open[region_id]

    def _make(self, region: Region) -> RegionState:
        store = open_store(self.config.state, region.id, self.config.data)
        try:
            engines = self._make_engines(self.config, region)
            sealed = SealedBlobs(
                engines.blob,
                seal=lambda text: self.vault.seal(text, _BLOB_KEY),
                unseal=lambda text: self.vault.open(text, _BLOB_KEY),
            )
            return RegionState(region, store, msgspec.structs.replace(engines, blob=sealed), sealed)
        except BaseException:
            store.close()
            raise

    def in_use(self, region_id: str) -> RegionState | None:
        """The region, if it has been used already."""
        return self._open.get(region_id)

    @property
    def home(self) -> RegionState:
        return self.region(HOME.id)

    def regions_in_use(self) -> Iterator[RegionState]:
        """Those opened so far, home first."""
        yield from sorted(self._open.values(), key=lambda one: REGIONS.index(one.region))

    def identity(self, region_id: str, work: Callable[[Transaction], T]) -> T:
        """Read identity at home or, when home is out of reach, from the region's own copy."""
        try:
            return self.home.store.read(work)
        except StateError:
            if region_id == HOME.id:
                raise
            return self.region(region_id).store.read(work)

    def close(self) -> None:
        for one in self._open.values():
            one.store.close()
            one.engines.blob.close()
