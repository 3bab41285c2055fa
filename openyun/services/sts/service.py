"""STS 2015-04-01: temporary credentials, and who a caller is."""

from __future__ import annotations

from openyun.errors import NoPermission
from openyun.operation import Service

sts = Service(
    name="sts",
    product="Sts",
    version="2015-04-01",
    title="Security Token Service",
    is_global=True,
    forbidden=NoPermission,
)
