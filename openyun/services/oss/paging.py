"""What the listings of buckets and of objects share."""

from __future__ import annotations

from openyun.services.oss.errors import InvalidArgument

MOST = 1000
"""entries on a page"""


def check_page(max_keys: int) -> None:
    if not 1 <= max_keys <= MOST:
        raise InvalidArgument(
            reason=f"Argument max-keys must be an integer between 1 and {MOST}.",
            ArgumentName="max-keys",
            ArgumentValue=str(max_keys),
        )


def after_all_with(prefix: str) -> str | None:
    """The first text, in order of code points, that is behind all with this prefix; None if nothing is."""
    for end in range(len(prefix), 0, -1):
        code = ord(prefix[end - 1]) + 1
        if code == 0xD800:
            code = 0xE000  # surrogates are no characters
        if code <= 0x10FFFF:
            return prefix[: end - 1] + chr(code)
    return None


def check_encoding(encoding_type: str) -> bool:
    """Whether names are to be percent-encoded."""
    if encoding_type not in ("", "url"):
        raise InvalidArgument(
            reason="encoding-type must be url.", ArgumentName="encoding-type", ArgumentValue=encoding_type
        )
    return bool(encoding_type)


_LONGEST = 1024


def check_lengths(**given: str) -> None:
    """Of what names are compared with. Raises InvalidArgument, by the name of the first that is too long."""
    for name, text in given.items():
        if len(text.encode()) > _LONGEST:
            wire = name.replace("_", "-")
            raise InvalidArgument(
                reason=f"The length of {wire} must be at most {_LONGEST}.", ArgumentName=wire, ArgumentValue=text
            )
