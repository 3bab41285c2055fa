"""State: typed records in serializable transactions, on SQLite or PostgreSQL."""

from openyun.state.record import Indexes, Record
from openyun.state.store import DuplicateKey, StateError, Store, Transaction, open_store

__all__ = ["DuplicateKey", "Indexes", "Record", "StateError", "Store", "Transaction", "open_store"]
