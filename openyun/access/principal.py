"""Who calls."""

from __future__ import annotations

from typing import Literal

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """An identity whose signature was verified, or nobody."""

    kind: Literal["root", "user", "role", "anonymous"]
    account_id: str = ""
    id: str = ""
    """UserId or RoleId; the account's id for root"""
    name: str = ""
    """UserName or RoleName"""
    session_name: str = ""
    access_key_id: str = ""
    session_policy: str = ""
    """a policy document that narrows what the role may do"""
    mfa_present: bool = False

    @property
    def arn(self) -> str:
        match self.kind:
            case "user":
                return f"acs:ram::{self.account_id}:user/{self.name}"
            case "role":
                return f"acs:ram::{self.account_id}:assumed-role/{self.name}/{self.session_name}"
            case "root":
                return f"acs:ram::{self.account_id}:root"
            case _:
                return ""


ANONYMOUS = Principal(kind="anonymous")
