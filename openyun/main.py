"""The only place that knows all: which services there are, which drivers, and how they are put together."""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import functools
import gc
import logging
import os
import resource
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from openyun.accounts import first_account, new_account, operator_token
from openyun.cloud import Cloud, Engines, RegionState
from openyun.config import Config
from openyun.engine.blob import BlobEngine
from openyun.engine.drivers.files import Files
from openyun.engine.query import QueryEngine
from openyun.gateway import answers, server
from openyun.gateway.app import Gateway
from openyun.gateway.measuring import measured
from openyun.gateway.metadata import MetadataService
from openyun.gateway.odps.protocol import Odps
from openyun.gateway.oss.protocol import Oss
from openyun.gateway.own import Own
from openyun.gateway.perform import Performer
from openyun.gateway.roa import Roa
from openyun.gateway.rpc import Rpc
from openyun.gateway.s3.protocol import S3
from openyun.gateway.sls import Sls
from openyun.housekeeping import IdentityCopy, Sweeper
from openyun.operation import Service
from openyun.reconcile import Reconciler, Worker
from openyun.region import REGIONS, Region, find_region
from openyun.services.cbn import cbn
from openyun.services.ecs import ecs
from openyun.services.ecs.command.settle import Invocations
from openyun.services.ecs.instance.settle import Instances
from openyun.services.ecs.storage.settle_disks import Disks
from openyun.services.ecs.storage.settle_images import Images
from openyun.services.ecs.storage.settle_snapshots import Snapshots
from openyun.services.ecs.storage.transfers import Transfers
from openyun.services.location import location
from openyun.services.maxcompute import odps
from openyun.services.maxcompute.job.running import JobRunner
from openyun.services.oss import oss
from openyun.services.oss.bucket.access_monitor import AccessWriter
from openyun.services.oss.bucket.public_access_block import BlockCopy
from openyun.services.oss.work.aging import Ager
from openyun.services.oss.work.fetching import Fetcher
from openyun.services.oss.work.inventory_writing import InventoryWriter
from openyun.services.oss.work.log_writing import LogWriter
from openyun.services.oss.work.redundancy_changing import RedundancyChanger
from openyun.services.oss.work.replicating import Replicator
from openyun.services.oss.work.sweeping import BlobSweeper
from openyun.services.oss.work.usage_writing import UsageWriter
from openyun.services.ram import ram
from openyun.services.resourcemanager import resourcemanager
from openyun.services.resourcemanager.grouped_resources import GroupMover
from openyun.services.sls import sls
from openyun.services.sls.expiring import LogExpirer
from openyun.services.sts import sts
from openyun.services.tag import tag
from openyun.services.vpc import vpc
from openyun.services.vpc.crossings import CrossingReports, Crossings
from openyun.services.vpc.flow_log.collecting import FlowLogCollector
from openyun.services.vpc.networks import Networks, Watcher
from openyun.services.vpcpeer import vpcpeer
from openyun.state import StateError

log = logging.getLogger("openyun")

SERVICES: list[Service] = [location, ram, sts, vpc, vpcpeer, cbn, ecs, oss, tag, resourcemanager, sls, odps]


def open_blobs(setting: str, region_id: str, data: Path) -> BlobEngine:
    """`files`, or an object store's address; several settings, parted by semicolons, may each begin with REGION=."""
    chosen = "files"
    for part in setting.split(";"):
        region, equals, value = part.strip().partition("=")
        if equals and find_region(region) is not None:
            if region == region_id:
                chosen = value
                break
        elif part.strip():
            chosen = part.strip()
    if chosen == "files":
        return Files(data / "blobs")
    from openyun.engine.drivers.object_store import ObjectStore

    return ObjectStore(chosen.replace("{region}", region_id))


def _simulated(_: Config, data: Path, blobs: BlobEngine) -> Engines:
    from openyun.engine.drivers.simulated import SimulatedCompute, SimulatedDisks, SimulatedNetwork

    return Engines(
        compute=SimulatedCompute(data), network=SimulatedNetwork(data), blob=blobs, disk=SimulatedDisks(data)
    )


def _runc(config: Config, data: Path, blobs: BlobEngine) -> Engines:
    from openyun.engine.drivers.runc import RuncCompute, RuncDisks
    from openyun.engine.drivers.vpc import Exchange, VpcNetwork

    # All regions meet there, so that instances of one reach public addresses of another.
    exchange = Exchange(config.data, config.public_cidr if config.internet_egress else "")
    network = VpcNetwork(data, exchange)
    images = config.cache / "images"
    compute = RuncCompute(data, images, network)
    return Engines(compute=compute, network=network, blob=blobs, disk=RuncDisks(data, images))


def _none(_: Config, data: Path, blobs: BlobEngine) -> Engines:
    from openyun.engine.drivers.absent import AbsentCompute, AbsentDisks, AbsentNetwork

    # VPCs and disks without instances exist in their records, and in journals of their own.
    own = data / "none"
    own.mkdir(parents=True, exist_ok=True)
    return Engines(compute=AbsentCompute(_why_none), network=AbsentNetwork(own), blob=blobs, disk=AbsentDisks(own))


@functools.cache
def _why_none() -> str:
    from openyun.engine.drivers.doctor import absence

    return absence() or "the operator has switched instances off"


DRIVERS: dict[str, Callable[[Config, Path, BlobEngine], Engines]] = {
    "runc": _runc,
    "simulated": _simulated,
    "none": _none,
}
"""by name: all that one region runs on, from the settings, its data directory and what holds its objects"""


