"""The watermark step: a text, an image, or one beside the other, anywhere on an image or all over it."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError

from openyun.services.oss.image.geometry import STEPS as GEOMETRY
from openyun.services.oss.image.geometry import origin
from openyun.services.oss.image.light import faded
from openyun.services.oss.image.steps import InvalidImageArgument, Step, WatermarkError, object_of, parse

_LONGEST_TEXT = 64
"""bytes before encoding"""
_FONTS = Path("/usr/share/fonts")
_CHINESE = ("wqy-zenhei.ttc", "wqy-microhei.ttc", "NotoSansCJK-Regular.ttc", "DroidSansFallbackFull.ttf")
"""files with all letters that the vendor's fonts have, in order of likeness to its default, WenQuanYi Zen Hei"""


def draw(step: Step, image: Image.Image, images: dict[str, bytes]) -> Image.Image:
    """Raises WatermarkError, InvalidImageArgument."""
    text, name = step.text("text"), step.values.get("image", "")
    if not text and not name:
        raise WatermarkError(reason="A watermark needs a text or an image.")
    if len(text.encode()) > _LONGEST_TEXT:
        raise WatermarkError(reason=f"The text of a watermark has at most {_LONGEST_TEXT} bytes.")
    parts = [_image(step, name, image, images)] if name else []
    if text:
        parts.append(_text(step, text))
    if step.choice("order", ("0", "1"), "0") == "1":
        parts.reverse()
    mark = faded(_beside(step, parts), step.integer("t", 0, 100, 100))
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    if step.choice("fill", ("0", "1"), "0") == "1":
        _tile(layer, mark, step.integer("padx", 0, 4096, 0), step.integer("pady", 0, 4096, 0))
    else:
        layer.alpha_composite(*_placed(step, layer, mark))
    result = Image.alpha_composite(image.convert("RGBA"), layer)
    return result if image.mode == "RGBA" else result.convert("RGB")


def _placed(step: Step, layer: Image.Image, mark: Image.Image) -> tuple[Image.Image, tuple[int, int]]:
    """What of the mark lies on the image, and where."""
    x, y = step.integer("x", 0, 4096, 10), step.integer("y", 0, 4096, 10)
    middle = step.integer("voffset", -1000, 1000, 0)
    place = step.values.get("g", "se")
    left, top = origin(step, layer.size, mark.size, "se")
    left += x if place in ("nw", "west", "sw") else -x if place in ("ne", "east", "se") else 0
    top += y if place in ("nw", "north", "ne") else -y if place in ("sw", "south", "se") else middle
    seen = mark.crop((max(0, -left), max(0, -top), mark.width, mark.height))
    return seen, (min(max(0, left), layer.width), min(max(0, top), layer.height))


def _tile(layer: Image.Image, mark: Image.Image, padx: int, pady: int) -> None:
    for top in range(0, layer.height, max(1, mark.height + pady)):
        for left in range(0, layer.width, max(1, mark.width + padx)):
            layer.alpha_composite(mark, (left, top))


def _beside(step: Step, parts: list[Image.Image]) -> Image.Image:
    if len(parts) == 1:
        return parts[0]
    gap = step.integer("interval", 0, 1000, 0)
    align = step.integer("align", 0, 2, 2) / 2  # upper edge, middle, lower edge
    height = max(part.height for part in parts)
    whole = Image.new("RGBA", (sum(part.width for part in parts) + gap, height), (0, 0, 0, 0))
    left = 0
    for part in parts:
        whole.alpha_composite(part, (left, round((height - part.height) * align)))
        left += part.width + gap
    return whole


def _text(step: Step, text: str) -> Image.Image:
    size = step.integer("size", 1, 1000, 40)
    colour, shadow = step.colour("color", "000000"), step.integer("shadow", 0, 100, 0)
    font = _font(size)
    left, top, right, bottom = font.getbbox(text)
    depth = max(1, size // 20) if shadow else 0
    mark = Image.new("RGBA", (max(1, int(right - left)) + depth, max(1, int(bottom - top)) + depth), (*colour, 0))
    pen = ImageDraw.Draw(mark)
    if shadow:
        pen.text((depth - left, depth - top), text, (0, 0, 0, 255 * shadow // 100), font=font)
        over = Image.new("RGBA", mark.size, (*colour, 0))
        ImageDraw.Draw(over).text((-left, -top), text, (*colour, 255), font=font)
        mark.alpha_composite(over)
    else:
        pen.text((-left, -top), text, (*colour, 255), font=font)
    angle = step.integer("rotate", 0, 360, 0)
    return mark.rotate(-angle, Image.Resampling.BICUBIC, expand=True) if angle % 360 else mark


@lru_cache(maxsize=64)
def _font(size: int) -> Any:
    """One of the machine's fonts with Chinese letters, else Pillow's own, which has European ones only."""
    for name in _CHINESE:
        found = next(_FONTS.rglob(name), None)
        if found is not None:
            return ImageFont.truetype(str(found), size)
    return ImageFont.load_default(size)


def _image(step: Step, name: str, ground: Image.Image, images: dict[str, bytes]) -> Image.Image:
    data = images.get(name)
    if data is None:
        raise WatermarkError(reason="The image of the watermark does not exist.")
    try:
        opened = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF"])
        if opened.width * opened.height > 16_777_216:
            raise WatermarkError(reason="The image of the watermark is too large.")
        mark = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as problem:
        raise WatermarkError(reason="The image of the watermark is not supported.") from problem
    _, instruction = object_of(name)
    for one in parse(instruction) if instruction else ():
        mark = _prepared(one, mark, ground).convert("RGBA")
    percent = step.optional("P", 1, 100)
    return _share(mark, ground, percent) if percent is not None else mark


def _prepared(step: Step, mark: Image.Image, ground: Image.Image) -> Image.Image:
    """The few steps that a watermark may go through first."""
    if step.name == "resize" and "P" in step.values:
        return _share(mark, ground, step.integer("P", 1, 100))
    if step.name not in GEOMETRY:
        raise InvalidImageArgument(reason=f"The operation: {step.name[:64]} is not supported for a watermark.")
    return GEOMETRY[step.name](step, mark)


def _share(mark: Image.Image, ground: Image.Image, percent: int) -> Image.Image:
    """So many per cent of the image's shorter side."""
    scale = min(ground.size) * percent / 100 / max(mark.size)
    size = (max(1, round(mark.width * scale)), max(1, round(mark.height * scale)))
    return mark.resize(size, Image.Resampling.LANCZOS)
