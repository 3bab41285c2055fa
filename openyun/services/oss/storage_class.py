"""Storage classes: those whose objects can be read at once."""

from __future__ import annotations

from openyun.services.oss.errors import InvalidArgument

STORAGE_CLASSES = ("Standard", "IA")


def check_storage_class(name: str, parameter: str) -> str:
    """Raises InvalidArgument for all but these and nothing."""
    if name and name not in STORAGE_CLASSES:
        raise InvalidArgument(
            reason="OpenYun has the storage classes Standard and IA.", ArgumentName=parameter, ArgumentValue=name
        )
    return name
