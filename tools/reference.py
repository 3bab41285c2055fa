"""Writes the generated pages of docs/reference from the code.

python -m tools.reference
"""

from __future__ import annotations

from pathlib import Path

from openyun.main import SERVICES
from tools.coverage_page import coverage_page, fields_page
from tools.operations_page import operations_page

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
