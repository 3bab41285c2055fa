"""How much one account may have: the vendor's default quotas, as its GetAccountSummary tells them."""

from __future__ import annotations

from collections.abc import Mapping

USERS = 1000
GROUPS = 50
ROLES = 1000
POLICIES = 1500
VERSIONS_OF_A_POLICY = 5
ACCESS_KEYS_OF_A_USER = 2
GROUPS_OF_A_USER = 5
SYSTEM_POLICIES_OF_A_PARTY = 20
CUSTOM_POLICIES_OF_A_PARTY: Mapping[str, int] = {"user": 10, "group": 5, "role": 5}
TAGS = 20
