"""What a visitor wrote, where there is no form to put it back into.

Owns how it is shown, so that it can be copied, and how it becomes a mail. Knows no request, no store and nothing of why
there is no form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from markupsafe import Markup

from declweb.forms.elements import element
from declweb.forms.questions import Question
from declweb.translations import Say, mark

NOT_SENT = mark("What you wrote was not sent. Here it is, so that it is not lost:")
BY_MAIL = mark("Send it by e-mail instead")

LONGEST_MAIL = 1500
"""Characters of what the visitor wrote that go into the link to a mail: browsers and mail programs take no more."""

_UNSAID = frozenset({"password", "hidden", "file"})
"""Types whose answers nobody reads."""

Echo = Mapping[str, Sequence[str]]
"""What was written, by field."""


def answers(asked: Iterable[Question], echo: Echo) -> Iterator[tuple[str, str]]:
    """Yield the label and the text of all that was filled in; of a choice its label."""
    for question in asked:
        texts = [text for text in echo.get(question.name, ()) if text.strip()]
        if texts and question.type not in _UNSAID:
            labels = {option.value: option.label for option in question.options}
            is_box = question.type == "checkbox"
            yield question.label, "✓" if is_box else ", ".join(labels.get(text, text) for text in texts)


def shown(asked: Iterable[Question], echo: Echo, say: Say) -> Markup:
    """Return what was written, as a list to be read and copied; empty where nothing was."""
    items = Markup("").join(element("dt", {}, label) + element("dd", {}, text) for label, text in answers(asked, echo))
    if not items:
        return Markup()
    return element("p", {}, say(NOT_SENT)) + element("dl", {"class": "dw-written"}, items)


def mail_link(address: str, subject: str, asked: Iterable[Question], echo: Echo, say: Say) -> Markup:
    """Return a link that writes a mail of what was written; empty where there is no address, or nothing to send."""
    body = "\n".join(f"{label}: {text}" for label, text in answers(asked, echo))[:LONGEST_MAIL]
    if not address or not body:
        return Markup()
    link = f"mailto:{quote(address, safe='@')}?subject={quote(subject)}&body={quote(body)}"
    return element("a", {"href": link}, say(BY_MAIL))
