"""What Markdown becomes: valid, accessible, harmless HTML, in bounded time."""

import re
import subprocess
import sys
import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as some
from markdown_it import MarkdownIt

from declweb.pages import markdown
from declweb.pages.markdown import BRACKETS, Converted, Heading, Link, Tag, convert


def html(text: str, *, raw: bool = False) -> str:
    return convert(text, html=raw).html.strip()


def links(text: str) -> list[Link]:
    return list(convert(text, html=True).links)


# --- what there is ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a *b* **c** `d`", "<p>a <em>b</em> <strong>c</strong> <code>d</code></p>"),
        ("~~a~~", "<p><s>a</s></p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("---", "<hr>"),
        ("    x < y", "<pre><code>x &lt; y\n</code></pre>"),
        ('```py"th {1}\n"x"\n```', '<pre><code class="language-py&quot;th">"x"\n</code></pre>'),
        ("<https://a.example/?b=1&c=2>", '<p><a href="https://a.example/?b=1&amp;c=2">https://a.example/?b=1&amp;c=2</a></p>'),
        ('![A "loaf"](a.jpg)', '<p><img src="a.jpg" alt="A &quot;loaf&quot;"></p>'),
        ("![](a.jpg)", '<p><img src="a.jpg" alt=""></p>'),
        ("- [ ] a", '<ul>\n<li class="task"><label><input type="checkbox" disabled> a</label></li>\n</ul>'),
        ("- [ ]\n- [x](y)", '<ul>\n<li>[ ]</li>\n<li><a href="y">x</a></li>\n</ul>'),
        ("1. [X] a", '<ol>\n<li class="task"><label><input type="checkbox" disabled checked> a</label></li>\n</ol>'),
        ("- `[ ] a`", "<ul>\n<li><code>[ ] a</code></li>\n</ul>"),
        ("[ ] a", "<p>[ ] a</p>"),
    ],
)  # fmt: skip
def test_markdown_becomes_html(text: str, expected: str) -> None:
    assert html(text) == expected


def test_an_empty_text_is_empty() -> None:
    assert convert("", html=False) == Converted("", (), ())


def test_tables_name_their_columns_and_need_no_style() -> None:
    text = "|  | Price | Note |\n|--|--:|:-:|\n| a | 1 | b |"
    drawn = html(text)
    assert '<td></td>\n<th scope="col" class="align-right">Price</th>\n<th scope="col" class="align-center">' in drawn
    assert '<td>a</td>\n<td class="align-right">1</td>' in drawn
    assert "style" not in drawn


def test_what_may_be_wider_than_a_screen_is_reached_by_keyboard() -> None:
    assert html(f"    {'a' * 26}").startswith('<pre tabindex="0">')
    assert html("```\n" + "a\n" * 30 + "```").startswith("<pre>")
    assert html(f"|a|{'b' * 23}|\n|-|-|").startswith('<table tabindex="0">')
    assert html(f"|a|{'b ' * 23}|\n|-|-|\n|c|d|").startswith("<table>")


def test_footnotes_lead_there_and_back() -> None:
    drawn = html("a[^x] b[^x] c^[in *line*]\n\n[^x]: The note\n\n    goes on.\n[^unused]: nothing")
    assert '<sup><a href="#footnote-1" id="footnote-1-ref" role="doc-noteref">1</a></sup>' in drawn
    assert '<a href="#footnote-1" id="footnote-1-ref-2" role="doc-noteref">1</a>' in drawn
    assert '<section class="footnotes" role="doc-endnotes">\n<ol>\n<li id="footnote-1"><p>The note</p>' in drawn
    assert '<a href="#footnote-1-ref-2" role="doc-backlink" aria-label="Back to the text, 1.2">' in drawn
    assert '<li id="footnote-2"><p>in <em>line</em> <a' in drawn
    assert "nothing" not in drawn


