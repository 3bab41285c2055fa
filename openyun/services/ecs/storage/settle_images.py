"""The reconciler's part for images: they are ready when their snapshots are; imports and exports are carried out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from openyun.clock import iso_seconds
from openyun.cloud import Cloud, RegionState
from openyun.engine.disk import Received, UnreadableImage
from openyun.errors import CloudError
from openyun.services.ecs.storage import create_image
from openyun.services.ecs.storage.image_transfer import finish_import
from openyun.services.ecs.storage.records import Image, Snapshot, Task
from openyun.services.oss import exchange
from openyun.state import Transaction


class Images:
    """One region's."""

    def __init__(self, cloud: Cloud, at: RegionState) -> None:
        self._cloud = cloud
        self._at = at

    def survey(self) -> None:
        """Nothing of an image is kept anywhere but in state; its disks' contents are looked after with disks."""

    def due(self) -> list[tuple[str, Callable[[], None]]]:
        if self._at.store.read(lambda state: state.count(Image, due=True)):
            self._at.store.write(_settle_ready)
        waiting = self._at.store.read(lambda state: state.find(Task, due=True))
        return [(f"task {one.id}", partial(self.carry_out, one)) for one in waiting]

    def carry_out(self, task: Task) -> None:
        """May take minutes. Raises EngineError; then the task stays due."""
        self._at.store.write(partial(_begin, task.id))
        try:
            if task.action == "ImportImage":
                self._import(task)
            else:
                self._export(task)
        except (CloudError, UnreadableImage) as problem:
            code = problem.code if isinstance(problem, CloudError) else "InvalidImage.Unreadable"
            text = problem.text if isinstance(problem, CloudError) else str(problem)
            self._at.store.write(partial(_fail, task.id, code, text, self._now()))

    def _import(self, task: Task) -> None:
        image = self._at.store.read(lambda state: state.get(Image, task.resource_id))
        if image is None:
            return
        engine, content_id = self._at.engines.disk, image.disks[0].layers[0]
        given = exchange.fetch(self._cloud, self._at, task.account_id, task.oss_bucket, task.oss_object)
        received = engine.receive(content_id, given)
        self._at.store.write(partial(_imported, task.id, received, engine.size_of(content_id), self._now()))

    def _export(self, task: Task) -> None:
        image = self._at.store.read(lambda state: state.get(Image, task.resource_id))
        if image is None:
            self._at.store.write(partial(_fail, task.id, "InvalidImageId.NotFound", "The image is gone.", self._now()))
            return
        system = image.disks[0]
        exchange.store(
            self._cloud,
            self._at,
            task.account_id,
            task.oss_bucket,
            task.oss_object,
            lambda: self._at.engines.disk.export(tuple(system.layers), system.base_image, system.size),
            "application/gzip",
        )
        self._at.store.write(partial(_finish, task.id, self._now()))

    def _now(self) -> str:
        return iso_seconds(self._cloud.clock.now())


def _settle_ready(state: Transaction) -> None:
    for image in state.find(Image, due=True):
        found = state.find(Snapshot, id=[disk.snapshot_id for disk in image.disks])
        statuses = {one.status for one in found}
        if "failed" in statuses or len(found) < len(image.disks):
            image.status, image.due = "CreateFailed", False
        elif statuses == {"accomplished"}:
            image.status, image.due = "Available", False
        else:
            continue
        state.put(image)


def _begin(task_id: str, state: Transaction) -> None:
    task = state.get(Task, task_id)
    if task is None or task.status != "Pending":
        return
    task.status = "Processing"
    state.put(task)
    image = state.get(Image, task.resource_id)
    if task.action == "ImportImage" and image is not None:
        image.status = "Creating"
        state.put(image)


def _imported(task_id: str, received: Received, stored: int, now: str, state: Transaction) -> None:
    task = state.get(Task, task_id)
    image = state.get(Image, task.resource_id) if task else None
    if task is None or not task.due or image is None:
        return  # cancelled meanwhile
    finish_import(state, image, received.size, received.os_name, stored)
    _finish(task_id, now, state)


def _finish(task_id: str, now: str, state: Transaction) -> None:
    task = state.get(Task, task_id)
    if task is not None and task.due:
        task.status, task.due, task.finished_at = "Finished", False, now
        state.put(task)


def _fail(task_id: str, code: str, text: str, now: str, state: Transaction) -> None:
    task = state.get(Task, task_id)
    if task is None or not task.due:
        return
    task.status, task.due, task.finished_at = "Failed", False, now
    task.error_code, task.error_info = code, text
    state.put(task)
    image = state.get(Image, task.resource_id)
    if task.action == "ImportImage" and image is not None:
        create_image.delete(state, image)
