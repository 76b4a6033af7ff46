"""Problems as a page in the browser, for whoever is working on a site.

Owns the look of that page. Knows no server: what it is given it draws.
"""

import hashlib
from collections.abc import Sequence
from html import escape

from declweb.problems import CODES, Place, Problem, count, quoted_line, visible

SIGN = "X-Declweb-Problems"
"""The header field in which the page's answer tells what it shows; the page reloads itself once that has changed."""

_STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fbf9f5; --card: #ffffff; --ink: #1f1d1a; --quiet: #665f57; --line: #e3ddd3;
  --error: #b3261e; --warning: #8a5a00; --mark: #ffdad5; --help: #1b6b3a; --code: #f4f0e8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --card: #1f2226; --ink: #ece8e1; --quiet: #a8a198; --line: #34383d;
    --error: #ff8a80; --warning: #f2bd55; --mark: #6b2420; --help: #7fd6a0; --code: #16181b;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .35rem }
h2 { font-size: 1.05rem; line-height: 1.4; margin: 0 0 .5rem; overflow-wrap: anywhere }
p { margin: .35rem 0 }
.quiet { color: var(--quiet) }
article {
  background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--tone);
  border-radius: .5rem; padding: 1rem 1.25rem; margin: 1.25rem 0
}
.error { --tone: var(--error) }
.warning { --tone: var(--warning) }
.kind { color: var(--tone); font-weight: 600 }
.place, pre, code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em }
.place { color: var(--quiet); overflow-wrap: anywhere }
pre { background: var(--code); border-radius: .35rem; padding: .7rem .9rem; margin: .6rem 0; overflow-x: auto }
pre .number { color: var(--quiet); user-select: none }
mark { background: var(--mark); color: inherit; border-bottom: .15rem solid var(--tone); padding: .1rem 0 }
.help { color: var(--help); font-weight: 600 }
"""

_SCRIPT = """
const {field, problems} = document.documentElement.dataset
setInterval(async () => {
  try {
    const answer = await fetch(location.href, {method: "HEAD", cache: "no-store", headers: {Accept: "text/html"}})
    if (answer.headers.get(field) !== problems) location.reload()
  } catch {}
}, 500)
"""


def fingerprint(problems: Sequence[Problem]) -> str:
    """Return a short text that changes when the problems do."""
    return hashlib.sha256(repr(problems).encode("utf-8", "replace")).hexdigest()[:16]


def draw_page(problems: Sequence[Problem]) -> str:
    """Draw problems as a whole HTML page, which reloads itself when they change."""
    title = count(problems)
    articles = "".join(_article(problem) for problem in problems)
    return (
        f'<!doctype html><html lang="en" data-field="{SIGN}" data-problems="{fingerprint(problems)}">'
        '<meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<noscript><meta http-equiv="refresh" content="2"></noscript>'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main><h1>{escape(title)}</h1>"
        '<p class="quiet">This page goes away by itself as soon as the site is right again.</p>'
        f"{articles}</main><script>{_SCRIPT}</script></html>"
    )


def _article(problem: Problem) -> str:
    also = "".join(f'<p class="quiet">also: {_place(other.place)} {_words(other.note)}</p>' for other in problem.also)
    help_ = f'<p class="help">{_words(problem.help)}</p>' if problem.help else ""
    return (
        f'<article class="{problem.severity}"><p class="place">{_place(problem.place)}</p>'
        f'<h2><span class="kind">{problem.severity}:</span> {_words(problem.message)}</h2>{_line(problem.place)}'
        f"{help_}{also}"
        f'<p class="quiet">{_words(CODES[problem.code].why)} <code>{problem.code}</code></p></article>'
    )


def _place(place: Place) -> str:
    return escape(visible(str(place)))


def _line(place: Place) -> str:
    parts = quoted_line(place)
    if parts is None:
        return ""
    before, marked, after = parts
    shown = f"{_text(before)}<mark>{_text(marked)}</mark>{_text(after)}"
    return f'<pre><span class="number">{place.line:>4}  </span>{shown}</pre>'


def _text(text: str) -> str:
    return escape(visible(text))


def _words(text: str) -> str:
    """Return a sentence in which what stands between backquotes is code."""
    parts = _text(text).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