@pytest.mark.parametrize(
    ("language", "words"), [("de", "Zurück zum Text"), ("fr-CA", "Retour au texte"), ("nl", "Back to the text")]
)
def test_what_is_read_out_at_footnotes_is_in_the_language_of_the_page(language: str, words: str) -> None:
    assert f'aria-label="{words}, 1"' in convert("a^[b]", html=False, language=language).html


# --- headings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Über uns & *mehr*", Heading(2, "über-uns-mehr", "Über uns & mehr")),
        ("# O\u0308ffnungs\u00adzeiten", Heading(1, "öffnungszeiten", "O\u0308ffnungs\u00adzeiten")),
        ("### `a_case` -- and ![a picture](x)", Heading(3, "a-case-and-a-picture", "a_case -- and a picture")),
        ("## 2024", Heading(2, "section-2024", "2024")),
        ("## !?", Heading(2, "section", "!?")),
        ("## 日本語", Heading(2, "日本語", "日本語")),
        ("two\nlines\n===", Heading(1, "two-lines", "two lines")),
    ],
)  # fmt: skip
def test_headings_have_readable_ids(text: str, expected: Heading) -> None:
    converted = convert(text, html=False)
    assert converted.headings == (expected,)
    assert f'<h{expected.level} id="{expected.id}">' in converted.html


def test_ids_are_unique_beside_footnotes_and_raw_html() -> None:
    text = (
        '# a\n## a\n## a 2\n## Footnote 1\n## b\n## c\n\n<p id="b">x <i id=c>y</i></p>\n\nz <b id="d">^[e]</b>\n\n# d'
    )
    ids = [heading.id for heading in convert(text, html=True).headings]
    assert ids == ["a", "a-2", "a-2-2", "footnote-1-2", "b-2", "c-2", "d-2"]


def test_a_heading_without_words_is_left_out() -> None:
    assert convert("##\n\na", html=False) == Converted("\n<p>a</p>\n", (), ())


# --- links ------------------------------------------------------------------------------------------------------------


def test_links_and_images_are_listed_with_their_lines() -> None:
    text = (
        "a\n`b\nc` [d](e) [f\n](g)\n\n- x\n  ![h](i)\n\n| [j](k) |\n|--|\n| <http://l> |\n\n[m]\n\n[m]: n\nz ^[[o](p)]"
    )
    assert links(text) == [
        Link("e", 3), Link("g", 3), Link("i", 7, image=True), Link("k", 9), Link("http://l", 11), Link("n", 13),
        Link("p", 16),
    ]  # fmt: skip


def test_targets_can_be_rewritten() -> None:
    converted = convert("[a](b.md#c) ![d](e.png)", html=False, rewrite=lambda target: target.replace(".md", "") + '"')
    assert '<a href="b#c&quot;">' in converted.html
    assert 'src="e.png&quot;"' in converted.html
    assert [link.target for link in converted.links] == ["b.md#c", "e.png"]


def test_all_images_but_the_first_are_fetched_when_they_are_near() -> None:
    assert html("![a](a) ![b](b)") == '<p><img src="a" alt="a"> <img src="b" alt="b" loading="lazy"></p>'


# --- harmless ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["javascript:x()", "JavaScript:x()", "vbscript:x", "file:///etc/passwd", "data:text/html,x", "&#106;avascript:x()"],
)
def test_links_that_run_code_are_refused(target: str) -> None:
    for text in (f"[a]({target})", f"![a]({target})", f"<{target}>", f"[a]\n\n[a]: {target}"):
        converted = convert(text, html=False)
        assert converted.links == ()
        assert "href" not in converted.html
        assert "src" not in converted.html


