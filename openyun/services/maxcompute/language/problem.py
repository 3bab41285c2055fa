"""What is wrong with a statement, and where."""

from __future__ import annotations


class SqlProblem(Exception):
    """`str` of it is what MaxCompute would say: `ODPS-0130161:[1,8] Parse exception - ...`."""

    def __init__(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"{code}:[{line},{column}] {message}")
        self.code, self.message, self.line, self.column = code, message, line, column


def parse_exception(message: str, line: int, column: int) -> SqlProblem:
    return SqlProblem("ODPS-0130161", f"Parse exception - {message}", line, column)


def semantic_exception(message: str, line: int, column: int) -> SqlProblem:
    return SqlProblem("ODPS-0130071", f"Semantic analysis exception - {message}", line, column)


def table_not_found(table: str, line: int, column: int) -> SqlProblem:
    return SqlProblem("ODPS-0130131", f"Table not found - table {table} cannot be resolved", line, column)
