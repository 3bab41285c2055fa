"""The records of an object that a statement selects, in the order of the object, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openyun.services.oss.select.errors import SelectProblem
from openyun.services.oss.select.plan import Plan
from openyun.services.oss.select.shapes import Rows, Values
from openyun.services.oss.select.sql import Aggregate, Statement
from openyun.services.oss.select.values import Mismatch, Record, Sum, compile_node


class Selection:
    """Grows record by record: what was taken and skipped so far, and the aggregates."""

    def __init__(self, plan: Plan, statement: Statement, shape: Rows | Values) -> None:
        self._plan = plan
        self._limit = statement.limit
        self._shape = shape
        self._where = compile_node(statement.where, shape.reader) if statement.where is not None else None
        self.sums = [Sum(item.node, shape.reader) for item in statement.items if isinstance(item.node, Aggregate)]
        self._skipped = 0
        self.taken = 0

    @property
    def left(self) -> int | None:
        """How many more may be taken; None for all."""
        return None if self._limit is None else self._limit - self.taken

    def take(self, records: Iterable[Record]) -> Iterator[bytes]:
        """Text for each record that is selected, empty for one that is not. Raises SelectProblem."""
        if self.left == 0:
            return
        for record in records:
            try:
                if self._where is not None and self._where(record) is not True:
                    yield b""
                    continue
                if self.sums:
                    for one in self.sums:
                        one.add(record)
                    text = b""
                else:
                    text = self._shape.text(record)
            except Mismatch as problem:
                self._skipped += 1
                if self._skipped > self._plan.most_skipped:
                    kind = "InvalidCsvLine" if self._plan.csv is not None else "InvalidJsonData"
                    raise SelectProblem(kind, f"{problem} More records were skipped than allowed.") from None
                yield b""
                continue
            self.taken += 1
            yield text
            if self.left == 0:
                return

    def totals(self) -> bytes:
        """The line of the aggregates; empty if there are none."""
        return self._shape.totals([one.result() for one in self.sums]) if self.sums else b""
