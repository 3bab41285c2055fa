"""SQL on DuckDB, in processes beside the server: one a query, kept for the next if it ended well."""

from openyun.engine.drivers.duckdb.engine import DuckDb, is_installed

__all__ = ["DuckDb", "is_installed"]
