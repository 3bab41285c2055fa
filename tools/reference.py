"""Writes the generated pages of docs/reference from the code.

python tools/reference.py
"""

from __future__ import annotations

from pathlib import Path

from coverage_page import coverage_page, fields_page
from openyun.main import SERVICES
from operations_page import operations_page

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"


def pages() -> dict[str, str]:
    """File name and text of every generated page."""
    return {
        "coverage.md": coverage_page(SERVICES),
        "operations.md": operations_page(SERVICES),
        "fields.md": fields_page(SERVICES),
    }


if __name__ == "__main__":
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
        print(REFERENCE / name)
