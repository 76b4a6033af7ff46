import itertools
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bodies import END, FILES, JSON, MULTIPART, PICTURES, URLENCODED, arriving, files_left, named, part, received
from hypothesis import given
from hypothesis import strategies as st

from declweb.forms import parse as parsing
from declweb.forms.parse import Intake, Received
from declweb.forms.reading import CUT_OFF, Body, Bounds, Readers, Refused, TooLarge, Unreadable
from declweb.forms.uploads import FileRule
from declweb.storage.uploads import UploadFolder
from declweb.translations import translated


def refused(data: bytes, content_type: str, length: int | None = -1, **options: object) -> Refused:
    with pytest.raises(Refused) as caught:
        received(data, content_type, length=length, **options)  # type: ignore[arg-type] # as given
    return caught.value


# --- what is understood -----------------------------------------------------------------------------------------------


def test_urlencoded() -> None:
    found = received(b"name=Ann+B%C3%A4r&topic=&nuts=1&nuts=2&plain", URLENCODED + "; charset=UTF-8")
    assert found == Received({"name": ["Ann Bär"], "topic": [""], "nuts": ["1", "2"], "plain": [""]}, {})


def test_multipart() -> None:
    body = named(b"name", "Ann Bär".encode()) + named(b"nuts", b"1") + named(b"nuts", b"a\r\nb") + END
    assert received(body, MULTIPART) == Received({"name": ["Ann Bär"], "nuts": ["1", "a\r\nb"]}, {})


def test_multipart_of_other_makes() -> None:
    """Line feeds alone, a preamble, a quoted boundary, an epilogue, words in other cases, a folded header."""
    body = b'hello\n--a b\nCONTENT-disposition: form-data;\n name="x"\n\n1\n--a b--\nthe rest'
    assert received(body, 'Multipart/Form-Data; Boundary="a b"').values == {"x": ["1"]}


def test_a_part_may_say_its_encoding() -> None:
    body = part(b"\xe9", b'Content-Disposition: form-data; name="x"', b"Content-Type: text/plain; charset=ISO-8859-1")
    assert received(body + END, MULTIPART).values == {"x": ["é"]}


def test_empty_multipart() -> None:
    assert received(b"--x--\r\n", MULTIPART) == Received({}, {})


def test_json() -> None:
    body = b'\xef\xbb\xbf{"name": "Ann", "people": 8, "nuts": ["a", 1, true], "idea": null, "_key": "k", "_seconds": 3}'
    found = received(body, JSON)
    assert found.is_json
    assert found.json == {"name": "Ann", "people": 8, "nuts": ["a", 1, True], "idea": None}
    assert found.values == {"_key": ["k"]}


def test_nothing_at_all() -> None:
    assert received(b"", "") == Received({}, {})
    assert received(b"", URLENCODED) == Received({}, {})
    assert received(b"", URLENCODED, length=None) == Received({}, {})


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.lists(st.text(), min_size=1), max_size=5))
def test_what_is_sent_comes_out(sent: dict[str, list[str]]) -> None:
    clean = {k: v for k, v in sent.items() if "\0" not in k}
    expected = {k: [t.replace("\0", "") for t in v] for k, v in clean.items()}
    found = received(urlencode(clean, doseq=True).encode(), URLENCODED)
    assert found.values == expected
    assert found.refusals.keys() == {k for k, v in clean.items() if any("\0" in t for t in v)}


# --- what is not ------------------------------------------------------------------------------------------------------

