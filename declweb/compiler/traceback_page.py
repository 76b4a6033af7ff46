"""What a browser shows of an error in the site's own Python, while the site is being worked on.

Owns the look of it. Visitors of a site that is at work never see it.
"""

import traceback
from html import escape
from pathlib import Path

from declweb.context import Context
from declweb.hooks.state import where
from declweb.http.answer import Answer, status_line
from declweb.http.policy import drawn_with

_STYLE = """
:root{color-scheme:light dark;--page:#faf8f5;--ink:#26221f;--soft:#6d665e;--mark:#a8431f;--own:#f0e6d8}
@media (prefers-color-scheme:dark){:root{--page:#191716;--ink:#f2ede7;--soft:#b9b0a6;--mark:#f3a37a;--own:#33291f}}
body{margin:0;padding:2rem clamp(1rem,5vw,4rem);background:var(--page);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
h1{margin:0 0 .5rem;font-size:1.4rem;color:var(--mark);overflow-wrap:anywhere}
p{margin:0 0 1rem;color:var(--soft)}
ol{list-style:none;margin:0;padding:0}
li{margin:0 0 .5rem;padding:.5rem .8rem;border-radius:.4rem;overflow-x:auto}
li.own{background:var(--own)}
code,pre{font:.9rem/1.45 ui-monospace,monospace}
pre{margin:.2rem 0 0}
""".replace("\n", "")

POLICY = drawn_with(_STYLE)


def traceback_page(error: BaseException, context: Context, root: str) -> Answer:
    """Return the way to an error, as a page for browsers and as text for others; lines of the site stand out."""
    if "text/html" in context.environ.get("HTTP_ACCEPT", ""):
        kind, text = "text/html", _page(error, context, root)
    else:
        kind, text = "text/plain", "".join(traceback.format_exception(error))
    body = text.encode("utf-8", "replace")
    headers = [
        ("Content-Type", f"{kind}; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", POLICY),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return status_line(500), headers, [body]


def _page(error: BaseException, context: Context, root: str) -> str:
    name = escape("".join(traceback.format_exception_only(error)).strip())
    frames = "".join(_frame(each, root) for each in reversed(traceback.extract_tb(error.__traceback__)))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = (
        "".join(_frame(each, root) for each in reversed(traceback.extract_tb(cause.__traceback__))) if cause else ""
    )
    told = escape("".join(traceback.format_exception_only(cause)).strip()) if cause else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style>
</head>
<body>
<h1>{name}</h1>
<p>{escape(context.method)} {escape(context.path)} · {escape(where(context))} · the last call comes first</p>
<ol>{frames}</ol>
{f"<h1>{told}</h1><p>went before</p><ol>{before}</ol>" if cause else ""}
</body>
</html>
"""


def _frame(frame: traceback.FrameSummary, root: str) -> str:
    path = Path(frame.filename)
    is_own = path.is_relative_to(root)
    shown = path.relative_to(root) if is_own else path
    line = escape(frame.line or "")
    return (
        f"<li{' class=own' if is_own else ''}><code>{escape(str(shown))}:{frame.lineno}</code> "
        f"in <code>{escape(frame.name)}</code><pre>{line}</pre></li>"
    )
