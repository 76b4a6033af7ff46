import codecs

import pytest

from declweb.problems import Place
from declweb.sitefile.decoding import decode


def test_a_mark_and_the_line_endings_of_windows_are_fine() -> None:
    assert decode("site.toml", codecs.BOM_UTF8 + b"a = 1\r\nb = '\xc3\xa4'\r\n") == ("a = 1\nb = 'ä'\n", ())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-be", "utf-32-be"])
def test_other_encodings_with_a_mark_are_read_and_named(encoding: str) -> None:
    mark = "" if encoding in {"utf-16", "utf-32"} else "\ufeff"
    text, (problem,) = decode("site.toml", (mark + "x = 'ä'\r\n").encode(encoding))
    assert text.removeprefix("\ufeff") == "x = 'ä'\n"
    assert problem.code == "bad-encoding"
    assert encoding[:6].upper() in problem.message
    assert problem.place.line == 1


def test_half_a_character_in_another_encoding() -> None:
    text, problems = decode("site.toml", codecs.BOM_UTF16_LE + b"a\0b")
    assert text == "a\ufffd"
    assert len(problems) == 1


def test_old_encodings_are_guessed_and_blamed_at_the_first_letter() -> None:
    text, (problem,) = decode("site.toml", "a = 1\r\nb = 'ü'".encode() + b"\r\nc = 'gr\xfc\xdfe \x81'")
    assert text == "a = 1\nb = 'ü'\nc = 'grüße \ufffd'"
    assert problem.place == Place("site.toml", 3, 8, 9)
    assert problem.message == "`ü` is not in UTF-8, but in an older encoding"
