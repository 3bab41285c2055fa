"""The generated pages of docs/reference say what the code says."""

import pytest

from openyun.main import SERVICES
from tools.coverage_page import releases
from tools.reference import REFERENCE, pages

AGAIN = "out of date: run python -m tools.reference"


@pytest.mark.parametrize("name", ["coverage.md", "operations.md"])
def test_the_page_is_up_to_date(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == pages()[name], AGAIN


def test_the_fields_page_is_up_to_date() -> None:
    text = (REFERENCE / "fields.md").read_text(encoding="utf-8")
    if f"Compared with {releases(SERVICES)}." not in text:
        pytest.skip("the page was made from other releases of the SDKs than those installed here")
    assert text == pages()["fields.md"], AGAIN
