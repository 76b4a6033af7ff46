"""Mails to addresses that a visitor typed: found out, without live links, without files."""

from datetime import UTC, datetime
from typing import Any

import pytest

from declweb.forms.entries import Choice, Several, one_address_each, unlinked, unlinked_text, without_words
from declweb.forms.sending import Letterbox, Send
from declweb.storage import Message, Upload

ENTRY: dict[str, Any] = {
    "name": "Ann https://evil.example/a?b=1",
    "email": "Ann@visitor.example",
    "to": Choice("sales", "sales@bakery.example"),
    "extras": Several([Choice("cream", "With cream.example")]),
    "photo": "cake.jpg",
    "people": 8,
    "terms": True,
    "receipt": "K7QF2-M9XA3",
    "created": datetime(2026, 12, 24, tzinfo=UTC),
    "fields": [
        {"name": "name", "label": "Your name", "value": "Ann https://evil.example/a?b=1", "is_chosen": False},
        {"name": "to", "label": "To", "value": "sales@bakery.example", "is_chosen": True},
    ],
}
PHOTO = Upload("id", "photo", "cake.jpg", "image/jpeg", 9, "digest")


def sent(*addresses: str, asks_visitor: bool = True) -> list[Message]:
    send = Send(
        0,
        addresses=[lambda entry, _language, text=text: text.format(**entry) for text in addresses],  # type: ignore[misc] # bound here
        asks_visitor=asks_visitor,
        subject=lambda entry, _language: f"We have it, {entry['name']}",
        attach=("photo",),
    )
    return Letterbox("order", lambda _: "New entry", [send]).messages(ENTRY, {}, "en", [PHOTO])


def test_what_a_visitor_typed_has_no_links_and_no_files() -> None:
    (message,) = sent("{email}")
    assert message.content["typed"] is True
    assert message.content["subject"] == "We have it, Ann https: //evil. example/a?b=1"
    assert "https: //evil. example" in str(message.content["text"])
    assert "sales@bakery.example" in str(message.content["text"]), "the author's own words stay"
    assert "attach" not in message.content


@pytest.mark.parametrize("address", ["{to}", "orders@bakery.example", "{receipt}@bakery.example"])
def test_what_the_author_wrote_is_as_it_was(address: str) -> None:
    (message,) = sent(address)
    assert "typed" not in message.content
    assert message.content["subject"] == "We have it, Ann https://evil.example/a?b=1"
    assert message.content["attach"] == [{"id": "id", "name": "cake.jpg", "media_type": "image/jpeg", "size": 9}]


def test_both_may_stand_in_one_send() -> None:
    fixed, typed = sent("orders@bakery.example", "{email}")
    assert (fixed.target, "typed" in fixed.content) == ("orders@bakery.example", False)
    assert (typed.target, "typed" in typed.content) == ("Ann@visitor.example", True)


def test_a_part_of_an_address_is_typed_too() -> None:
    entry = {**ENTRY, "name": "victim"}
    send = Send(0, addresses=[lambda told, _: f"{told['name']}@elsewhere.example"], asks_visitor=True)
    (message,) = Letterbox("order", lambda _: "New", [send]).messages(entry, {}, "en", [])
    assert message.content["typed"] is True


@pytest.mark.parametrize(
    ("text", "unlinked"),
    [
        ("https://evil.example", "https: //evil. example"),
        (r"\\10.0.0.1\share, \\\evil", r"\ \10.0.0.1\share, \ \ \evil"),
        ("www.evil.example.", "www. evil. example."),
        ("evil\u3002example", "evil\u3002 example"),
        ("12.50 and 24.12.2026, e. g. tea", "12.50 and 24.12.2026, e. g. tea"),
        ("ann@evil.example", "ann@evil. example"),
        ("Hello. How are you?", "Hello. How are you?"),
        ("münchen.рф", "münchen. рф"),
    ],
)
def test_what_is_a_link_to_mail_programs(text: str, unlinked: str) -> None:
    assert unlinked_text(text) == unlinked


def test_an_entry_without_words_keeps_what_was_chosen() -> None:
    bare = without_words(ENTRY)
    assert (bare["name"], bare["email"], bare["photo"]) == ("", "", "")
    assert (str(bare["to"]), bare["people"], bare["terms"]) == ("sales@bakery.example", 8, True)
    assert str(unlinked(ENTRY)["extras"]) == "With cream.example"
    assert bare["receipt"] == ENTRY["receipt"]


def test_a_field_is_one_address_however_many_stand_in_it() -> None:
    entry = {**ENTRY, "name": "ann@visitor.example, bob@elsewhere.example,cy@elsewhere.example"}
    send = Send(0, addresses=[lambda told, _: f"{told['name']}, {told['email']}"], asks_visitor=True)
    messages = Letterbox("order", lambda _: "New", [send]).messages(entry, {}, "en", [])
    assert [each.target for each in messages] == ["ann@visitor.example", "Ann@visitor.example"]


def test_a_name_may_stand_before_an_address() -> None:
    fixed, typed = sent("Anna, at the bakery <anna@bakery.example>", "{name} < {email} >")
    assert (fixed.target, "typed" in fixed.content) == ("anna@bakery.example", False)
    assert (typed.target, typed.content["typed"]) == ("Ann@visitor.example", True)
    (one,) = sent("{name} <orders@bakery.example>")
    assert (one.target, "typed" in one.content) == ("orders@bakery.example", False)
    assert sent("Anna <anna>", "<>", "<anna@bakery.example> Anna") == []


@pytest.mark.parametrize(
    ("written", "reply_to"),
    [
        ("Ann <ann@visitor.example>", "ann@visitor.example"),
        ("Smith, Ann <x@y.example> <ann@visitor.example>", "ann@visitor.example"),
        ("ann@visitor.example", "ann@visitor.example"),
        ("Ann", None),
    ],
)
def test_an_answer_goes_to_the_address_behind_a_name(written: str, reply_to: str | None) -> None:
    send = Send(0, addresses=[lambda _told, _: "anna@bakery.example"], reply_to=lambda _told, _: written)
    (message,) = Letterbox("order", lambda _: "New", [send]).messages(ENTRY, {}, "en", [])
    assert message.content.get("reply_to") == reply_to


def test_a_choice_stands_for_the_address_that_is_its_value() -> None:
    branch = Choice("mitte@bakery.example", "Mitte")
    entry = {
        **ENTRY,
        "branch": branch,
        "branches": Several([branch, Choice("x", "A"), Choice("moabit@bakery.example", "M")]),
    }
    for text, targets in {
        "{branch}": ["mitte@bakery.example"],
        "{branches}": ["mitte@bakery.example", "moabit@bakery.example"],
    }.items():
        send = Send(0, addresses=[lambda told, _, text=text: text.format(**told)], asks_visitor=True)  # type: ignore[misc] # bound here
        messages = Letterbox("order", lambda _: "New", [send]).messages(entry, {}, "en", [])
        assert [each.target for each in messages] == targets
        assert not any("typed" in each.content for each in messages)
    told = one_address_each(entry)["branch"]
    assert told == "Mitte"
    assert told == "mitte@bakery.example"
