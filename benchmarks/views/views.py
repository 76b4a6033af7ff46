"""Views that are measured: of declweb as they stand, and of Flask with another import line."""

from collections.abc import Iterator
from typing import Any

from declweb import Response, redirect, render_template, request, session, url_for


def text(name: str) -> str:
    return f"Hello {name}"


def table(name: str) -> dict[str, Any]:
    return {"name": name, "prices": [1, 2, 3], "open": True}


def template(name: str) -> str:
    return render_template("rows.html", name=name, rows=range(20))


def response(name: str) -> Response:
    answer = Response(f"Hello {name}", headers={"X-Name": name})
    answer.set_cookie("seen", "yes", max_age=3600)
    return answer


def elsewhere(name: str) -> Any:
    return redirect(url_for("text", name=name, page=request.args.get("page")))


def stream(name: str) -> Iterator[str]:
    return (f"{name} {number}\n" for number in range(10))


def count(name: str) -> str:
    session[name] = session.get(name, 0) + 1
    return f"{session[name]}"


VIEWS = (text, table, template, response, elsewhere, stream, count)
