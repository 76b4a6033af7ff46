# ruff: noqa: E501, RUF001 - they are as long and as odd as they are
"""Strings that break programs: one of every category of Unicode, and what has hurt somebody somewhere before."""

import sys
import unicodedata
from collections.abc import Iterator

_CATEGORIES = (
    "Cc", "Cf", "Cn", "Co", "Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn", "Nd", "Nl", "No", "Pc", "Pd", "Pe", "Pf",
    "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs",
)  # fmt: skip
_OF_EACH = 12

_SHAPES = (
    "undefined", "null", "None", "nil", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "1e309", "0x10",
    "1/0", "1,000.50", "1 000,50", "00012", "9007199254740993", "1E5", "٣١٢", "½", "CON", "NUL.txt", "../../etc/passwd",
    "C:\\Windows\\system32", "/dev/null; touch /tmp/x", "$(touch /tmp/x)", "`id`", "| id", "&& id", "%0d%0aSet-Cookie: a=b",
    "\r\nBcc: everybody@example.com", "a\nb\n\nc", "-- ", "' OR 1=1 --", "'; DROP TABLE entries; --", '" OR ""="',
    "1;SELECT pg_sleep(10)", "\\'; --", "%' ESCAPE '", "<script>alert(1)</script>", "</textarea><script>alert(1)</script>",
    "</title><img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "' onfocus=alert(1) autofocus='", "<!--", "-->",
    "]]>", "<![CDATA[", "<?xml version='1.0'?>", "&lt;b&gt;", "&amp;amp;", "&#0;", "&#x110000;", "&nosuch;", "javascript:alert(1)",
    "{{ 7 * 7 }}", "{% for x in range(9) %}", "{# no #}", "{{ config }}", "{{ entry.receipt }}", "{message}", "{0}", "%s", "%(name)s",
    "%n%n%n", "${HOME}", "$${HOME}", "#{1}", "<%= 1 %>", "@@version", "=1+1", '=HYPERLINK("http://example.com")',
    "=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "'=1+1", "\t=1", ";=1", "_x0041_", "_x0000_", "_x005F_", "_xD83D_",
    "__proto__", "constructor", "toString", "__class__", '{"a": 1}', "[1, 2]", "\\u0041", "\\x41", "\\n", "\\", '"', "'",
    "a,b;c\td", '"a","b"', 'a"b', "a'b", "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい", "사회과학원", "𠜎𠜱𠝹", "Ⱥ", "ß", "İı", "ﬃ", "ǅ",
    "👾 🙇 💁", "👨‍👩‍👧‍👦", "🇩🇪🇺🇸", "❤️", "✋🏿", "１２３", "الكل في المجمو عة", "בראשית", "\u202eabc\u202c", "\u2066abc\u2069", "a\u200bb",
    "\ufeffabc", "a\ufeffb", "\u00adabc", "Z\u0351\u036b\u0343a\u0300\u0301\u0302l\u0338g\u0336o", "˙ɐnbᴉlɐ", "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐",
    "a" * 3000, "\u0301" * 200, "(" * 500, "ab " * 500, "\ufdfd" * 20, "e\u0301", "é", "\u1e9e", "K", "Å", "\U0010ffff",
    "\ufffe", "\uffff", "\ufffd", "\u2028", "\u2029", "\x85", "\x7f", "\x1b[31mred", "\x07", "\x08", "\x0b", "\x0c", "a\x1cb",
)  # fmt: skip


def naughty_strings() -> list[str]:
    """Return more than 500 strings, none of which has a NUL or a lone surrogate."""
    return list(dict.fromkeys([*_SHAPES, *_of_categories()]))


def _of_categories() -> Iterator[str]:
    """Yield characters of each category, spread over all there are, alone and between others."""
    found: dict[str, list[str]] = {category: [] for category in _CATEGORIES}
    for number in range(1, sys.maxunicode + 1):
        category = unicodedata.category(chr(number))
        if category != "Cs":
            found[category].append(chr(number))
    for characters in found.values():
        step = max(1, len(characters) // _OF_EACH)
        for character in characters[::step][: _OF_EACH + 1]:
            yield f"x{character}"
            yield f"{character}y{character}"
