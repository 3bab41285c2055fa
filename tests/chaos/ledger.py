"""What a client may believe: for each thing, the outcomes that are possible after all that was asked and answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

Key = tuple[str, str]
"""kind and name"""
Outcome = str | None
"""what a thing is like; None where it is not there"""


class Unanswered(Exception):
    """The server went away in the middle of a call: it was done, or it was not."""


class Refusal(Exception):
    """The server said no: nothing was done."""


class Ledger:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.possible: dict[Key, set[Outcome]] = {}
        self.acknowledged = self.refused = self.unanswered = 0

    @contextmanager
    def change(self, to: Outcome, *keys: Key) -> Iterator[None]:
        """A call that would make this of these things. An answer makes it certain; Refusal and Unanswered end here."""
        with self._lock:
            before = {key: set(self.possible.get(key, {None})) for key in keys}
            self.possible.update({key: outcomes | {to} for key, outcomes in before.items()})
        try:
            yield
        except Unanswered:
            self.unanswered += 1
        except Refusal:
            with self._lock:
                self.possible.update(before)
            self.refused += 1
        else:
            with self._lock:
                self.possible.update({key: {to} for key in keys})
            self.acknowledged += 1

    def certain(self, kind: str, prefix: str = "") -> list[str]:
        """Names of the things of this kind that are there without doubt."""
        with self._lock:
            return sorted(
                name
                for (one, name), outcomes in self.possible.items()
                if one == kind and None not in outcomes and len(outcomes) == 1 and name.startswith(prefix)
            )

    def disagreements(self, found: dict[Key, str]) -> list[str]:
        """In words: what is not as it was acknowledged, and what nobody asked for."""
        wrong = [
            f"{kind} {name} is {found.get((kind, name))!r}, and may be {sorted(map(str, outcomes))}"
            for (kind, name), outcomes in self.possible.items()
            if found.get((kind, name)) not in outcomes
        ]
        return wrong + [f"{kind} {name} came from nowhere" for kind, name in found if (kind, name) not in self.possible]
