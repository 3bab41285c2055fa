from __future__ import annotations

import pytest

from tests.conftest import Server
from tests.protocol.wire import Wire, wire_of


@pytest.fixture
def wire(server: Server) -> Wire:
    """Signs for an account of the test's own."""
    return wire_of(server)
