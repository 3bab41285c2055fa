"""The Cbn service. Importing it declares its operations."""

from openyun.services.cbn import (
    areas,
    attachments,
    cens,
    errors,
    joining,
    limits,
    package_list,
    packages,
    records,
    routes,
    tags,
)
from openyun.services.cbn.service import cbn

__all__ = [
    "areas",
    "attachments",
    "cbn",
    "cens",
    "errors",
    "joining",
    "limits",
    "package_list",
    "packages",
    "records",
    "routes",
    "tags",
]
