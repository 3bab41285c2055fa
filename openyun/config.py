"""What can be set: by environment variables, each with a default that suits a laptop."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from openyun.region import HOME


def _home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    return Path(base) / "openyun"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "openyun"


class Config(msgspec.Struct, kw_only=True, frozen=True):
    data: Path
    """all that this cloud keeps: state, objects, disks, keys"""
    cache: Path
    """what can be made again, such as guest images; shared by all clouds of this user"""
    host: str = "127.0.0.1"
    port: int = 8000
    state: str = "sqlite"
    """"sqlite", or a postgresql:// address"""
    compute: str = "auto"
    """a driver's name: "runc", "simulated" or "none"; "auto" is "runc" where it works and else "none", which refuses to
    run instances and says why"""
    public_cidr: str = "198.18.0.0/15"
    """where public addresses come from; each region takes an equal part"""
    account_id: str = "1000000000000001"
    """the account that is made at the first start"""
    requests_per_second: int = 0
    """of one account to one operation, before Throttling.User; 0 for no limit"""
    default_region: str = HOME.id
    internet_egress: bool = False
    """whether instances with a public address or an SNAT entry may open connections to the internet, through this host
    and under its address"""
    callback_allow: str = "127.0.0.0/8,::1"
    """where upload callbacks may go, and objects be fetched from: networks and host names, separated by commas"""
    blobs: str = "files"
    """where the bytes of objects lie: "files", or s3://bucket?endpoint=...; REGION=... before it, and others behind a
    semicolon, choose for one region"""

    @property
    def endpoint(self) -> str:
        """host:port, as SDKs want it."""
        return f"{self.host}:{self.port}"


def load() -> Config:
    """From OPENYUN_DATA, OPENYUN_CACHE, OPENYUN_HOST, OPENYUN_PORT, OPENYUN_STATE, OPENYUN_COMPUTE,
    OPENYUN_PUBLIC_CIDR, OPENYUN_ACCOUNT_ID, OPENYUN_REQUESTS_PER_SECOND, OPENYUN_DEFAULT_REGION,
    OPENYUN_INTERNET_EGRESS, OPENYUN_CALLBACK_ALLOW and OPENYUN_BLOBS."""
    given = {
        name: os.environ[variable]
        for name in Config.__struct_fields__
        if (variable := f"OPENYUN_{name.upper()}") in os.environ
    }
    paths = {
        "data": Path(given.pop("data", "") or _home()).expanduser().absolute(),
        "cache": Path(given.pop("cache", "") or _cache()).expanduser().absolute(),
    }
    return msgspec.convert({**given, **paths}, Config, strict=False)
