"""Image processing: the bytes of an image and an instruction in, the bytes of another image, or facts about it, out.

Pure: no state, no network, no files. It is run by a process of its own (`worker.py`), because a picture of a few
kilobytes may unfold into gigabytes. Pillow does the work, and is an optional part of OpenYun.
"""

from __future__ import annotations

import io
import json
import warnings
from typing import Any

import msgspec

from openyun.services.oss.image.steps import (
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_PIXELS,
    BadImage,
    ImageTooLarge,
    InvalidImageArgument,
    Step,
    parse,
)

try:
    from PIL import ExifTags, Image, ImageOps, ImageSequence, UnidentifiedImageError

    from openyun.services.oss.image import geometry, light, watermark
except ImportError:
    AVAILABLE = False
else:
    AVAILABLE = True

FORMATS = {
    "jpg": ("JPEG", "image/jpeg"),
    "png": ("PNG", "image/png"),
    "bmp": ("BMP", "image/bmp"),
    "gif": ("GIF", "image/gif"),
    "tiff": ("TIFF", "image/tiff"),
    "webp": ("WEBP", "image/webp"),
    "avif": ("AVIF", "image/avif"),
}
"""name in instructions: Pillow's name, media type"""
_NAMES = {pillow: name for name, (pillow, _) in FORMATS.items()} | {"MPO": "jpg"}


class Processed(msgspec.Struct, frozen=True):
    data: bytes
    content_type: str


class _Wishes(msgspec.Struct):
    """What steps say of the result's encoding."""

    format: str
    quality: int = 75
    """of libjpeg's scale, as a client sees it without asking"""
    relative: int | None = None
    """per cent of the source's own quality"""
    progressive: bool = False


def process(data: bytes, instruction: str, images: dict[str, bytes] | None = None) -> Processed:
    """Run `image/...` on an image; `images` holds the watermarks by their names.

    Raises BadImage, ImageTooLarge, InvalidImageArgument, MissingImageArgument, WatermarkError.
    """
    steps = parse(instruction)
    image = _open(data)
    if steps[0].name == "info":
        return _json(_info(image, data))
    if steps[0].name == "average-hue":
        return _json({"RGB": light.average_hue(image)})
    wishes = _Wishes(_NAMES[image.format or ""])
    quality = _quality_of(image)
    source_format = wishes.format
    frames = _frames(image, source_format, steps)
    exif = image.getexif() if source_format in ("jpg", "webp", "tiff") else None
    for step in steps:
        if not _wish(step, wishes):
            frames = [_picture(step, frame, images or {}) for frame in frames]
            if step.name == "auto-orient" and exif is not None and step.bare == "1":
                exif.pop(ExifTags.Base.Orientation, None)
    if wishes.relative is not None:
        wishes.quality = max(1, quality * wishes.relative // 100)
    return Processed(_encode(frames, image, wishes, exif), FORMATS[wishes.format][1])


def _json(facts: dict[str, Any]) -> Processed:
    return Processed(json.dumps(facts, ensure_ascii=False).encode(), "application/json")


def _open(data: bytes) -> Image.Image:
    if len(data) > MOST_BYTES:
        raise ImageTooLarge(reason=f"The image file is larger than {MOST_BYTES} bytes.")
    Image.MAX_IMAGE_PIXELS = None  # the limits below are the vendor's
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=[pillow for pillow, _ in FORMATS.values()])
            frames = getattr(image, "n_frames", 1)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as problem:
        raise BadImage(reason="This image format is not supported.") from problem
    width, height = image.size
    if max(width, height) > LONGEST_SIDE or width * height * frames > MOST_PIXELS:
        raise ImageTooLarge(reason=f"The image has more than {LONGEST_SIDE} pixels a side or {MOST_PIXELS} in all.")
    return image


