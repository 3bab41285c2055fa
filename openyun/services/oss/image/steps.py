"""What `x-oss-process=image/...` asks for: steps in order, each a name with its parameters.

    image/resize,m_fill,w_100,h_80/rotate,90/format,png|sys/saveas,o_a2V5

`w_100` is a parameter with a name; a bare `90` or `png` is the step's own value. Errors carry the codes of the vendor's
image service: InvalidArgument, MissingArgument, BadRequest, ImageTooLarge, WatermarkError, NoSuchStyle.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import ClassVar

import msgspec

from openyun.errors import BadRequest, NotFound

LONGEST_SIDE = 30_000
"""pixels of a source's width or height"""
MOST_PIXELS = 250_000_000
"""of a source, all frames together"""
LONGEST_RESULT = 16_384
"""pixels of a result's width or height"""
MOST_BYTES = 20 * 1024 * 1024
"""of a source"""
MOST_STEPS = 32

_COLOUR = re.compile(r"[0-9A-Fa-f]{6}")


class InvalidImageArgument(BadRequest):
    code = "InvalidArgument"
    message = "{reason}"
    ec: ClassVar[str] = "0040-00000001"


class MissingImageArgument(BadRequest):
    code = "MissingArgument"
    message = "Missing argument: {argument}."
    ec: ClassVar[str] = "0040-00000002"


class BadImage(BadRequest):
    code = "BadRequest"
    message = "{reason}"
    ec: ClassVar[str] = "0040-00000003"


class ImageTooLarge(BadRequest):
    code = "ImageTooLarge"
    message = "{reason}"
    ec: ClassVar[str] = "0040-00000004"


class WatermarkError(BadRequest):
    code = "WatermarkError"
    message = "{reason}"
    ec: ClassVar[str] = "0040-00000005"


class NoSuchStyle(NotFound):
    code = "NoSuchStyle"
    message = "The specified style does not exist."


class Step(msgspec.Struct, frozen=True):
    """One step, and what it was given."""

    name: str
    values: dict[str, str] = {}
    bare: str = ""

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Raises InvalidImageArgument, and MissingImageArgument where there is no default."""
        text = self.values.get(name)
        if text is None:
            if default is None:
                raise MissingImageArgument(argument=name)
            return default
        return _integer(text, name, low, high)

    def optional(self, name: str, low: int, high: int) -> int | None:
        return self.integer(name, low, high) if name in self.values else None

    def own(self, low: int, high: int) -> int:
        """The step's own number, as in `rotate,90`."""
        if not self.bare:
            raise MissingImageArgument(argument=self.name)
        return _integer(self.bare, self.name, low, high)

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.values.get(name, default)
        if value not in allowed:
            raise InvalidImageArgument(reason=f"The value: {value} of parameter: {name} is invalid.")
        return value

    def colour(self, name: str, default: str) -> tuple[int, int, int]:
        value = self.values.get(name, default)
        if not _COLOUR.fullmatch(value):
            raise InvalidImageArgument(reason=f"The value: {value} of parameter: {name} is invalid.")
        return int(value[:2], 16), int(value[2:4], 16), int(value[4:], 16)

    def text(self, name: str) -> str:
        """A value in URL-safe base64; empty where there is none."""
        return decode(self.values.get(name, ""))


def _integer(text: str, name: str, low: int, high: int) -> int:
    try:
        value = int(text) if len(text) <= 9 and text.isascii() else None
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise InvalidImageArgument(reason=f"The value: {text[:64]} of parameter: {name} is invalid.")
    return value


def decode(text: str) -> str:
    """URL-safe base64, with or without its padding. Raises BadImage."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        raise BadImage(reason="Input is not base64 decoding.") from None


_VALUE = re.compile(r"(?P<name>[A-Za-z]+)_(?P<value>.*)", re.DOTALL)
_BARE = frozenset({"rotate", "auto-orient", "bright", "contrast", "sharpen", "format", "interlace"})


def parse(instruction: str) -> list[Step]:
    """Steps after `image/`. Raises InvalidImageArgument."""
    kind, _, rest = instruction.partition("/")
    if kind != "image" or not rest:
        raise InvalidImageArgument(reason="Unsupported process operation.")
    steps = [_step(part) for part in rest.strip("/").split("/")]
    if len(steps) > MOST_STEPS:
        raise InvalidImageArgument(reason="There are too many steps.")
    return steps


def _step(text: str) -> Step:
    name, *parts = text.split(",")
    values: dict[str, str] = {}
    bare = ""
    for part in parts:
        named = _VALUE.fullmatch(part)
        if named is None or (name in _BARE and named["name"] not in ("k",) and not bare):
            bare = part
        else:
            values[named["name"]] = named["value"]
    return Step(name, values, bare)


class SaveAs(msgspec.Struct, frozen=True):
    """Where ProcessObject puts its result."""

    key: str
    bucket: str
    """empty for the source's own"""


def read_process(body: str) -> tuple[str, SaveAs]:
    """Instruction and destination of `image/...|sys/saveas,o_KEY,b_BUCKET`. Raises InvalidImageArgument."""
    instruction, _, save = body.partition("|")
    step = _step(save.removeprefix("sys/"))
    if not save.startswith("sys/saveas,") or "o" not in step.values:
        raise InvalidImageArgument(reason="sys/saveas with its o_ parameter is required.")
    return instruction, SaveAs(step.text("o"), step.text("b"))


def names_of(instruction: str) -> list[str]:
    """The images that an instruction's watermarks need, encoded as there: object names in base64."""
    steps = [step for step in parse(instruction) if step.name == "watermark"]
    return [step.values["image"] for step in steps if "image" in step.values]


def object_of(name: str) -> tuple[str, str]:
    """Object name and the instruction that comes first, of `logo.png?x-oss-process=image/resize,P_30`."""
    key, _, instruction = decode(name).partition("?x-oss-process=")
    return key, instruction
