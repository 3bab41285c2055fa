from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from openyun.engine.drivers import doctor, guest_image
from tests.engine.cloud import Cloud


@pytest.fixture(scope="session")
def runc_host() -> None:
    """A host that can run real instances, with the guest image built."""
    lacking = [finding for finding in doctor.check() if finding.needed and not finding.ok]
    if lacking:
        pytest.skip("; ".join(f"{finding.what}: {finding.detail or finding.fix}" for finding in lacking))
    guest_image.build_image(guest_image.cache(), guest_image.DEBIAN_12)


@pytest.fixture(params=["simulated", "runc"])
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    """Each driver in turn."""
    if request.param == "runc":
        request.getfixturevalue("runc_host")
    yield from _cloud(request.param, tmp_path)


@pytest.fixture
def real(runc_host: None, tmp_path: Path) -> Iterator[Cloud]:
    """The drivers whose machines run."""
    yield from _cloud("runc", tmp_path)


def _cloud(kind: str, folder: Path) -> Iterator[Cloud]:
    cloud = Cloud(kind, folder / "data")
    yield cloud
    cloud.clear()
    assert list(cloud.compute.observe()) == []
    assert list(cloud.network.observe()) == []
    if kind != "simulated":
        assert cloud.remains() == []


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SSH key pair; the public half is beside it."""
    path = tmp_path_factory.mktemp("key") / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path
