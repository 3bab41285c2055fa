"""A cloud in this process, for tests of single parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from openyun.access.principal import Principal
from openyun.clock import FixedClock
from openyun.cloud import Cloud
from openyun.config import Config
from openyun.main import make_engines
from openyun.operation import Call
from openyun.state import Transaction

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@contextmanager
def small_cloud(folder: Path) -> Iterator[Cloud]:
    """Simulated, with its clock at noon until a test sets it."""
    cloud = Cloud(Config(data=folder, cache=folder, compute="simulated"), make_engines, FixedClock(NOON))
    yield cloud
    cloud.close()


def call_in(cloud: Cloud, state: Transaction, account_id: str = "1", access_key_id: str = "ak") -> Call:
    principal = Principal(kind="root", account_id=account_id, access_key_id=access_key_id)
    return Call(cloud=cloud, at=cloud.home, principal=principal, request_id="R", state=state)