UNREADABLE = {
    "another format": (b"name=Ann", "text/plain"),
    "no format": (b"name=Ann", ""),
    "no boundary": (named(b"name", b"Ann") + END, "multipart/form-data"),
    "an empty boundary": (named(b"name", b"Ann") + END, "multipart/form-data; boundary="),
    "a boundary outside ASCII": (named(b"name", b"Ann") + END, 'multipart/form-data; boundary="xé"'),
    "an endless boundary": (named(b"name", b"Ann") + END, "multipart/form-data; boundary=" + "x" * 300),
    "another boundary": (named(b"name", b"Ann") + END, "multipart/form-data; boundary=y"),
    "no part": (b"", MULTIPART),
    "no part but words": (b"hello", MULTIPART),
    "no end": (named(b"name", b"Ann"), MULTIPART),
    "an end cut off": (named(b"name", b"Ann") + b"--x-", MULTIPART),
    "a head cut off": (b"--x\r\nContent-Dispo", MULTIPART),
    "no disposition": (part(b"Ann", b"Content-Type: text/plain") + END, MULTIPART),
    "no name": (part(b"Ann", b"Content-Disposition: form-data") + END, MULTIPART),
    "an empty name": (named(b"", b"Ann") + END, MULTIPART),
    "no name of a file": (part(b"Ann", b'Content-Disposition: form-data; filename="a"') + END, MULTIPART),
    "a Latin-1 byte": (named(b"name", b"Ann B\xe4r") + END, MULTIPART),
    "a Latin-1 byte in a name": (named(b"n\xe4me", b"Ann") + END, MULTIPART),
    "an unknown encoding": (
        part(b"a", b'Content-Disposition: form-data; name="x"', b"Content-Type: text/plain; charset=utf-7") + END,
        MULTIPART,
    ),
    "an endless head": (b"--x\r\nA: " + b"a" * 100_000, MULTIPART),
    "an endless beginning": (b"a" * 100_000, MULTIPART),
    "a NUL in a name": (b"a%00=1", URLENCODED),
    "a lone surrogate in a name": (b"%ed%a0%80=1", URLENCODED),
    "no name in urlencoded": (b"=1", URLENCODED),
    "a Latin-1 byte in urlencoded": (b"name=%e4", URLENCODED),
    "a raw Latin-1 byte in urlencoded": (b"name=\xe4", URLENCODED),
    "no JSON": (b"{name: 1}", JSON),
    "JSON cut off": (b'{"name": "Ann"', JSON),
    "empty JSON": (b"", JSON),
    "a list": (b"[]", JSON),
    "a Latin-1 byte in JSON": (b'{"name": "\xe4"}', JSON),
    "NaN": (b'{"a": NaN}', JSON),
    "Infinity": (b'{"a": -Infinity}', JSON),
    "too large a number": (b'{"a": 1e999}', JSON),
    "too long a number": (b'{"a": 1' + b"0" * 5000 + b"}", JSON),
    "a key twice": (b'{"a": 1, "a": 2}', JSON),
    "a key twice further in": (b'{"a": {"b": 1, "b": 2}}', JSON),
    "a depth bomb": (b"[" * 100_000, JSON),
    "a depth bomb of objects": (b'{"a":' * 30_000, JSON),
    "a NUL in a key": (b'{"a\\u0000": 1}', JSON),
    "an empty key": (b'{"": 1}', JSON),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_unreadable(case: str) -> None:
    body, content_type = UNREADABLE[case]
    error = refused(body, content_type)
    assert isinstance(error, Unreadable)
    assert error.status == (415 if case in {"another format", "no format"} else 400)
    for language in ("en", "de", "es", "fr"):
        told = error.told(translated(language))
        assert told.endswith(".")
        assert "{" not in told
        assert (told == error.told(str)) == (language == "en")


@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART, JSON])
def test_less_than_was_announced(content_type: str) -> None:
    body = {URLENCODED: b"name=Ann", MULTIPART: named(b"name", b"Ann") + END, JSON: b'{"a": 1}'}[content_type]
    assert refused(body, content_type, length=len(body) + 1).text == CUT_OFF


def test_more_than_was_announced_is_not_read() -> None:
    assert received(b"name=Ann&more=1", URLENCODED, length=8).values == {"name": ["Ann"]}


def test_every_truncated_multipart_is_refused() -> None:
    body = named(b"name", b"Ann") + named(b"photo", b"data", b"a.txt") + END
    received(body, MULTIPART)
    for end in range(len(body) - 2):
        assert refused(body[:end], MULTIPART).status == 400, end
        assert refused(body[:end], MULTIPART, length=None).status == 400, end


