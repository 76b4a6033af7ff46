"""What is answered to an error where the author gives no page: to people, and to programs.

Owns the words of every error, and the look of the default page. Knows nothing of a site but its name, its language and
the address of its start page.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from declweb.http.answer import status_line
from declweb.http.policy import drawn_with
from declweb.translations import SOURCE, Say, find_spoken, mark, translated

WORDS = {
    400: (mark("This request makes no sense"), mark("The server could not understand what your browser sent.")),
    401: (mark("Please sign in"), mark("Only who is signed in may see this page.")),
    403: (mark("No admittance"), mark("You may not see this page.")),
    404: (mark("Page not found"), mark("There is no page at this address.")),
    405: (mark("That does not work here"), mark("This address cannot be used in this way.")),
    408: (mark("That took too long"), mark("What you sent did not arrive in time. Please try again.")),
    410: (mark("This page is gone"), mark("It was taken away and will not come back.")),
    412: (mark("The page has changed"), mark("It is no longer what you saw last. Please load it again.")),
    413: (mark("That is too large"), mark("You sent more than this site accepts.")),
    414: (mark("Address too long"), mark("This address is longer than any on this site.")),
    416: (mark("There is no such part"), mark("The file ends before the part that was asked for.")),
    422: (
        mark("Something is not right yet"),
        mark("What you sent is incomplete or wrong. Please go back and mend it."),
    ),
    429: (mark("One moment, please"), mark("That was too much at once. Please wait a little and try again.")),
    500: (mark("Something went wrong"), mark("It is our fault, not yours. Please try again in a while.")),
    503: (mark("Not at the moment"), mark("The site is not available just now. Please try again in a while.")),
}
"""What is said of each status: a heading, and a sentence below it. 400 and 500 speak for those that are not listed."""

STATUSES = tuple(WORDS)

Told = Callable[[Say], str]
"""What happened, in one sentence or two, by what says texts in a language; of several things each on its own line."""
_WORD = re.compile("`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Error:
    """`error` in templates."""

    code: int
    name: str
    """As the protocol has it, in no language but its own."""
    title: str
    description: str
    reference: str = ""
    """What a visitor can name who asks what went wrong: the log calls the request by it. Empty where nothing did."""

    @classmethod
    def of(cls, status: int, language: str = "en", told: Told | None = None, reference: str | None = None) -> "Error":
        """Return what is told of a status in a language; `told` knows better what happened."""
        say = translated(language)
        title, description = WORDS.get(status) or WORDS[500 if status >= 500 else 400]
        description = say(description) if told is None else told(say)
        return cls(status, status_line(status).partition(" ")[2], say(title), description, reference or "")


@dataclass(frozen=True, slots=True)
class Host:
    """What a default page tells of the site."""

    name: str
    language: str
    """The language that the name is in."""


_STYLE = """
:root{color-scheme:light dark;--page:#faf8f5;--ink:#26221f;--soft:#5f5850;--mark:#a8431f;--on-mark:#fff}
@media (prefers-color-scheme:dark){
:root{--page:#191716;--ink:#f2ede7;--soft:#b9b0a6;--mark:#f3a37a;--on-mark:#25170f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{display:grid;grid-template-rows:auto 1fr;min-height:100vh;min-height:100dvh;
margin:0;padding:1.75rem clamp(1.5rem,6vw,5rem);background:var(--page);color:var(--ink);
font:1.125rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,Ubuntu,Cantarell,sans-serif}
header{font-weight:600;color:var(--soft)}
main{align-self:center;width:100%;max-width:40rem;margin:0 auto;padding:1rem 0 18vh;overflow-wrap:break-word}
.code{margin:0;font-size:clamp(5rem,22vw,10rem);font-weight:200;line-height:1;letter-spacing:-.05em;
color:var(--mark)}
h1{margin:.35em 0 .4em;font-size:clamp(1.7rem,1.2rem + 2.5vw,2.5rem);line-height:1.15;letter-spacing:-.015em;
text-wrap:balance}
p{margin:0 0 2rem;text-wrap:pretty}
ul{margin:0 0 2rem;padding-left:1.2em}
li{margin:.35em 0}
code{font-size:.92em;padding:.1em .3em;border-radius:.25em;background:color-mix(in srgb,var(--ink) 8%,transparent)}
.reference{color:var(--soft);font-size:.9em}
a{display:inline-block;padding:.65em 1.4em;border-radius:99px;background:var(--mark);color:var(--on-mark);
font-weight:600;line-height:1.3;text-decoration:none}
a:hover{text-decoration:underline;text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--mark);outline-offset:4px}
@media print{a{display:none}}
""".replace("\n", "")

POLICY = drawn_with(_STYLE)
"""What a browser may do with a default page."""


def page(error: Error, language: str, host: Host, home: str | None) -> bytes:
    """Return the page for people, with a link to the start page where there is one to go to."""
    say = translated(language)
    return f"""<!doctype html>
<html lang="{find_spoken(language) or SOURCE}">
<head>
<meta charset="utf-8">
<title>{escape(error.title)} · {escape(host.name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>{_STYLE}</style>
</head>
<body>
<header lang="{escape(host.language)}">{escape(host.name)}</header>
<main>
<p class="code">{error.code}</p>
<h1>{escape(error.title)}</h1>
{_description(error)}
{_reference(error, say)}{_link(home, say)}</main>
</body>
</html>
""".encode()


def _description(error: Error) -> str:
    """Return what happened as a paragraph, or as a list where it is several things, with what was written set apart."""
    lines = [_WORD.sub(r"<code>\1</code>", escape(line)) for line in error.description.split("\n")]
    if len(lines) == 1:
        return f"<p>{lines[0]}</p>"
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def _link(home: str | None, say: Say) -> str:
    words = say("To the start page")
    return f'<a href="{escape(home)}">{escape(words)}</a>\n' if home else ""


def _reference(error: Error, say: Say) -> str:
    if not error.reference:
        return ""
    words = escape(say("If you write to us, please mention:"))
    return f'<p class="reference">{words} <code>{error.reference}</code></p>\n'


def problem(error: Error) -> bytes:
    """Return the problem for programs (RFC 9457); its title is the protocol's, its detail can be shown to people."""
    fields = {"type": "about:blank", "title": error.name, "status": error.code, "detail": error.description}
    if error.reference:
        fields["request_id"] = error.reference
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n"


def text(error: Error) -> bytes:
    """Return the plain text for who wants no HTML."""
    reference = f"({error.reference})\n" if error.reference else ""
    return f"{error.title}\n{error.description}\n{reference}".encode()
