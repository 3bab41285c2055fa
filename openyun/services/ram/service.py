"""RAM 2015-05-01: users, groups, roles, policies and AccessKey pairs of an account."""

from __future__ import annotations

from openyun.errors import NoPermission
from openyun.operation import Service

ram = Service(
    name="ram",
    product="Ram",
    version="2015-05-01",
    title="Resource Access Management",
    is_global=True,
    forbidden=NoPermission,
)
