"""Steps that change an image's light and sharpness: blur, bright, contrast, sharpen; and its average colour."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from openyun.services.oss.image.steps import Step


def blur(step: Step, image: Image.Image) -> Image.Image:
    """`r` is the radius, `s` the standard deviation, both 1 to 50: the smaller of them says how far colours run."""
    radius, deviation = step.integer("r", 1, 50), step.integer("s", 1, 50)
    return image.filter(ImageFilter.GaussianBlur(min(radius, deviation)))


def bright(step: Step, image: Image.Image) -> Image.Image:
    """-100 is black, 100 white."""
    amount = step.own(-100, 100) * 255 // 100
    return _on_colours(image, lambda colours: colours.point(lambda value: max(0, min(255, value + amount))))


def contrast(step: Step, image: Image.Image) -> Image.Image:
    """-100 is grey, 100 doubles the distance to it."""
    factor = 1 + step.own(-100, 100) / 100
    return _on_colours(image, lambda colours: ImageEnhance.Contrast(colours).enhance(factor))


def sharpen(step: Step, image: Image.Image) -> Image.Image:
    """50 to 399 per cent of an unsharp mask."""
    return image.filter(ImageFilter.UnsharpMask(radius=2, percent=step.own(50, 399), threshold=3))


def average_hue(image: Image.Image) -> str:
    """0xRRGGBB"""
    red, green, blue = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"0x{red:02x}{green:02x}{blue:02x}"


def _on_colours(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """All but the transparency."""
    if image.mode != "RGBA":
        return change(image)
    changed = change(image.convert("RGB")).convert("RGBA")
    changed.putalpha(image.getchannel("A"))
    return changed


def faded(image: Image.Image, percent: int) -> Image.Image:
    """As opaque as so many per cent of what it was."""
    result = image.convert("RGBA")
    strength = Image.new("L", image.size, 255 * percent // 100)
    result.putalpha(ImageChops.multiply(result.getchannel("A"), strength))
    return result


STEPS: dict[str, Callable[[Step, Image.Image], Image.Image]] = {
    "blur": blur,
    "bright": bright,
    "contrast": contrast,
    "sharpen": sharpen,
}
