from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Account, Server
from tests.protocol.wire import Wire, wire_of


class Listener(Server):
    """A server that remembers every secret it gave out."""

    secrets: list[str]

    def new_account(self) -> Account:
        account = super().new_account()
        self.secrets.append(account.access_key_secret)
        return account


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own, whose log tells only what this module did to it. At the end it must be well, and
    its log clean."""
    server = Listener(tmp_path_factory.mktemp("lonely"))
    server.start()
    server.secrets = [server.account().access_key_secret, (server.data / "operator.token").read_text()]
    yield server
    assert wire_of(server).v1("DescribeVpcs").status == 200
    server.stop()
    log = server.log.read_text()
    assert "Traceback" not in log
    assert 'File "' not in log
    assert [secret for secret in server.secrets if secret in log] == []


@pytest.fixture
def wire(server: Server) -> Wire:
    """Signs for an account of the test's own."""
    return wire_of(server)
