"""What a cloud has left on this host: machines and networks of all its regions, whichever driver made them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from openyun.config import Config
from openyun.region import find_region

if TYPE_CHECKING:
    from openyun.cloud import Engines


def engines(settings: Config) -> Iterator[Engines]:
    """Every driver of every region that was ever used."""
    from openyun.main import DRIVERS, make_engines

    for folder in sorted((settings.data / "regions").glob("*")):
        region = find_region(folder.name)
        if region is not None:
            for driver in DRIVERS:
                yield make_engines(msgspec.structs.replace(settings, compute=driver), region)


def halt(settings: Config) -> int:
    """Stop all machines and remove all networks; disks stay. The number of machines that were running."""
    running = 0
    for made in engines(settings):
        running += sum(machine.power == "on" for machine in made.compute.observe())
        made.compute.halt()
        made.network.halt()
    return running


def clear(settings: Config) -> None:
    """Leave no machine, disk, mount, namespace or interface."""
    for made in engines(settings):
        for machine in list(made.compute.observe()):
            made.compute.destroy(machine.id)
        for network_id in list(made.network.observe()):
            made.network.destroy(network_id)


def leave(settings: Config) -> None:
    """Give up the place that engines have without root. To be called when nothing runs in it any more."""
    from openyun.engine.drivers import place

    if place.ROOTLESS:
        place.leave(settings.data, settings.cache)
