"""Mails as they leave: header fields, text, HTML, attachments; and nothing that a visitor writes is more than data."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from entering import received
from hypothesis import given, settings
from hypothesis import strategies as st
from mailing import Office

from declweb.delivery.composing import Unsendable, compose, mailbox, recipient
from declweb.delivery.plain import plain_text
from declweb.delivery.settings import Settings
from declweb.model import Mail
from declweb.model.mailboxes import is_address
from declweb.storage import MessageKind, MessageState, Outgoing
from declweb.storage.uploads import UploadFolder

SITE = Settings(
    "Blackbird Bakery",
    UploadFolder(Path("nowhere")),
    Mail.model_validate({"server": "", "from": "Blackbird Bäckerei <website@blackbird.example>"}),
    timezone="Europe/Berlin",
)
NOON = datetime(2026, 12, 24, 11, 0, tzinfo=UTC)


def message(target: str = "anna@blackbird.example", **content: Any) -> Outgoing:
    return Outgoing(
        number=7, receipt="K7QF2-M9XA3", form="order", kind=MessageKind.EMAIL, target=target,
        content={"subject": "An order", "text": "Two loaves, please\n", **content}, send=0, state=MessageState.WAITING,
        created=NOON, due=NOON, attempts=0, last_words="",
    )  # fmt: skip


def composed(one: Outgoing, site: Settings = SITE) -> EmailMessage:
    """Return a mail as whoever gets it reads it."""
    return message_from_bytes(compose(one, site, NOON).as_bytes().replace(b"\r\n", b"\n"), policy=default)


def html_of(one: Outgoing, site: Settings) -> str:
    body = composed(one, site).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_the_header_of_a_mail() -> None:
    mail = composed(message(reply_to="ann@visitor.example", subject="Grüße, 🎂 for 8"))
    assert mail["From"] == "Blackbird Bäckerei <website@blackbird.example>"
    assert mail["To"] == "anna@blackbird.example"
    assert mail["Reply-To"] == "ann@visitor.example"
    assert mail["Subject"] == "Grüße, 🎂 for 8"
    assert mail["Date"].datetime == NOON
    assert str(mail["Date"]).endswith("+0100")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith(".7@blackbird.example>")
    assert compose(message(), SITE).as_bytes().isascii()


@pytest.mark.parametrize(
    "name", ["Bakery, Berlin", "Bakery; Berlin", "Bakery: Berlin", "Bakery [Berlin]", "Dr. (B.)", ""]
)
def test_the_site_may_be_called_anything(name: str) -> None:
    for written in (name, f'"{name}"' if name else ""):
        declared = Mail.model_validate({"server": "", "from": f"{written} <website@blackbird.example>"})
        assert declared.owners == ("website@blackbird.example",)
        (sender,) = composed(message(), replace(SITE, mail=declared))["From"].addresses
        assert (sender.display_name, sender.addr_spec) == (name, "website@blackbird.example")


def test_every_attempt_has_the_same_identification_and_every_message_another_one() -> None:
    first, again = compose(message(), SITE), compose(replace(message(), attempts=3, due=datetime.now(UTC)), SITE)
    assert first["Message-ID"] == again["Message-ID"]
    other = compose(replace(message(), created=datetime.now(UTC)), SITE)
    assert other["Message-ID"] != first["Message-ID"]


@settings(max_examples=60)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=300))
def test_whatever_a_visitor_writes_makes_no_header_field(text: str) -> None:
    hostile = f"{text}\r\nBcc: all@evil.example\r\n\r\nbody"
    mail = composed(message(subject=hostile, reply_to=hostile, text=hostile))
    assert "Bcc" not in mail
    assert len(mail.get_all("Subject") or []) == 1
    assert mail["Reply-To"] is None
    assert mail["To"] == "anna@blackbird.example"
    got = mail.get_content()
    assert got.split() == hostile.split()


ENCODED = (
    "=?utf-8?q?a=0D=0ABcc:_all=40evil.example?=",
    "Ann =?utf-8?b?DQpCY2M6IGFsbEBldmlsLmV4YW1wbGU=?= Smith",
    "=?utf-8?q?a=0D=0A=0D=0AYour_account_is_closed?=",
    "=?utf-8?q?=00=07?= =?x?q?=ff?= " + "Grüße " * 30,
)
"""Texts of visitors that are header fields to whoever decodes them (RFC 2047)."""


@pytest.mark.parametrize("text", ENCODED)
def test_what_looks_like_an_encoded_word_is_the_text_that_was_written(text: str) -> None:
    usual = composed(message()).keys()
    mail = composed(message(subject=text))
    assert mail.keys() == usual
    assert mail["Subject"] == text.strip()
    raw = compose(message(subject=text), SITE).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.splitlines()) <= 78


@pytest.mark.parametrize("address", ["=?utf-8?q?a=0D=0ABcc=3Aall=40evil.example?=@x.example", "=?x@y.example"])
def test_no_address_is_decoded(address: str) -> None:
    mail = composed(message(reply_to=address))
    assert mail["Reply-To"] is None
    assert mail.keys() == composed(message()).keys()
    with pytest.raises(Unsendable, match="no e-mail address"):
        compose(message(address), SITE)


@settings(max_examples=60)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=200))
def test_subjects_and_texts_arrive_as_they_were_written(text: str) -> None:
    mail = composed(message(subject=text, text=text))
    assert mail["Subject"] == text
    assert mail.get_content().rstrip("\r\n") == text


def test_html_has_a_text_beside_it() -> None:
    html = (
        "<html><head><title>No</title><style>p{}</style></head><body><h1>Hello</h1><p>One &amp; two<br>three</p></body>"
    )
    mail = composed(message(html=html))
    assert mail.get_content_type() == "multipart/alternative"
    plain, rich = mail.iter_parts()
    assert plain.get_content() == "Hello\n\nOne & two\nthree\n"
    assert rich.get_content().strip() == html


def test_what_html_says_without_markup() -> None:
    html = """<p>See <a href="https://bakery.example/menu">our menu</a> or <a href="https://bakery.example">
    https://bakery.example</a></p><ul><li>Rye<li>Wheat</ul>
    <table><tr><th>Cake</th><td>Sacher</td></tr><tr><th>For</th><td>8</td></tr></table>
    <script>alert(1)</script><pre>  as
   it is</pre><img alt="A cake" src="x"><hr>End"""
    assert plain_text(html) == (
        "See our menu (https://bakery.example/menu) or https://bakery.example\n\n- Rye\n- Wheat\n\n"
        "Cake  Sacher\n\nFor  8\n\nas\nit is\n\nA cake\n\n--\nEnd\n"
    ) or "our menu (https://bakery.example/menu)" in plain_text(html)
    assert "alert" not in plain_text(html)


def test_files_go_along_under_their_own_names(office: Office) -> None:
    upload = received(office.store, b"\x89PNG data", "履歴書 \u202eexe.png")
    office.store.uploads.keep(upload.id)
    site = replace(SITE, uploads=office.store.uploads)
    files = [
        {"id": upload.id, "name": upload.name, "media_type": "image/png", "size": 9},
        {"id": upload.id, "name": 'a"b\r\nX: y.html', "media_type": "text/html; charset=evil\r\nX: y", "size": 9},
        {"id": upload.id, "name": "=?utf-8?q?a=0D=0AX:_y?=.png", "media_type": "image/png", "size": 9},
    ]
    mail = composed(message(attach=files), site)
    first, second, third = mail.iter_attachments()
    assert (first.get_filename(), first.get_content_type()) == ("履歴書 exe.png", "image/png")
    assert first.get_content() == b"\x89PNG data"
    assert second.get_content_type() == "application/octet-stream"
    assert second.get_filename() == 'a"b X: y.html'
    assert "X" not in second
    assert third.get_filename() == "=_utf-8?q?a=0D=0AX:_y?=.png"
    assert "X" not in third


def test_files_that_are_too_large_or_gone_are_named(office: Office) -> None:
    upload = received(office.store, b"x" * 1000)
    office.store.uploads.keep(upload.id)
    site = replace(SITE, uploads=office.store.uploads)
    gone = {"id": "0" * 12 + "-" + "0" * 32, "name": "gone.pdf", "media_type": "application/pdf", "size": 3}
    large = {"id": upload.id, "name": "large.png", "media_type": "image/png", "size": 1000}
    mail = compose(message(attach=[gone, large]), site, NOON, room=999)
    assert not list(mail.iter_attachments())
    text = mail.get_content()
    assert text.rstrip().endswith("Not attached, because it is too large or no longer there: gone.pdf, large.png")
    assert len(list(compose(message(attach=[large]), site, NOON, room=1000).iter_attachments())) == 1
    lost = [{**gone, "name": "<gone>.pdf"}]
    said = "no longer there: &lt;gone&gt;.pdf</p>\n"
    assert html_of(message(attach=lost, html="<body><p>Hello</p></body>"), site).endswith(f"{said}</body>\n")
    assert html_of(message(attach=lost, html="<p>Hello</p>"), site).endswith(said)


def test_a_visitor_whose_address_is_none_gets_no_answers() -> None:
    assert composed(message(reply_to="ann@visitor.example, all@evil.example"))["Reply-To"] is None
    assert composed(message(reply_to=""))["Reply-To"] is None


def test_an_address_is_judged_again_when_it_is_written_to() -> None:
    assert mailbox("info@BÜCHER.example").ascii == "info@xn--bcher-kva.example"
    for bad in ("", "a", "a@", "@b.example", "a@b.example\n", "a@b.example\0", "a@[127.0.0.1]", "a,b@c.example"):
        with pytest.raises(Unsendable, match="no e-mail address"):
            mailbox(bad)


@pytest.mark.parametrize(
    "address", ["root@localhost", "anna@shop.local", "a@x.test", "a@intranet", "Ann@bücher.example"]
)
def test_the_sites_own_addresses_may_be_at_home(address: str) -> None:
    assert is_address(address)
    site = replace(SITE, mail=Mail.model_validate({"server": "", "from": f"Bakery <{address}>"}))
    mail = composed(message(address, reply_to=address), site)
    assert mail["From"].addresses[0].addr_spec == mail["To"] == mail["Reply-To"]
    assert recipient(message(address)).international == address


@pytest.mark.parametrize("address", ["root@localhost", "anna@shop.local", "a@x.test"])
def test_no_visitor_writes_to_this_machine(address: str) -> None:
    with pytest.raises(Unsendable):
        compose(message(address, typed=True), SITE)


@pytest.mark.parametrize(
    "address",
    [
        "a..b@x.example",
        ".a@x.example",
        "a@-x.example",
        "a@x_y.example",
        "a@[1.2.3.4]",
        "a(b)@x.example",
        "=?a@x.example",
        f"a@{'b' * 70}.example",
        "a@xn--zz--.example",
        "a@ex\u200bample.example",
    ],
)
def test_what_no_mail_can_go_to_is_said_beforehand(address: str) -> None:
    assert not is_address(address)
    with pytest.raises(Unsendable):
        mailbox(address, is_own=True)


@pytest.mark.parametrize("address", ["a.b+c@x-y.example", "A_b@1.example", "a@localhost", "a@b--c.example"])
def test_what_is_an_address_without_looking_it_up_is_one(address: str) -> None:
    assert is_address(address)
    assert mailbox(address, is_own=True).ascii == address.lower() or mailbox(address, is_own=True).ascii == address
