"""Where MaxCompute works on this machine: nothing here has to survive a restart."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from openyun.cloud import Cloud, RegionState
from openyun.engine.blob import Blob, Bytes
from openyun.engine.local_blob import local_path

_PIECE = 1024 * 1024


def scratch(cloud: Cloud, at: RegionState) -> Path:
    return cloud.config.data / "regions" / at.region.id / "maxcompute" / "scratch"


def cache(cloud: Cloud, at: RegionState) -> Path:
    return cloud.config.data / "regions" / at.region.id / "maxcompute" / "cache"


async def local_paths(cloud: Cloud, at: RegionState, blob_ids: Sequence[str]) -> list[str]:
    """Raises BlobNotFound, BlobError."""
    return [await local_path(at.engines.blob, one, cache(cloud, at)) for one in blob_ids]


async def store(at: RegionState, path: Path) -> Blob:
    """The file as a blob."""

    async def pieces() -> AsyncIterator[Bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    return await at.engines.blob.write(pieces(), size=await asyncio.to_thread(os.path.getsize, path))
