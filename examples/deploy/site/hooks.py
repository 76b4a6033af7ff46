"""What the site cannot declare: counting visits, and saying one thing after the other."""

import time
from collections.abc import Iterator

from declweb import flash, get_flashed_messages, redirect, session, url_for


def visit() -> object:
    """Count a visit in the session, and go on to where it is told."""
    session["visits"] = session.get("visits", 0) + 1
    flash(f"This is your visit number {session['visits']}.")
    return redirect(url_for("visits"))


def visits() -> str:
    """Tell once what the last visit was."""
    return " ".join(get_flashed_messages()) or "Nothing new."


def oven() -> Iterator[str]:
    """Tell of each step as it is taken."""
    yield "Mixing. "
    time.sleep(0.3)
    yield "Baking. "
