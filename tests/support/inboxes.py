"""A site with an inbox, entries of every kind in it, and somebody who is signed in."""

import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.security import generate_password_hash
from werkzeug.test import Client

from declweb.app import App
from declweb.compiler.protection import Door
from declweb.forms.receipt import new_receipt
from declweb.http.sessions import Session
from declweb.loading import load_site
from declweb.storage import Entering, Message, MessageKind, Store, StoredField, StoreSettings, Upload, opened

BAKERY = Path(__file__).parents[2] / "sites" / "bakery"
PASSWORD = "sourdough since 1987"
HASH = generate_password_hash(PASSWORD, method="scrypt:16384:8:1")
USERS = f"""
[users.ben]
password = "{HASH}"
roles = ["baker"]
"""

HEAD = """
[site]
name = "Blackbird Bakery"
url = "https://blackbird.example"
language = "en"
timezone = "Europe/Berlin"

[mail]
from = "website@blackbird.example"

"""

CONTACT = (
    StoredField("name", "Your name", "text"),
    StoredField("email", "Your e-mail address", "email"),
    StoredField("topic", "What is it about?", "select"),
    StoredField("message", "Your message", "textarea"),
)
ORDER = (
    StoredField("name", "Your name", "text"),
    StoredField("email", "Your e-mail address", "email"),
    StoredField("cake", "Which cake?", "radio"),
    StoredField("photo", "A picture of what you have in mind", "file"),
    StoredField("people", "For how many people?", "integer"),
)
GUESTBOOK = (StoredField("name", "Your name", "text"), StoredField("message", "Your words", "textarea"))
FIELDS = {"contact": CONTACT, "order": ORDER, "guestbook": GUESTBOOK}


def bakery(folder: Path) -> Path:
    """Return the bakery in a folder of its own, with a password for anna, and ben, who may not see the inbox."""
    site = shutil.copytree(BAKERY, folder / "bakery", ignore=shutil.ignore_patterns("storage"))
    file = site / "site.toml"
    text = file.read_text("utf-8").replace("${ANNA_PASSWORD_HASH:-}", HASH) + USERS
    file.write_text(text, "utf-8")
    return site


def small(folder: Path) -> Path:
    """Return a site with the bakery's forms, users and inbox, and nothing else: it is loaded in no time."""
    text = (bakery(folder / "whole") / "site.toml").read_text("utf-8")
    forms = text[text.index("[forms.contact]") : text.index("[[protect]]")]
    file = folder / "site" / "site.toml"
    file.parent.mkdir()
    file.write_text(
        HEAD + re.sub(r'^template = .*$|redirect = "/thanks", ', "", forms, flags=re.MULTILINE) + USERS, "utf-8"
    )
    return file.parent


def changed(folder: Path, old: str, new: str) -> Path:
    """Change the text of a site file, and return the folder."""
    file = folder / "site.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return folder


def loaded(folder: Path) -> App:
    """Return the app of a site that must be right."""
    found = load_site(folder, "development", {})
    assert found.app is not None, "\n".join(f"{p.place} {p.code} {p.message}" for p in found.problems)
    return found.app


def cookie_of(app: App, name: str = "anna") -> tuple[str, str]:
    """Return the name and value of the cookie of somebody who is signed in."""
    session = Session()
    door = app.who.__self__ if app.who is not None else None  # type: ignore[attr-defined] # a method
    assert isinstance(door, Door)
    door.accounts.sign_in(session, name)
    assert app.sessions is not None
    ((_, told),) = app.sessions.write(session, secure=False)
    key, _, value = told.partition(";")[0].partition("=")
    return key, value


def signed_in(app: App, name: str = "anna") -> Client:
    """Return the client of somebody who is signed in."""
    client = Client(app)
    client.set_cookie(*cookie_of(app, name))
    return client


def store_of(folder: Path) -> Store:
    """Return what keeps the entries of a site."""
    return opened(StoreSettings(folder / "storage"))


def put(  # noqa: PLR0913 # what an entry is
    store: Store,
    form: str,
    values: dict[str, Any],
    *,
    ago: timedelta = timedelta(minutes=5),
    file: tuple[str, bytes] | None = None,
    mails: Sequence[str] = (),
    **more: Any,
) -> str:
    """Store an entry, and return its receipt."""
    receipt = new_receipt()
    uploads = []
    if file is not None:
        with store.uploads.begin() as incoming:
            incoming.write(file[1])
        uploads = [Upload(incoming.id, "photo", file[0], "image/png", len(file[1]), "0" * 64)]
    messages = [
        Message(MessageKind.EMAIL, each, {"subject": f"About {values.get('name')}", "text": "x"}) for each in mails
    ]
    store.add(
        Entering(
            form=form,
            receipt=receipt,
            created=datetime.now(UTC) - ago,
            language="en",
            values=values,
            fields=more.pop("fields", FIELDS[form]),
            uploads=uploads,
            messages=messages,
            digest=receipt,
            **more,
        )
    )
    return receipt


def fail(store: Store, receipt: str, words: str = "550 5.1.1 No such user") -> int:
    """Let the messages of an entry fail for good, and return the number of the last one."""
    number = 0
    for message in store.claim(1000, 60):
        is_meant = message.receipt == receipt
        if is_meant:
            store.note_attempt(message, words, is_delivered=False)
            number = message.number
        else:
            store.give_back([message])
    return number


def words(name: str, message: str = "Hello there, bakers.") -> dict[str, Any]:
    """Return what somebody wrote by the contact form."""
    return {
        "name": name,
        "email": f"{name.split(maxsplit=1)[0].lower()}@example.org",
        "topic": "Praise",
        "message": message,
    }
