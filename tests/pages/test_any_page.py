"""Whatever stands in a page's file, and whatever it is called: a site or problems, and nothing else."""

import tempfile
from pathlib import Path

from cases import write
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from declweb.loading import check_site, load_site
from declweb.pages.front_matter import take_apart

SITE = '[site]\nname = "Any"\nlanguages = ["en", "de"]\ntimezone = "Asia/Tokyo"\n'
KEYS = ["title", "date", "draft", "order", "tags", "redirect_from", "template", "language", "extra", "titel", "a.b"]
VALUES = ['"x"', "2026-01-01", "true", "1", '["/a", "b"]', "{ x = 1 }", "“x”", "", "24.12.2026", '"""\nx', "[", "nan"]
LINES = st.one_of(
    st.sampled_from(
        ["+++", "---", "+++ ", "", "[extra]", "[[tags]]", "title: x", "# x", "[x](a.md)", "![](/x#y)", "\r"]
    ),
    st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.text(max_size=20),
)
TEXTS = st.lists(LINES, max_size=12).map("\n".join)
NAMES = st.sampled_from(
    [
        *("a.md", "index.md", "a.de.md", "404.md", "5xx.html", ".md"),
        *("a b.md", "ü.markdown", "a#b.md", "n/index.de.html", "%41.md", "a..md"),
    ]
)


@given(st.binary(max_size=200) | TEXTS.map(lambda text: text.encode(errors="replace")))
@example(b"+++\n+++\n")
@example(b"+++")
@example(b"---\na: 1\n---")
@example(b"\xef\xbb\xbf+++\ntitle = 1\n+++\n")
@example(b"+++\ndate = 9999-12-31\n+++\n")
def test_any_content_is_taken_apart(content: bytes) -> None:
    head = take_apart("a.md", content)
    for problem in head.problems:
        assert problem.place.file == "a.md"
        assert problem.message
    assert head.first_line >= 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, TEXTS, max_size=4))
@example({"a.md": "+++\ndate = 0001-01-01\n+++\n", "n/index.de.html": "+++\ndate = 9999-12-31T23:59:59-12:00\n+++\n"})
@example({"a.md": "+++\ndate = 9999-12-31\n+++\n", "n/b.md": "+++\ndate = 0001-01-01T00:00:00\n+++\n"})
@example({"a.md": '+++\nredirect_from = ["/a", "/<x>", "/<x>/<x>"]\n+++\n'})
def test_any_pages_give_a_site_or_problems(pages: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {f"pages/{name}": text.encode(errors="replace") for name, text in pages.items()}
        site = write(Path(folder), {"site.toml": SITE, **files})
        problems = check_site(site, {})
        loaded = load_site(site, None, {})
        assert (loaded.app is None) == any(problem.is_error for problem in problems)