def _frames(image: Image.Image, source_format: str, steps: list[Step]) -> list[Image.Image]:
    """All pictures of an animation that stays one, else the first, with colours that every step can work on."""
    stays = all(step.bare in ("gif", "webp") for step in steps if step.name == "format")
    try:
        if getattr(image, "n_frames", 1) > 1 and stays and source_format in ("gif", "webp"):
            return [frame.convert("RGBA") for frame in ImageSequence.Iterator(image)]
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as problem:
        raise BadImage(reason="The image is damaged.") from problem
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    return [image.convert("RGBA" if has_alpha else "RGB")]


def _wish(step: Step, wishes: _Wishes) -> bool:
    """Whether the step is about encoding, and so was noted."""
    match step.name:
        case "format":
            name = {"jpeg": "jpg", "tif": "tiff"}.get(step.bare, step.bare)
            if name not in FORMATS:
                raise InvalidImageArgument(reason=f"The value: {step.bare} of parameter: format is invalid.")
            wishes.format = name
        case "quality":
            absolute = step.optional("Q", 1, 100)
            if absolute is not None:
                wishes.quality = absolute
            else:
                wishes.relative = step.integer("q", 1, 100)
        case "interlace":
            wishes.progressive = step.own(0, 1) == 1
        case _:
            return False
    return True


def _picture(step: Step, image: Image.Image, images: dict[str, bytes]) -> Image.Image:
    match step.name:
        case "auto-orient":
            return ImageOps.exif_transpose(image) if step.own(0, 1) else image
        case "watermark":
            return watermark.draw(step, image, images)
        case name if name in geometry.STEPS:
            return geometry.STEPS[name](step, image)
        case name if name in light.STEPS:
            return light.STEPS[name](step, image)
    raise InvalidImageArgument(reason=f"The operation: {step.name[:64]} is not supported.")


def _encode(frames: list[Image.Image], source: Image.Image, wishes: _Wishes, exif: Image.Exif | None) -> bytes:
    options: dict[str, Any] = {}
    first, *more = frames
    match wishes.format:
        case "jpg":
            first = _flat(first)
            options = {"quality": wishes.quality, "progressive": wishes.progressive, "optimize": True}
        case "webp":
            options = {"quality": wishes.quality}
        case "avif":
            options = {"quality": wishes.quality}
        case "bmp":
            first = _flat(first)
    if wishes.format in ("gif", "webp") and more:
        options |= {"save_all": True, "append_images": more, "loop": source.info.get("loop", 0)}
        options["duration"] = source.info.get("duration", 100)
        options["disposal"] = 2
        if wishes.format == "webp":
            del options["disposal"]
    if exif and wishes.format in ("jpg", "webp"):
        options["exif"] = exif
    if wishes.format == "jpg" and "icc_profile" in source.info:
        options["icc_profile"] = source.info["icc_profile"]
    output = io.BytesIO()
    first.save(output, FORMATS[wishes.format][0], **options)
    return output.getvalue()


def _flat(image: Image.Image) -> Image.Image:
    """On white, for formats that know no transparency."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    ground = Image.new("RGB", image.size, (255, 255, 255))
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _quality_of(image: Image.Image) -> int:
    """Of a JPEG, guessed from its first quantization table by the formula that libjpeg makes it with."""
    tables = getattr(image, "quantization", None)
    if not tables or 0 not in tables:
        return 75
    scale = sum(tables[0]) / 36.89  # the sum of the standard's own table is 3689
    return int(min(100.0, max(1.0, 5000 / scale if scale > 100 else (200 - scale) / 2)) + 0.5)


def _info(image: Image.Image, data: bytes) -> dict[str, Any]:
    facts: dict[str, str] = {
        "FileSize": str(len(data)),
        "Format": _NAMES[image.format or ""],
        "FrameCount": str(getattr(image, "n_frames", 1)),
        "ImageHeight": str(image.height),
        "ImageWidth": str(image.width),
    }
    exif = image.getexif()
    for tag, value in [*exif.items(), *exif.get_ifd(ExifTags.IFD.Exif).items()]:
        name = ExifTags.TAGS.get(tag)
        if name and isinstance(value, str | int | float) and name not in facts:
            facts[name] = str(value).rstrip("\0")
    return {name: {"value": facts[name]} for name in sorted(facts)}