def test_raw_html_is_text_unless_it_is_wanted() -> None:
    text = "<script>a</script>\n\nb <i onclick=c>d</i>"
    assert html(text) == "<p>&lt;script&gt;a&lt;/script&gt;</p>\n<p>b &lt;i onclick=c&gt;d&lt;/i&gt;</p>"
    assert html(text, raw=True) == "<script>a</script>\n<p>b <i onclick=c>d</i></p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n<div class=x>\nb\n</div>", [Tag("<div class=x>", 3), Tag("</div>", 5)]),
        ("a <br/> b", [Tag("<br/>", 1)]),
        ("a\nb <!-- c -->", [Tag("<!--", 2)]),
        ("`<b>` \\<b> &lt;b&gt; 1<2 a<b vector<int>", []),
        ("<https://a.example>", []),
    ],
)
def test_tags_that_are_shown_are_told(text: str, expected: list[Tag]) -> None:
    assert list(convert(text, html=False).shown_tags) == expected
    assert convert(text, html=True).shown_tags == ()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        "[" * 500_000 + "]" * 500_000,
        "![" * 300_000 + "](x)" * 100_000,
        "^[" * 400_000,
        "[a](" * 20_000,
        "> " * 30_000 + "a",
        "- " * 30_000 + "a",
        "1. " * 30_000 + "a",
        "[^1]: " * 10_000,
        "<!-- " * 30_000,
        "<b>\n" * 30_000,
        "*a **b _c " * 10_000,
        "`" * 100_000 + " `` " * 10_000,
        "|" * 3_000 + "\n" + "|-" * 3_000 + "\n" + "|a\n" * 3_000,
        "\n".join(" " * 2 * depth + "- a" for depth in range(500)),
    ],
    ids=lambda text: text[:6],
)
def test_hostile_text_is_converted_within_seconds(text: str) -> None:
    start = time.process_time()
    convert(text, html=False)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("mark", ["> ", "- ", "1. ", "[^1]: "])
def test_nothing_is_lost_that_is_nested_too_deeply(mark: str) -> None:
    drawn = html(f"[^1]\n\n{mark * 60}*deep*\n\nand\n\nmore")
    assert "<em>deep</em>" in drawn
    assert drawn.count("<p>and</p>") == drawn.count("<p>more</p>") == 1


def test_lists_are_nested_as_deeply_as_anybody_needs() -> None:
    drawn = html("\n".join(f"{'  ' * depth}- {depth}" for depth in range(40)))
    assert all(f"{depth}" in drawn for depth in range(40))
    assert drawn.count("<ul>") == 10


def test_after_too_many_brackets_text_is_shown_as_it_is_written() -> None:
    drawn = html("[a](b)\n\n" + "[" * BRACKETS + "\n\n[<c>](d)")
    assert drawn.startswith('<p><a href="b">a</a></p>')
    assert drawn.endswith("<p>[&lt;c&gt;](d)</p>")


def test_the_library_is_imported_when_it_is_needed() -> None:
    code = "import sys, declweb.pages.markdown; print('markdown_it' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"False\n"


# --- short cuts -------------------------------------------------------------------------------------------------------

PIECES = [
    *(
        "a",
        "b c",
        " ",
        "    ",
        "\n",
        "\n\n",
        "#",
        "# ",
        "> ",
        "- ",
        "* ",
        "1. ",
        "1) ",
        "***",
        "---",
        "===",
        "```",
        "~~~",
    ),
    *(
        "~~",
        "*",
        "_",
        "`",
        "[",
        "]",
        "(",
        ")",
        "![",
        "[^a]",
        "[^a]: ",
        "^[",
        "[a]: ",
        "<",
        ">",
        "<b>",
        "<!--",
        "|",
        "|-|",
    ),
    *("&amp;", "\\", "\t", ":", "!", "é", "<https://a>"),
]


@given(some.lists(some.sampled_from(PIECES), max_size=30).map("".join))
def test_what_is_left_out_for_speed_changes_nothing(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "_MARKUP", re.compile(""))
        slow = slow_parser().render(text, {"language": "en"})
    assert markdown._parser(html=True).render(text, {"language": "en"}) == slow


@cache
def slow_parser() -> MarkdownIt:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "_choose_by_first_letter", lambda ruler: None)
        patch.setattr(markdown, "draw_by_table", lambda renderer: None)
        return markdown._parser.__wrapped__(html=True)
