"""Where the bytes of an object lie: in one blob, or in pieces, one after the other."""

from __future__ import annotations

from functools import partial

from openyun.operation import Call
from openyun.services.oss.records import Object, Piece
from openyun.services.oss.service import Slice
from openyun.state import Transaction


def slices_of(state: Transaction, found: Object, start: int, length: int) -> tuple[Slice, ...]:
    """What of which blobs makes up this range."""
    if not length:
        return ()
    if not found.content_id:
        return (Slice(found.blob_id, start, length),)
    slices = []
    end = start + length
    offset = 0
    for piece in state.find(Piece, content_id=found.content_id):
        first, last = max(start, offset), min(end, offset + piece.size)
        if first < last:
            slices.append(Slice(piece.blob_id, first - offset, last - first))
        offset += piece.size
    return tuple(slices)


def free(call: Call, gone: Object) -> None:
    """Once the object's row is gone for good, its bytes go."""
    blob_ids = [gone.blob_id] if gone.blob_id else []
    if gone.content_id:
        for piece in call.state.find(Piece, content_id=gone.content_id):
            call.state.delete(piece)
            blob_ids.append(piece.blob_id)
    for blob_id in blob_ids:
        call.state.after_commit(partial(call.at.engines.blob.discard, blob_id))


def replace(call: Call, old: Object | None, new: Object) -> None:
    """Put the new object's row, and free what it replaces."""
    call.state.put(new)
    if old is not None:
        free(call, old)
