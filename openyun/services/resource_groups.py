"""Resource groups as every product knows them: which there are, and which one an account has from the start."""

from __future__ import annotations

from openyun.access.identity import ResourceGroup
from openyun.errors import NotFound
from openyun.operation import Call
from openyun.state import Transaction


class ResourceGroupNotFound(NotFound):
    code = "InvalidResourceGroup.NotFound"
    message = "The ResourceGroup provided does not exist in our records."


def default_group(account_id: str) -> str:
    """Every account has one; it is named after the account."""
    return f"rg-acfm{account_id[-11:]}"


def exists(state: Transaction, account_id: str, group_id: str) -> bool:
    """Asked of identity: at home, or of a region's copy."""
    if group_id == default_group(account_id):
        return True
    found = state.get(ResourceGroup, group_id)
    return found is not None and found.account_id == account_id


def check(call: Call, group_id: str) -> str:
    """The id, if it is a resource group of the caller's account. Raises ResourceGroupNotFound."""
    if not call.cloud.identity(call.region.id, lambda state: exists(state, call.account_id, group_id)):
        raise ResourceGroupNotFound
    return group_id
