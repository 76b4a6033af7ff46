"""Where a picture was taken is taken out of it, and nothing else: every pixel stays."""

import io

import pytest
from bodies import picture
from PIL import Image, ImageChops
from PIL.ExifTags import IFD, Base

from declweb.forms.kinds import found_type
from declweb.forms.pictures import without_position

PLACE = b"52.52N-13.34E-SERIAL-4711"


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[Base.Orientation] = orientation
    found[Base.Make] = PLACE.decode()
    found.get_ifd(IFD.GPSInfo).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 20.0, 24.0)})
    return found


def bare(data: bytes) -> bytes:
    found = found_type(io.BytesIO(data), len(data))
    assert found is not None
    stripped = without_position(io.BytesIO(data), len(data), found.media_type)
    again = data if stripped is None else stripped
    assert found_type(io.BytesIO(again), len(again)) == found
    assert without_position(io.BytesIO(again), len(again), found.media_type) is None
    return again


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_position_is_taken_out_and_pixels_stay(kind: str, orientation: int) -> None:
    data = picture(kind, exif=exif(orientation))
    assert opened(data).getexif().get_ifd(IFD.GPSInfo)
    found = bare(data)
    assert not opened(found).getexif().get_ifd(IFD.GPSInfo)
    assert ImageChops.difference(opened(found).convert("RGB"), opened(data).convert("RGB")).getbbox() is None
    if kind == "JPEG":
        assert opened(found).getexif().get(Base.Orientation, 1) == orientation
    if kind != "AVIF":
        assert PLACE not in found


@pytest.mark.parametrize("options", [{"progressive": True}, {"icc_profile": b"profile"}, {"quality": 100}])
def test_every_make_of_jpeg(options: dict[str, object]) -> None:
    data = picture("JPEG", exif=exif(8), comment=PLACE, **options)
    found = bare(data + b"trailer " + PLACE)
    assert PLACE not in found
    assert opened(found).getexif()[Base.Orientation] == 8
    assert opened(found).info.get("icc_profile") == opened(data).info.get("icc_profile")
    assert ImageChops.difference(opened(found), opened(data)).getbbox() is None


def test_xmp_is_taken_out() -> None:
    xmp = b"<x:xmpmeta exif:GPSLatitude='" + PLACE + b"'></x:xmpmeta>"
    for kind in ("JPEG", "WEBP"):
        assert PLACE not in bare(picture(kind, xmp=xmp))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_a_picture_without_any_of_it_is_left_alone(kind: str) -> None:
    data = picture(kind)
    assert bare(data) == data


@pytest.mark.parametrize("exif", [b"", b"XX*\0", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\xff\xff\xff\xff"])
def test_what_cannot_be_read_is_taken_out_as_well(exif: bytes) -> None:
    data = picture("JPEG")
    segment = b"\xff\xe1" + (len(exif) + 8).to_bytes(2) + b"Exif\0\0" + exif
    assert bare(data[:20] + segment + data[20:]) == data