_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""settings of glibc's, as <malloc.h> numbers them"""


class AlreadyRunning(Exception):
    """Another server works on this data directory."""


def choose_drivers(config: Config) -> Config:
    """With a driver's name where the setting was "auto"."""
    if config.compute != "auto":
        return config
    from openyun.engine.drivers.doctor import best_compute

    return msgspec.structs.replace(config, compute=best_compute())


def make_engines(config: Config, region: Region) -> Engines:
    data = config.data / "regions" / region.id
    return DRIVERS[config.compute](config, data, open_blobs(config.blobs, region.id, data))


def _query_engine() -> QueryEngine | None:
    """None where its packages are not installed."""
    from openyun.engine.drivers.duckdb import DuckDb, is_installed

    return DuckDb() if is_installed() else None


def make_workers(cloud: Cloud, at: RegionState, watchers: Sequence[Watcher] = ()) -> list[Worker]:
    """In this order: a network stands before the machines in it."""
    return [
        Crossings(cloud, at),
        Networks(at, watchers),
        CrossingReports(cloud, at),
        Instances(cloud, at),
        Disks(cloud, at),
        Snapshots(cloud, at),
        Images(cloud, at),
        Transfers(cloud, at),
        Invocations(cloud, at),
        Sweeper(cloud, at),
        IdentityCopy(cloud, at),
        BlobSweeper(at),
        BlockCopy(cloud, at),
        GroupMover(cloud, at),
        AccessWriter(at),
        Ager(cloud, at),
        LogWriter(cloud, at),
        InventoryWriter(cloud, at),
        Fetcher(cloud, at),
        Replicator(cloud, at),
        RedundancyChanger(cloud, at),
        UsageWriter(cloud, at),
        JobRunner(cloud, at, _query_engine),
        LogExpirer(cloud, at),
        FlowLogCollector(cloud, at),
    ]


def make_gateway(cloud: Cloud) -> Gateway:
    performer = Performer(cloud)
    rpc = Rpc(performer, [service for service in SERVICES if service.style == "RPC"])
    roa = Roa(performer, [service for service in SERVICES if service.style == "ROA"])
    maxcompute = Odps(performer, [service for service in SERVICES if service.style == "ODPS"])
    objects = Oss(performer)
    s3 = S3(objects)
    logs = Sls(performer, sls)
    own = Own(cloud, operator_token(cloud.config.data), lambda: msgspec.to_builtins(new_account(cloud)))
    return Gateway(
        {
            "rpc": (measured(rpc.answer, "rpc"), answers.render_error),
            "roa": (measured(roa.answer, "roa"), answers.render_error),
            "oss": (objects.answer, objects.render_error),
            "s3": (s3.answer, s3.render_error),
            "sls": (measured(logs.answer, "sls"), logs.render_error),
            "odps": (measured(maxcompute.answer, "odps"), maxcompute.render_error),
            "own": (own.answer, own.render_error),
        }
    )


def serve(config: Config) -> None:
    """Run the cloud until SIGTERM or SIGINT. Raises AlreadyRunning."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _make_private(config.data)
    with _only_one(config), suppress(KeyboardInterrupt):
        _raise_file_limit()
        with asyncio.Runner(loop_factory=_loop) as runner:
            runner.run(_serve(choose_drivers(config)))


async def _serve(config: Config) -> None:
    cloud = Cloud(config, make_engines)
    metadata = MetadataService(cloud, asyncio.get_running_loop())
    reconciler = Reconciler(cloud, partial(make_workers, watchers=[metadata]))
    _open_used_regions(cloud)
    _first_account(cloud)
    gateway = make_gateway(cloud)
    _spare_the_collector()
    _keep_memory()
    await server.serve(gateway, config.host, config.port)
    await asyncio.to_thread(reconciler.stop)
    for at in cloud.regions_in_use():
        with suppress(StateError):  # of what was counted last, nothing can be kept then
            await asyncio.to_thread(UsageWriter(cloud, at).write_down)
    cloud.close()


def _spare_the_collector() -> None:
    """Code and declarations live as long as the process, so they are not looked through again and again; and a request
    makes and drops some thousand objects, none in a circle. Together a seventh of the time of DescribeInstances."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _keep_memory() -> None:
    """Buffers of bodies come and go. The C library would give each back to the system and ask for it again, which costs
    more than to fill it; so it keeps up to 32 MB."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, 8 * 1024**2)
        library.mallopt(_TRIM_THRESHOLD, 32 * 1024**2)


def _open_used_regions(cloud: Cloud) -> None:
    """Regions that were in use go on at once: their instances do not wait for the first call."""
    for region in REGIONS:
        if not (cloud.config.data / "regions" / region.id).exists():
            continue
        try:
            cloud.region(region.id)
        except StateError as problem:
            log.error("region %s does not work: %s", region.id, problem)  # noqa: TRY400  # the text says it all


def _first_account(cloud: Cloud) -> None:
    try:
        first_account(cloud)
    except StateError as problem:
        log.error("home does not work, other regions go on: %s", problem)  # noqa: TRY400  # the text says it all


def _make_private(data: Path) -> None:
    """Nobody else on this machine reads the state or the disks, also in a data directory that others may enter."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (data / "state", data / "regions"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)


def _only_one(config: Config) -> IO[str]:
    """The lock is the kernel's, so it is gone with its holder, however that ends. The file says who that is."""
    lock = (config.data / "lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(f"another server works on {config.data}") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()} {config.endpoint}\n")
    lock.flush()
    return lock


def _raise_file_limit() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()