def test_chunked() -> None:
    assert received(named(b"name", b"Ann") + END, MULTIPART, length=None).values == {"name": ["Ann"]}
    assert received(b'{"a": 1}', JSON, length=None).json == {"a": 1}
    assert refused(b"name=Ann", URLENCODED, length=None).text == parsing.NO_LENGTH


def test_strange_characters_are_refused_with_their_field() -> None:
    found = received(b"a=1%00&b=%ed%a0%80x&c=fine", URLENCODED)
    assert found.refusals.keys() == {"a", "b"}
    assert found.values == {"a": ["1"], "b": ["x"], "c": ["fine"]}
    found = received(named(b"a", b"1\0") + named(b"b", b"\xed\xb0\x80x") + named(b"c", b"fine") + END, MULTIPART)
    assert found.refusals.keys() == {"a", "b"}
    assert found.values == {"a": ["1"], "b": ["x"], "c": ["fine"]}
    found = received(json.dumps({"a": "1\0", "b": ["\ud800x"], "c": "fine", "d": {}, "e": [[]]}).encode(), JSON)
    assert found.refusals.keys() == {"a", "b", "d", "e"}
    assert found.json == {"a": "1", "b": ["x"], "c": "fine", "d": None, "e": None}


# --- what is too much -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [-1, None])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"a=" + b"a" * 1_100_000, URLENCODED),
        (named(b"a", b"a" * 1_100_000) + END, MULTIPART),
        (b'{"a": "' + b"a" * 1_100_000 + b'"}', JSON),
    ],
)
def test_too_large(body: bytes, content_type: str, length: int | None) -> None:
    error = refused(body, content_type, length=length)
    assert isinstance(error, TooLarge)
    assert "256 KB" in error.told(str)
    assert "256 KB" in error.told(translated("de"))


def test_texts_are_bound_beside_files() -> None:
    error = refused(named(b"a", b"a" * 1_100_000) + END, MULTIPART, intake=Intake(PICTURES))
    assert isinstance(error, TooLarge)
    assert "256 KB" in error.told(str)


def test_texts_outlive_what_is_too_large(uploads: UploadFolder) -> None:
    """What is read of it is shown again, and no file of it stays."""
    picture = named(b"photo", FILES["image/png"](), b"a.png")
    found = received(picture + named(b"a", b"a" * 300_000) + END, MULTIPART, intake=Intake(PICTURES), uploads=uploads)
    assert found.excess is not None
    assert "256 KB" in found.excess.told(str)
    assert found.values == {"a": ["a" * 300_000]}
    intake = Intake(PICTURES, text=1000, entry=5000)
    for length in (-1, None):
        body = named(b"a", b"1") + picture + named(b"photo", b"x" * 9000, b"b.png") + named(b"b", b"2") + END
        found = received(body, MULTIPART, intake=intake, uploads=uploads, length=length)
        assert found.excess is not None
        assert found.values == {"a": ["1"], "b": ["2"]}
        assert not found.files
    assert not files_left(uploads.root)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"&".join(b"%d=" % number for number in range(2000)), URLENCODED),
        (b"".join(named(b"%d" % number) for number in range(2000)) + END, MULTIPART),
        (json.dumps({str(number): 1 for number in range(2000)}).encode(), JSON),
    ],
)
def test_too_many_fields(body: bytes, content_type: str) -> None:
    assert isinstance(refused(body, content_type), TooLarge)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def uploads(tmp_path: Path) -> UploadFolder:
    return UploadFolder(tmp_path)


def test_a_file(uploads: UploadFolder) -> None:
    data = FILES["image/png"]()
    body = named(b"name", b"Ann") + named(b"photo", data, "C:/fakepath/履歴書.png".encode()) + END
    found = received(body, MULTIPART, intake=Intake(PICTURES), uploads=uploads)
    (file,) = found.files["photo"]
    assert (file.name, file.media_type, file.size) == ("履歴書.png", "image/png", len(data))
    assert uploads.path(file.id).read_bytes() == data
    assert found.values == {"name": ["Ann"]}


