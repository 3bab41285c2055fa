"""Hears at once when a machine's first process ends, by the descriptors that the kernel gives of processes."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable

from openyun.engine.drivers.runc.runtime import Process, lives


class Watch:
    """One thread waits for all processes; it begins with the first one."""

    def __init__(self, ended: Callable[[str], None]) -> None:
        """`ended` is told a machine's id, whoever ended it."""
        self._ended = ended
        self._lock = threading.Lock()
        self._poll = select.epoll()
        self._watched: dict[str, tuple[Process, int]] = {}
        self._thread: threading.Thread | None = None

    def add(self, machine_id: str, process: Process) -> None:
        """Unless it is watched already."""
        with self._lock:
            known = self._watched.get(machine_id)
            if known is not None and known[0] == process:
                return
            try:
                descriptor = os.pidfd_open(process.pid)
            except ProcessLookupError:
                return
            if not lives(process):  # the number is another's by now
                os.close(descriptor)
                return
            if known is not None:
                self._drop(machine_id)
            self._watched[machine_id] = process, descriptor
            self._poll.register(descriptor, select.EPOLLIN)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()

    def _drop(self, machine_id: str) -> None:
        _, descriptor = self._watched.pop(machine_id)
        self._poll.unregister(descriptor)
        os.close(descriptor)

    def _run(self) -> None:
        while True:
            ready = {descriptor for descriptor, _ in self._poll.poll()}
            with self._lock:
                found = [machine_id for machine_id, (_, descriptor) in self._watched.items() if descriptor in ready]
                for machine_id in found:
                    self._drop(machine_id)
            for machine_id in found:
                self._ended(machine_id)
