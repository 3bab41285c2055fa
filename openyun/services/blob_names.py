"""Who names blobs: what no service names is garbage, which the sweeper frees."""

from __future__ import annotations

from collections.abc import Callable

from openyun.state import Transaction

sources: list[Callable[[Transaction, list[str]], set[str]]] = []
"""Every service that keeps bytes in blobs, beside OSS, adds a function that tells which of some blobs it names."""


def named(state: Transaction, blob_ids: list[str]) -> set[str]:
    return {blob_id for source in sources for blob_id in source(state, blob_ids)}
