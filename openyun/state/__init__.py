"""State: typed records in serializable transactions, on SQLite or PostgreSQL."""

from openyun.state.record import Record
from openyun.state.store import DuplicateKey, StateError, Store, Transaction, open_store

__all__ = ["DuplicateKey", "Record", "StateError", "Store", "Transaction", "open_store"]
