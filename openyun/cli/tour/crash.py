"""The server is killed without warning, and comes back."""

from __future__ import annotations

import time

from openyun.cli.tour import inside
from openyun.cli.tour.failed import Failed
from openyun.cli.tour.places import describe
from openyun.cli.tour.scene import Place, Scene, wait


def kill_and_start(scene: Scene) -> str:
    pid, _ = scene.server.running()
    scene.server.kill()
    began = time.monotonic()
    scene.server.start(scene.compute)
    return (
        f"process {pid} was killed, process {scene.server.running()[0]} answers after {time.monotonic() - began:.2f} s"
    )


def find_instances(scene: Scene) -> str:
    return "; ".join(_find(scene, place) for place in scene.places)


def _find(scene: Scene, place: Place) -> str:
    found = wait(place.instance_id, lambda: describe(scene, place), lambda one: one.status == "Running")
    if found.public_ip_address.ip_address != [place.public_address]:
        raise Failed(f"{place.instance_id} has another address: {found.public_ip_address.ip_address}")
    if scene.simulated:
        return f"{place.city}: Running"
    left, first_process = inside.ssh(scene, place, f"cat /root/tour; {inside.FIRST_PROCESS}").split()
    if left != scene.name:
        raise Failed(f"the file left in {place.instance_id} now says {left!r}")
    if first_process != place.first_process:
        raise Failed(f"{place.instance_id} was restarted")
    return f"{place.city}: Running all the time, same host key, same files"
