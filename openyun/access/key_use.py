"""When an AccessKey pair was last used. Known to the hour, so that a busy key costs one write an hour."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from openyun.access.principal import Principal
from openyun.clock import iso_seconds
from openyun.state import Record, Store, Transaction

_GRAIN = timedelta(hours=1)


class KeyUse(Record, kw_only=True):
    TABLE: ClassVar[str] = "access_key_use"

    id: str
    used_at: str


class KeyUses:
    def __init__(self) -> None:
        self._noted: dict[str, datetime] = {}

    def note(self, home: Store, principal: Principal, now: datetime) -> None:
        """Remember that this caller's key proved itself just now. Temporary keys are not worth it."""
        if principal.kind not in ("root", "user"):
            return
        key_id = principal.access_key_id
        noted = self._noted.get(key_id)
        if noted is not None and abs(now - noted) < _GRAIN:
            return
        self._noted[key_id] = now
        use = KeyUse(id=key_id, used_at=iso_seconds(now))

        def write(state: Transaction) -> None:
            state.put(use)

        home.submit(write)