def test_no_file_was_chosen(uploads: UploadFolder) -> None:
    found = received(named(b"photo", b"", b"") + END, MULTIPART, intake=Intake(PICTURES), uploads=uploads)
    assert not any(found.files.values())
    assert not found.refusals


def test_files_that_nobody_asked_for_are_not_stored(uploads: UploadFolder) -> None:
    body = named(b"other", b"data", b"a.png") + named(b"photo", b"text") + END
    found = received(body, MULTIPART, intake=Intake(PICTURES), uploads=uploads)
    assert found == Received({"photo": ["text"]}, {})
    assert not files_left(uploads.root)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"MZ\x90\0\x03", "is not a picture (JPG, PNG, GIF, WEBP, AVIF), or is damaged"),
        (FILES["application/pdf"](), "is not a picture"),
        (FILES["image/png"]()[:-20], "or is damaged"),
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n".ljust(1_000_001), "is larger than 1 MB"),
    ],
)
def test_a_file_that_is_not_taken(uploads: UploadFolder, data: bytes, word: str) -> None:
    body = named(b"photo", data, b"a.png") + named(b"name", b"Ann") + END
    found = received(body, MULTIPART, intake=Intake(PICTURES), uploads=uploads)
    assert word in found.refusals["photo"].told(str)
    assert "a.png" in found.refusals["photo"].told(translated("fr"))
    assert found.values == {"name": ["Ann"]}
    assert not files_left(uploads.root)


def test_too_many_files(uploads: UploadFolder) -> None:
    data = FILES["image/png"]()
    rules = {name: FileRule(("images",), most=most) for name, most in (("a", 1), ("b", 3))}
    names = [b"a", b"a", b"b", b"b", b"b"]
    body = b"".join(named(name, data, b"a.png") for name in names) + END
    found = received(body, MULTIPART, intake=Intake(rules, most=3), uploads=uploads)
    assert {name: len(files) for name, files in found.files.items()} == {"a": 1, "b": 2}
    assert found.refusals.keys() == {"a", "b"}
    assert len(files_left(uploads.root)) == 3


@pytest.mark.parametrize("after", [b"--x-", named(b"a", b"\xe9") + END, named(b"a", b"a" * 1_100_000) + END])
def test_nothing_is_left_of_what_is_refused(uploads: UploadFolder, after: bytes) -> None:
    data = FILES["image/png"]()
    body = named(b"photo", data, b"a.png") + named(b"photo", data[:50], b"a.png") + after
    refused(body, MULTIPART, intake=Intake(PICTURES), uploads=uploads)
    refused(named(b"photo", data, b"a.png")[:-30], MULTIPART, intake=Intake(PICTURES), uploads=uploads)
    assert not files_left(uploads.root)


def test_blocks_may_end_anywhere(uploads: UploadFolder) -> None:
    """However a body is cut into what a server reads at once, it says the same."""
    intake = Intake(PICTURES)
    body = named(b"a", b"1\r\n--y\r\n2") + named(b"photo", FILES["image/gif"](), b"a.gif") + END
    for size in itertools.chain(range(1, 40), (100, 500)):
        with Readers().reading("192.0.2.1", arriving(body), Bounds(intake.longest)) as reading:
            found = parsing.parse(InSteps(reading, size), MULTIPART, intake, uploads)  # type: ignore[arg-type] # a fake
        assert found.values == {"a": ["1\r\n--y\r\n2"]}
        assert [file.size for file in found.files["photo"]] == [len(FILES["image/gif"]())]


class InSteps:
    def __init__(self, body: Body, size: int) -> None:
        self.body, self.size, self.length = body, size, body.length

    @property
    def received(self) -> int:
        return self.body.received

    def read(self, _size: int) -> bytes:
        return self.body.read(self.size)
