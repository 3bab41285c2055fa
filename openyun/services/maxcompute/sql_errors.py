"""What is wrong with a statement, in the vendor's words: a code, and where."""

from __future__ import annotations


class SqlProblem(Exception):
    """`ODPS-0130161:[1,15] Parse exception - ...`; line and column count from 1."""

    code = "ODPS-0130071"
    kind = "Semantic analysis exception"

    def __init__(self, reason: str, place: tuple[int, int] = (1, 1)) -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place

    @property
    def text(self) -> str:
        line, column = self.place
        return f"{self.code}:[{line},{column}] {self.kind} - {self.reason}"


class ParseProblem(SqlProblem):
    code = "ODPS-0130161"
    kind = "Parse exception"


class TableMissing(SqlProblem):
    code = "ODPS-0130131"
    kind = "Table not found"


class TableThere(SqlProblem):
    code = "ODPS-0130121"
    kind = "Invalid table or view exists"


class PartitionProblem(SqlProblem):
    code = "ODPS-0130221"
    kind = "Invalid partition value"


class ColumnMissing(SqlProblem):
    pass


class Unsupported(SqlProblem):
    """The vendor has it, this cloud does not."""

    code = "ODPS-0130141"
    kind = "Illegal implicit type cast or unsupported feature"

    @property
    def text(self) -> str:
        line, column = self.place
        return f"ODPS-0130011:[{line},{column}] OpenYun does not implement this - {self.reason}"


class RunProblem(SqlProblem):
    """Found while the statement ran."""

    code = "ODPS-0123065"
    kind = "Job exception"

    @property
    def text(self) -> str:
        return f"{self.code}: {self.kind} - {self.reason}"
