"""What names and descriptions may be."""

from __future__ import annotations


def is_name(text: str, *, shortest: int = 1, longest: int = 128) -> bool:
    """Whether a text is of this length and does not look like an address, as no product allows."""
    return shortest <= len(text) <= longest and not text.startswith(("http://", "https://"))
