import gzip
import subprocess
import sys

import brotli  # type: ignore[import-untyped] # it has no types
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from declweb.http import encodings
from declweb.http.encodings import CODINGS, Coding, compress, is_compressible, preference

TEXT = b"All work and no play makes Jack a dull boy. " * 100


@pytest.mark.parametrize(
    ("value", "codings"),
    [
        (None, ""),
        ("", ""),
        ("identity", ""),
        ("gzip, deflate, br, zstd", "br zstd gzip"),
        ("gzip, deflate, br", "br gzip"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("x-gzip;q=0, gzip", "gzip"),
        ("deflate", ""),
        ("compress, bzip2", ""),
        ("*", "br zstd gzip"),
        ("*;q=0", ""),
        ("*;q=0, gzip", "gzip"),
        ("gzip;q=0, *", "br zstd"),
        ("br;q=0.5, gzip;q=0.8, zstd;q=0.1", "gzip br zstd"),
        ("br;q=0.5, *;q=0.8", "zstd gzip br"),
        ("gzip;q=0", ""),
        ("gzip;q=0.0, br;q=0.000", ""),
        ("gzip;q=0.001", "gzip"),
        ("gzip;q=0.5, identity", ""),
        ("gzip;q=0.5, br, identity;q=0.7", "br"),
        ("gzip, identity", "gzip"),
        ("gzip, identity;q=0", "gzip"),
        ("identity;q=0", ""),
        ("identity;q=0, *;q=0", ""),
        ("identity;q=1, *;q=0", ""),
        ("gzip ; q=0.5 ,\tbr;q=1.000", "br gzip"),
        ("gzip;Q=0.5", "gzip"),
        (",,gzip,,", "gzip"),
        ("gzip;q=1.5", ""),
        ("gzip;q=-1", ""),
        ("gzip;q=0.1234", ""),
        ("gzip;q=", ""),
        ("gzip;q=nan", ""),
        ("gzip;level=9", ""),
        ("gzip br", ""),
        ("gz\xefp", ""),
        ("br;q=0, br", "br"),
    ],
)
def test_preferences(value: str | None, codings: str) -> None:
    assert preference(value) == (*codings.split(), "identity")


items = st.builds(
    lambda coding, weight: f"{coding};q={weight}",
    st.sampled_from([*CODINGS, "identity", "*", "deflate"]),
    st.sampled_from(["0", "0.5", "1", "1.0", "2", "x"]),
)


@given(st.text() | st.lists(items).map(",".join))
def test_any_value_gives_an_order_that_ends_with_identity(value: str) -> None:
    codings = preference(value)
    assert codings[-1] == "identity"
    assert len(set(codings)) == len(codings)
    assert set(codings) <= {*CODINGS, "identity"}
    assert preference(value) == codings


def test_memory_is_bounded() -> None:
    for number in range(2000):
        preference(f"gzip;q=0.5, x{number}")
    assert len(encodings.REMEMBERED) <= 512
    preference("gzip," + "x" * 10_000)
    assert max(len(value or "") for value in encodings.REMEMBERED) <= 200


@pytest.mark.parametrize(
    ("media_type", "compressible"),
    [
        ("text/html; charset=utf-8", True),
        ("Text/CSS", True),
        ("text/javascript", True),
        ("application/json", True),
        ("application/feed+json", True),
        ("application/problem+json; charset=utf-8", True),
        ("application/rss+xml", True),
        ("image/svg+xml", True),
        ("application/wasm", True),
        ("font/ttf", True),
        ("text/event-stream", False),
        ("font/woff2", False),
        ("image/png", False),
        ("image/jpeg", False),
        ("video/mp4", False),
        ("audio/mpeg", False),
        ("application/zip", False),
        ("application/gzip", False),
        ("application/pdf", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_compressible_types(media_type: str, *, compressible: bool) -> None:
    assert is_compressible(media_type) is compressible


def unpack(packed: bytes, coding: Coding) -> bytes:
    unpacked: bytes = {"br": brotli.decompress, "zstd": zstandard.decompress, "gzip": gzip.decompress}[coding](packed)
    return unpacked


@pytest.mark.parametrize("coding", CODINGS)
def test_compressing_gives_the_same_bytes_each_time(coding: Coding) -> None:
    packed = compress(TEXT, coding)
    assert packed is not None
    assert len(packed) < len(TEXT) / 2
    assert unpack(packed, coding) == TEXT
    assert compress(TEXT, coding) == packed


@pytest.mark.parametrize("coding", [*CODINGS, "identity"])
def test_what_does_not_pay_is_not_kept(coding: Coding) -> None:
    packed = compress(TEXT, "gzip")
    assert packed is not None
    assert compress(packed, coding) is None


def test_a_zstandard_window_is_one_that_browsers_take() -> None:
    """RFC 9659 allows 8 MB."""
    packed = compress(bytes(range(256)) * 65536, "zstd")
    assert packed is not None
    assert zstandard.get_frame_parameters(packed).window_size <= 8 * 1024 * 1024


def test_compressors_are_not_imported_before_they_are_needed() -> None:
    program = "import sys, declweb.http.library; print({'brotli', 'zstandard', 'gzip'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.strip() == b"set()"
