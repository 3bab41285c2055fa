"""Named network namespaces, where iproute2 keeps them, so that `ip netns` shows and enters them too."""

from __future__ import annotations

import contextvars
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from openyun.engine.compute import EngineError
from openyun.engine.drivers import place, system_calls

FOLDER = place.RUN / "netns"
T = TypeVar("T")


def names(prefix: str) -> Iterator[str]:
    """Everything of this prefix, also what a kill or a restart of the host left without a namespace."""
    if FOLDER.is_dir():
        yield from (entry.name for entry in os.scandir(FOLDER) if entry.name.startswith(prefix))


def exists(name: str) -> bool:
    # A namespace is a mount over an empty file; the file alone is what a restart of the host leaves on a disk.
    return os.path.ismount(FOLDER / name)


def create(name: str) -> None:
    """Make the namespace unless it exists."""
    if exists(name):
        return
    path = FOLDER / name
    FOLDER.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o400)

    def make() -> None:
        system_calls.unshare_network()
        system_calls.mount("/proc/thread-self/ns/net", path, flags=system_calls.BIND)

    _in_thread(make)


def remove(name: str) -> None:
    """Forget the name. The namespace ends with the last process and socket in it."""
    path = FOLDER / name
    system_calls.unmount(path)
    path.unlink(missing_ok=True)


def inside(name: str, work: Callable[[], T]) -> T:
    """Call `work` in a thread inside the namespace; processes and sockets made there belong to it."""

    def visit() -> T:
        try:
            descriptor = os.open(FOLDER / name, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as missing:
            raise EngineError(f"the network namespace {name} is missing: {missing}") from missing
        try:
            system_calls.enter_network(descriptor)
        except OSError as gone:
            raise EngineError(f"{name} is no network namespace any more: {gone}") from gone
        finally:
            os.close(descriptor)
        return work()

    return _in_thread(visit)


def on_host(work: Callable[[], T]) -> T:
    """Call `work` where the host's side of a VPC is: on the host itself, or in what stands for it without root."""
    return inside(place.OUTSIDE, work) if place.OUTSIDE else work()


def interfaces_of_host() -> Path:
    """Where the kernel tells of the interfaces on the host's side of VPCs."""
    if not place.OUTSIDE:
        return Path("/sys/class/net")
    tells = place.RUN / "sys"
    if not os.path.ismount(tells):
        create(place.OUTSIDE)
        tells.mkdir(exist_ok=True)

        def show() -> None:
            # A sysfs shows the interfaces of the namespace that it was mounted in.
            system_calls.mount("sysfs", tells, "sysfs", flags=system_calls.READ_ONLY)
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1")

        inside(place.OUTSIDE, show)
    return tells / "class" / "net"


def inside_nameless(work: Callable[[], T]) -> T:
    """Call `work` in a new namespace that ends, with everything in it, when `work` returns."""

    def visit() -> T:
        system_calls.unshare_network()
        return work()

    return _in_thread(visit)


def interfaces() -> set[str]:
    """Names of the interfaces in the caller's namespace."""
    return {name for _, name in socket.if_nameindex()}


def _in_thread(work: Callable[[], T]) -> T:
    outcome: Future[T] = Future()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            outcome.set_result(context.run(work))
        except BaseException as failure:  # handed to the caller by result()
            outcome.set_exception(failure)

    thread = threading.Thread(target=run, name="namespace")
    thread.start()
    thread.join()
    return outcome.result()
