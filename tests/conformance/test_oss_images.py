"""Image processing, through oss2: what a client gets back is looked at with Pillow."""

from __future__ import annotations

import base64
import io
import json

import oss2
import pytest
import requests

from tests.conformance.conftest import Cloud
from tests.conformance.oss_clients import anonymous_bucket, oss2_bucket

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

WIDTH, HEIGHT = 400, 200


@pytest.fixture(scope="module")
def picture() -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (255, 0, 0))
    image.paste((0, 0, 255), (WIDTH // 2, 0, WIDTH, HEIGHT))
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


@pytest.fixture
def bucket(cloud: Cloud, picture: bytes) -> oss2.Bucket:
    made = oss2_bucket(cloud)
    made.create_bucket()
    made.put_object("a.png", picture)
    return made


def processed(bucket: oss2.Bucket, instruction: str, key: str = "a.png") -> Image.Image:
    return Image.open(io.BytesIO(bucket.get_object(key, process=instruction).read()))


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("instruction", "size"),
    [
        ("resize,w_100", (100, 50)),
        ("resize,h_100", (200, 100)),
        ("resize,w_100,h_100", (100, 50)),
        ("resize,m_mfit,w_100,h_100", (200, 100)),
        ("resize,m_fill,w_100,h_100", (100, 100)),
        ("resize,m_pad,w_100,h_100", (100, 100)),
        ("resize,m_fixed,w_100,h_100", (100, 100)),
        ("resize,l_100", (100, 50)),
        ("resize,s_100", (200, 100)),
        ("resize,p_50", (200, 100)),
        ("resize,w_800", (400, 200)),
        ("resize,w_800,limit_0", (800, 400)),
        ("crop,w_100,h_100", (100, 100)),
        ("crop,x_350,y_10", (50, 190)),
        ("crop,w_200,h_100,g_se", (200, 100)),
        ("rotate,90", (200, 400)),
        ("rotate,180", (400, 200)),
        ("circle,r_50", (100, 100)),
        ("rounded-corners,r_30", (400, 200)),
        ("indexcrop,x_150,i_2", (100, 200)),
        ("indexcrop,y_50,i_1", (400, 50)),
        ("indexcrop,y_50,i_9", (400, 200)),
        ("resize,w_100/rotate,90/crop,h_20", (50, 20)),
    ],
)
def test_shape(bucket: oss2.Bucket, instruction: str, size: tuple[int, int]) -> None:
    assert processed(bucket, f"image/{instruction}").size == size


@pytest.mark.parametrize(
    ("instruction", "place", "colour"),
    [
        ("crop,w_10,h_10,g_east", (5, 5), (0, 0, 255)),
        ("rotate,180", (0, 0), (0, 0, 255)),
        ("rotate,90", (100, 0), (255, 0, 0)),
        ("indexcrop,x_200,i_1", (0, 0), (0, 0, 255)),
        ("resize,m_pad,w_100,h_100,color_00FF00", (50, 2), (0, 255, 0)),
        ("bright,100", (0, 0), (255, 255, 255)),
        ("bright,-100", (0, 0), (0, 0, 0)),
    ],
)
def test_pixels(bucket: oss2.Bucket, instruction: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    assert processed(bucket, f"image/{instruction}").convert("RGB").getpixel(place) == colour


def test_corners_are_transparent(bucket: oss2.Bucket) -> None:
    rounded = processed(bucket, "image/rounded-corners,r_40")
    assert rounded.getpixel((0, 0))[3] == 0
    assert rounded.getpixel((100, 100)) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    ("name", "pillow", "media_type"),
    [
        ("jpg", "JPEG", "image/jpeg"),
        ("webp", "WEBP", "image/webp"),
        ("bmp", "BMP", "image/bmp"),
        ("gif", "GIF", "image/gif"),
    ],
)
def test_format(bucket: oss2.Bucket, name: str, pillow: str, media_type: str) -> None:
    answer = bucket.get_object("a.png", process=f"image/format,{name}")
    assert answer.headers["Content-Type"] == media_type
    assert Image.open(io.BytesIO(answer.read())).format == pillow


def test_lower_quality_is_smaller(bucket: oss2.Bucket) -> None:
    sizes = [
        len(bucket.get_object("a.png", process=f"image/blur,r_3,s_2/format,jpg/quality,Q_{quality}").read())
        for quality in (95, 20)
    ]
    assert sizes[1] < sizes[0]


def test_interlace_makes_a_progressive_jpeg(bucket: oss2.Bucket) -> None:
    assert "progressive" in processed(bucket, "image/format,jpg/interlace,1").info
    assert "progressive" not in processed(bucket, "image/format,jpg").info


def test_info_and_average_hue(bucket: oss2.Bucket, picture: bytes) -> None:
    info = json.loads(bucket.get_object("a.png", process="image/info").read())
    assert {name: info[name]["value"] for name in ("ImageWidth", "ImageHeight", "Format", "FileSize")} == {
        "ImageWidth": "400",
        "ImageHeight": "200",
        "Format": "png",
        "FileSize": str(len(picture)),
    }
    hue = json.loads(bucket.get_object("a.png", process="image/average-hue").read())
    assert hue == {"RGB": "0x800080"} or hue == {"RGB": "0x7f007f"}


def test_orientation_follows_exif(bucket: oss2.Bucket) -> None:
    image, exif, output = Image.new("RGB", (40, 20)), Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    image.save(output, "JPEG", exif=exif)
    bucket.put_object("turned.jpg", output.getvalue())
    assert processed(bucket, "image/auto-orient,1", "turned.jpg").size == (20, 40)
    assert processed(bucket, "image/auto-orient,0", "turned.jpg").size == (40, 20)


def test_a_text_watermark_leaves_a_mark_only_where_it_is(bucket: oss2.Bucket) -> None:
    marked = processed(bucket, f"image/watermark,text_{encoded('HHHH')},color_00FF00,size_40,g_nw,x_0,y_0").convert(
        "RGB"
    )
    assert any(marked.getpixel((x, 20)) == (0, 255, 0) for x in range(100))
    assert marked.getpixel((399, 199)) == (0, 0, 255)


def test_an_image_watermark_is_blended(bucket: oss2.Bucket) -> None:
    output = io.BytesIO()
    Image.new("RGB", (50, 50), (0, 255, 0)).save(output, "PNG")
    bucket.put_object("logo.png", output.getvalue())
    name = encoded("logo.png")
    solid = processed(bucket, f"image/watermark,image_{name},g_se,x_0,y_0").convert("RGB")
    assert solid.getpixel((399, 199)) == (0, 255, 0)
    assert solid.getpixel((349, 199)) == (0, 0, 255)
    half = processed(bucket, f"image/watermark,image_{name},g_se,x_0,y_0,t_50").convert("RGB").getpixel((399, 199))
    assert half[1] in range(126, 130)
    small = encoded("logo.png?x-oss-process=image/resize,w_10")
    resized = processed(bucket, f"image/watermark,image_{small},g_nw,x_0,y_0").convert("RGB")
    assert (resized.getpixel((5, 5)), resized.getpixel((15, 15))) == ((0, 255, 0), (255, 0, 0))


def test_a_watermark_shows_nobody_what_they_may_not_read(cloud: Cloud, bucket: oss2.Bucket) -> None:
    bucket.put_bucket_public_access_block(False)
    bucket.put_object_acl("a.png", oss2.OBJECT_ACL_PUBLIC_READ)
    bucket.put_object("secret.png", bucket.get_object("a.png").read())
    stranger = anonymous_bucket(cloud, bucket.bucket_name)
    assert processed(stranger, "image/resize,w_10").size == (10, 5)
    with pytest.raises(oss2.exceptions.AccessDenied):
        stranger.get_object("a.png", process=f"image/watermark,image_{encoded('secret.png')}")


@pytest.mark.parametrize(
    ("instruction", "code"),
    [
        ("image/resize", "MissingArgument"),
        ("image/resize,w_0", "InvalidArgument"),
        ("image/resize,w_16385", "InvalidArgument"),
        ("image/resize,w_100,m_abc", "InvalidArgument"),
        ("image/enlarge,w_1", "InvalidArgument"),
        ("image/crop,x_4000", "BadRequest"),
        ("image/watermark,text_", "WatermarkError"),
        ("video/snapshot,t_1", "InvalidArgument"),
        ("style/none", "NoSuchStyle"),
    ],
)
def test_a_bad_instruction(bucket: oss2.Bucket, instruction: str, code: str) -> None:
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.get_object("a.png", process=instruction)
    assert refused.value.code == code


def test_what_is_no_image(bucket: oss2.Bucket) -> None:
    bucket.put_object("text", b"GIF89a but only in name")
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.get_object("text", process="image/resize,w_10")
    assert (refused.value.status, refused.value.code) == (400, "BadRequest")


def test_a_decompression_bomb_is_refused_and_the_next_request_served(bucket: oss2.Bucket) -> None:
    output = io.BytesIO()
    Image.new("1", (29_000, 29_000)).save(output, "PNG")
    bucket.put_object("bomb.png", output.getvalue())
    with pytest.raises(oss2.exceptions.ServerError) as refused:
        bucket.get_object("bomb.png", process="image/resize,w_10")
    assert (refused.value.status, refused.value.code) == (400, "ImageTooLarge")
    assert processed(bucket, "image/resize,w_10").size == (10, 5)


def test_a_style_stands_for_its_instruction(bucket: oss2.Bucket) -> None:
    bucket.put_bucket_style("small", "image/resize,w_40")
    assert processed(bucket, "style/small").size == (40, 20)


def test_a_signed_url_carries_the_instruction(bucket: oss2.Bucket) -> None:
    url = bucket.sign_url("GET", "a.png", 60, params={"x-oss-process": "image/resize,w_40"})
    assert Image.open(io.BytesIO(requests.get(url, timeout=30).content)).size == (40, 20)
    assert requests.get(url.replace("w_40", "w_80"), timeout=30).status_code == 403


def test_process_object_saves_the_result(cloud: Cloud, bucket: oss2.Bucket) -> None:
    other = oss2_bucket(cloud)
    other.create_bucket()
    save = f"image/resize,w_40/format,jpg|sys/saveas,o_{encoded('small/中.jpg')}"
    answer = bucket.process_object("a.png", f"{save},b_{encoded(other.bucket_name)}")
    assert (answer.status, answer.bucket, answer.object) == (200, other.bucket_name, "small/中.jpg")
    assert Image.open(io.BytesIO(other.get_object("small/中.jpg").read())).size == (40, 20)
    assert other.head_object("small/中.jpg").content_type == "image/jpeg"
    assert bucket.process_object("a.png", save).process_status == "OK"
    assert bucket.object_exists("small/中.jpg")


def test_no_media_service_is_attached(bucket: oss2.Bucket) -> None:
    """Asynchronous processing is its work, also of images."""
    bucket.put_object("k.jpg", b"x")
    for process in ("video/convert,f_avi|sys/saveas,o_eA", "image/resize,w_10|sys/saveas,o_eA"):
        with pytest.raises(oss2.exceptions.ServerError) as caught:
            bucket.async_process_object("k.jpg", process)
        assert (caught.value.code, caught.value.status) == ("Imm Client", 404)
    with pytest.raises(oss2.exceptions.NoSuchKey):
        bucket.async_process_object("none", "video/convert,f_avi")
