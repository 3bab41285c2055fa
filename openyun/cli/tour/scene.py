"""What the steps of a tour share: who asks, where, and what has been made so far."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from openyun.accounts import Credentials
from openyun.cli.server import Server
from openyun.cli.tour import sdks
from openyun.cli.tour.failed import Failed

T = TypeVar("T")

LONGEST_WAIT = 60.0
"""seconds for anything that the tour waits for"""


@dataclass
class Keys:
    """An AccessKey pair."""

    access_key_id: str
    access_key_secret: str


@dataclass
class Place:
    """One region of the tour, and what was made in it."""

    region: str
    city: str
    cidr: str
    vpc_id: str = ""
    v_switch_id: str = ""
    security_group_id: str = ""
    instance_id: str = ""
    public_address: str = ""
    private_key: str = ""
    first_process: str = ""
    """when the instance's first process began, as the instance tells"""


@dataclass
class Scene:
    server: Server
    account: Credentials
    folder: Path
    """for keys, gone after the tour"""
    simulated: bool
    compute: str
    user: Keys = field(default_factory=lambda: Keys("", ""))
    """the RAM user's, once it is made"""
    name: str = field(default_factory=lambda: f"tour-{secrets.token_hex(3)}")
    """what everything is called, so that tours do not meet"""
    places: list[Place] = field(
        default_factory=lambda: [
            Place("cn-hangzhou", "Hangzhou", "192.168.0.0/16"),
            Place("me-east-1", "Dubai", "10.0.0.0/8"),
        ]
    )
    body: bytes = b""
    """of the object"""
    undo: list[tuple[str, Callable[[], Any]]] = field(default_factory=list)
    """what cleans up, last made first"""

    @property
    def endpoint(self) -> str:
        return self.server.config.endpoint

    def ecs(self, place: Place, *, as_account: bool = False) -> Any:
        return sdks.ecs().client.Client(self._tea(place.region, as_account))

    def vpc(self, place: Place, *, as_account: bool = False) -> Any:
        return sdks.vpc().client.Client(self._tea(place.region, as_account))

    def ram(self, *, as_account: bool = True) -> Any:
        return sdks.ram().client.Client(self._tea(self.places[0].region, as_account))

    def sts(self) -> Any:
        return sdks.sts().client.Client(self._tea(self.places[0].region, as_account=False))

    def bucket(self, name: str = "", *, as_account: bool = False) -> Any:
        """Of the oss2 package, which checks CRC64 on its own."""
        keys = self._keys(as_account)
        oss2 = sdks.oss2()
        auth = oss2.AuthV4(keys.access_key_id, keys.access_key_secret)
        return oss2.Bucket(auth, f"http://{self.endpoint}", name or self.name, region=self.places[0].region)

    def _keys(self, as_account: bool) -> Keys | Credentials:
        return self.account if as_account else self.user

    def _tea(self, region: str, as_account: bool) -> Any:
        keys = self._keys(as_account)
        return sdks.tea().Config(
            access_key_id=keys.access_key_id,
            access_key_secret=keys.access_key_secret,
            endpoint=self.endpoint,
            protocol="http",
            region_id=region,
        )


def wait(what: str, ask: Callable[[], T], good: Callable[[T], bool], every: float = 0.05) -> T:
    """Ask until the answer is good, as every client of a cloud must."""
    deadline = time.monotonic() + LONGEST_WAIT
    while True:
        answer = ask()
        if good(answer):
            return answer
        if time.monotonic() > deadline:
            raise Failed(f"{what}: still {answer!r} after {LONGEST_WAIT:.0f} s")
        time.sleep(every)
