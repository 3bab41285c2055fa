"""Steps that change an image's shape: resize, crop, rotate, circle, rounded-corners, indexcrop."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from openyun.services.oss.image.steps import (
    LONGEST_RESULT,
    LONGEST_SIDE,
    BadImage,
    ImageTooLarge,
    InvalidImageArgument,
    MissingImageArgument,
    Step,
)

_SMOOTH = 4
"""A mask is drawn so many times larger, for soft edges."""


def resize(step: Step, image: Image.Image) -> Image.Image:
    """Modes lfit (inside the box), mfit (around it), fill (around, then cut), pad (inside, then filled up), fixed."""
    percent = step.optional("p", 1, 1000)
    if percent is not None:
        return _scaled(image, round(image.width * percent / 100), round(image.height * percent / 100))
    mode = step.choice("m", ("lfit", "mfit", "fill", "pad", "fixed"), "lfit")
    width, height = _box(step, image)
    if step.choice("limit", ("0", "1"), "1") == "1" and mode in ("lfit", "mfit"):
        target = _fitted(image, width, height, mode)
        return image if target[0] > image.width or target[1] > image.height else _scaled(image, *target)
    if step.choice("limit", ("0", "1"), "1") == "1" and ((width or 0) > image.width or (height or 0) > image.height):
        return image
    if mode in ("lfit", "mfit"):
        return _scaled(image, *_fitted(image, width, height, mode))
    if mode == "fixed":
        both = _fitted(image, width, height, "lfit") if width is None or height is None else (width, height)
        return _scaled(image, *both)
    target = (width or height or 1, height or width or 1)
    inner = _scaled(image, *_fitted(image, *target, "mfit" if mode == "fill" else "lfit"))
    if mode == "fill":
        left, top = (inner.width - target[0]) // 2, (inner.height - target[1]) // 2
        return inner.crop((left, top, left + target[0], top + target[1]))
    ground = Image.new("RGB", target, step.colour("color", "FFFFFF"))
    place = ((target[0] - inner.width) // 2, (target[1] - inner.height) // 2)
    ground.paste(inner, place, inner.getchannel("A") if inner.mode == "RGBA" else None)
    return ground


def _box(step: Step, image: Image.Image) -> tuple[int | None, int | None]:
    """Width and height asked for. `l` and `s` speak of the longer and the shorter side, and yield to `w` and `h`."""
    width, height = step.optional("w", 1, LONGEST_RESULT), step.optional("h", 1, LONGEST_RESULT)
    if width is None and height is None:
        longer, shorter = step.optional("l", 1, LONGEST_RESULT), step.optional("s", 1, LONGEST_RESULT)
        width, height = (longer, shorter) if image.width >= image.height else (shorter, longer)
    if width is None and height is None:
        raise MissingImageArgument(argument="w or h")
    return width, height


def _fitted(image: Image.Image, width: int | None, height: int | None, mode: str) -> tuple[int, int]:
    scales = [w / size for w, size in ((width, image.width), (height, image.height)) if w is not None]
    scale = max(scales) if mode == "mfit" else min(scales)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _scaled(image: Image.Image, width: int, height: int) -> Image.Image:
    width, height = max(1, width), max(1, height)
    if max(width, height) > LONGEST_RESULT:
        raise ImageTooLarge(reason=f"The result would have more than {LONGEST_RESULT} pixels a side.")
    return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.LANCZOS)


_PLACES = {
    name: (column / 2, row / 2)
    for row, names in enumerate((("nw", "north", "ne"), ("west", "center", "east"), ("sw", "south", "se")))
    for column, name in enumerate(names)
}
"""where a region lies, as parts of the room that is left beside it"""


def origin(step: Step, outer: tuple[int, int], inner: tuple[int, int], default: str) -> tuple[int, int]:
    """Left and top of the inner box, before x and y are added."""
    across, down = _PLACES[step.choice("g", tuple(_PLACES), default)]
    return round((outer[0] - inner[0]) * across), round((outer[1] - inner[1]) * down)


def crop(step: Step, image: Image.Image) -> Image.Image:
    width = min(step.integer("w", 0, LONGEST_SIDE, image.width) or image.width, image.width)
    height = min(step.integer("h", 0, LONGEST_SIDE, image.height) or image.height, image.height)
    x, y = step.integer("x", 0, LONGEST_SIDE, 0), step.integer("y", 0, LONGEST_SIDE, 0)
    left, top = origin(step, image.size, (width, height), "nw")
    left, top = left + x, top + y
    if left >= image.width or top >= image.height:
        raise BadImage(reason="Advance cut's position is out of image.")
    return image.crop((left, top, min(image.width, left + width), min(image.height, top + height)))


def rotate(step: Step, image: Image.Image) -> Image.Image:
    """Clockwise; what is new at the corners is white, or transparent where the image can be."""
    angle = step.own(0, 360) % 360
    turned = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
    if angle in turned:
        return image.transpose(turned[angle])
    if angle == 0:
        return image
    ground = (255, 255, 255, 0) if image.mode == "RGBA" else (255, 255, 255)
    return image.rotate(-angle, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)


def circle(step: Step, image: Image.Image) -> Image.Image:
    """The largest circle about the middle, no larger than asked."""
    radius = min(step.integer("r", 1, 4096), min(image.size) // 2 or 1)
    left, top = image.width // 2 - radius, image.height // 2 - radius
    cut = image.crop((left, top, left + 2 * radius, top + 2 * radius))
    return _masked(cut, radius)


def rounded_corners(step: Step, image: Image.Image) -> Image.Image:
    return _masked(image, min(step.integer("r", 1, 4096), min(image.size) // 2 or 1))


def _masked(image: Image.Image, radius: int) -> Image.Image:
    # One quarter is drawn and turned: a mask of the whole, four times as large, could not be afforded.
    corner = Image.new("L", (radius * _SMOOTH, radius * _SMOOTH), 0)
    ImageDraw.Draw(corner).pieslice((0, 0, 2 * radius * _SMOOTH, 2 * radius * _SMOOTH), 180, 270, fill=255)
    corner = corner.resize((radius, radius), Image.Resampling.BOX)
    mask = Image.new("L", image.size, 255)
    right, bottom = image.width - radius, image.height - radius
    mask.paste(corner, (0, 0))
    mask.paste(corner.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (right, 0))
    mask.paste(corner.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, bottom))
    mask.paste(corner.transpose(Image.Transpose.ROTATE_180), (right, bottom))
    result = image.convert("RGBA")
    clear = Image.new("RGBA", image.size, (255, 255, 255, 0))
    clear.paste(result, (0, 0), mask)
    return clear


def index_crop(step: Step, image: Image.Image) -> Image.Image:
    """Cut into strips of x columns or y rows, and take the i-th; the whole where there is no such strip."""
    across = step.optional("x", 1, LONGEST_SIDE)
    size = across if across is not None else step.optional("y", 1, LONGEST_SIDE)
    if size is None:
        raise InvalidImageArgument(reason="indexcrop needs x or y.")
    index = step.integer("i", 0, LONGEST_SIDE, 0)
    length = image.width if across is not None else image.height
    first, last = index * size, min((index + 1) * size, length)
    if first >= length:
        return image
    return image.crop((first, 0, last, image.height) if across is not None else (0, first, image.width, last))


STEPS: dict[str, Callable[[Step, Image.Image], Image.Image]] = {
    "resize": resize,
    "crop": crop,
    "rotate": rotate,
    "circle": circle,
    "rounded-corners": rounded_corners,
    "indexcrop": index_crop,
}
