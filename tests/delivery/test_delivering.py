"""Delivering beside visitors: at once, never in their way, and ended cleanly."""

import http.client
import os
import signal
import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest
from entering import entering, mail
from mailing import MailServer, Office, mail_server
from servers import Running, eventually, free_port, serve, write

from declweb.delivery import delivering
from declweb.delivery.delivering import Deliverer, deliver, stop_delivering
from declweb.storage import MessageState, Store, StoreDown, StoreSettings

SITE = """
[site]
name = "Blackbird Bakery"

[mail]
server = "smtp://127.0.0.1:{port}"
from = "website@blackbird.example"

[forms.contact]
path = "/contact"
keep = "forever"
guard = false
limit = "none"

[forms.contact.fields]
name = {{ label = "Your name", required = true }}

[[forms.contact.send]]
email = "hello@blackbird.example"
subject = "From {{{{ entry.name }}}}"
"""


def post(server: Running, name: str) -> None:
    """Hand a form in."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    connection.request("POST", "/contact", urlencode({"name": name}), headers)
    answer = connection.getresponse()
    assert answer.status == 303, answer.read()
    connection.close()


@pytest.mark.parametrize("kind", ["granian", "gunicorn"])
def test_a_site_delivers_by_itself_and_a_slow_server_keeps_nobody_waiting(tmp_path: Path, kind: str) -> None:
    with mail_server() as mails:
        mails.seconds, mails.is_holding = 1.0, True
        write(tmp_path, site=SITE.format(port=mails.port))
        with serve(tmp_path, "--server", kind, "--workers", "1") as server:
            for number in range(3):
                post(server, f"Ann {number}")
            eventually(lambda: mails.connections)
            assert not mails.mails, "visitors do not wait for them"
            mails.is_holding = False
            eventually(lambda: len(mails.mails) >= 1)
            assert server.stop() == 0, server.log
        arrived = len(mails.mails)
        mails.seconds = 0
        store = Store(StoreSettings(tmp_path / "storage"))
        assert [each.state for each in store.messages()].count(MessageState.DELIVERED) == arrived, (
            "what was on its way is noted"
        )
        with serve(tmp_path, "--server", kind, "--workers", "2"):
            eventually(lambda: store.waiting_messages() == 0)
        store.stop()
        assert sorted(each["Subject"] for each in mails.mails) == ["From Ann 0", "From Ann 1", "From Ann 2"]


def test_a_server_that_is_down_keeps_nobody_waiting_and_the_start_says_why(tmp_path: Path) -> None:
    port = free_port()
    write(tmp_path, site=SITE.format(port=port))
    with serve(tmp_path, "--workers", "1") as server:
        post(server, "Ann")
        eventually(lambda: "cannot be reached" in server.log)
        server.stop(signal.SIGINT)
    with serve(tmp_path, "--workers", "1") as server:
        eventually(lambda: "Ctrl-C stops it" in server.log)
        assert "1 message waits in the outbox: " in server.log


def test_an_address_that_is_mended_gets_what_waits(tmp_path: Path) -> None:
    with mail_server() as mails:
        mails.to_recipient = "451 not now"
        site = SITE.format(port=mails.port)
        write(tmp_path, site=site.replace("hello@", "helo@"))
        with serve(tmp_path, "--workers", "1") as server:
            post(server, "Ann")
            eventually(lambda: "451 not now" in server.log)
            server.stop()
        mails.to_recipient = "250 OK"
        write(tmp_path, site=site)
        with serve(tmp_path, "--workers", "1"):
            eventually(lambda: mails.mails)
        assert mails.targets == ["hello@blackbird.example"]
        store = Store(StoreSettings(tmp_path / "storage"))
        eventually(lambda: store.waiting_messages() == 0)
        assert [(each.target, each.state) for each in store.messages()] == [("hello@blackbird.example", "delivered")]
        store.stop()


@pytest.mark.parametrize("kind", ["off", "gone"])
def test_a_site_whose_forms_are_all_off_sends_what_they_received(tmp_path: Path, kind: str) -> None:
    with mail_server() as mails:
        site = SITE.format(port=mails.port)
        is_off = site.replace("[forms.contact]", "[forms.contact]\noff = true")
        write(tmp_path, site=is_off if kind == "off" else site.partition("[forms")[0])
        store = Store(StoreSettings(tmp_path / "storage"))
        store.add(entering(messages=[mail()]))
        with serve(tmp_path, "--workers", "1"):
            eventually(lambda: mails.mails)
            eventually(lambda: store.waiting_messages() == 0)
        assert [each.state for each in store.messages()] == ["delivered"]
        store.stop()


def test_what_is_stored_goes_out_at_once(office: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "POLL", 3600.0)
    deliverer = Deliverer(office.store, office.settings(server.port))
    deliverer.start()
    try:
        for number in range(3):
            office.store.add(entering(messages=[mail(f"owner{number}@example.com")]))
            eventually(lambda number=number: len(server.mails) == number + 1)  # type: ignore[misc] # bound here
    finally:
        deliverer.stop()
    assert not office.store.bells
    assert office.states == ["delivered"] * 3


def test_what_another_process_left_is_found(
    office: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "POLL", 0.05)
    deliverer = Deliverer(office.store, office.settings(server.port))
    deliverer.start()
    try:
        other = Store(office.store.settings)
        other.add(entering(messages=[mail()]))
        eventually(lambda: server.mails)
        other.stop()
    finally:
        deliverer.stop()


def test_without_a_server_nothing_is_claimed(office: Office) -> None:
    office.post()
    assert office.deliver("") == 0
    assert [(each.state, each.attempts, each.lease) for each in office.messages] == [("waiting", 0, "")]


def test_a_site_that_changes_delivers_as_it_says_now(office: Office, server: MailServer) -> None:
    stop_delivering()  # for sites of other tests
    deliver(office.store, office.settings(""))
    try:
        office.post()
        deliver(office.store, office.settings(server.port))
        eventually(lambda: server.mails)
        assert [thread.name for thread in threading.enumerate()].count("declweb-email") == 1
    finally:
        stop_delivering()
    assert "declweb-email" not in [thread.name for thread in threading.enumerate()]


def test_a_copy_of_the_process_delivers_what_it_stores(office: Office, server: MailServer) -> None:
    deliver(office.store, office.settings(server.port))
    try:
        pid = os.fork()
        if pid == 0:
            signal.alarm(60)  # it must not hang, whatever else is wrong with it
            is_fine = not delivering._running
            office.post()
            is_fine = is_fine and bool(delivering._running)
            stop_delivering()
            os._exit(0 if is_fine else 1)
        assert os.waitpid(pid, 0)[1] == 0
        eventually(lambda: server.mails)
    finally:
        stop_delivering()
    assert office.states == ["delivered"]


def test_a_store_that_fails_is_tried_again(office: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "AFTER_FAILURE", 0.05)
    real, calls = office.store.next_due, []

    def next_due(*arguments: object) -> object:
        calls.append(1)
        if len(calls) < 4:
            raise StoreDown("the disk is gone") if len(calls) % 2 else ValueError("a mistake")
        return real(*arguments)  # type: ignore[arg-type] # what it takes

    monkeypatch.setattr(office.store, "next_due", next_due)
    deliverer = Deliverer(office.store, office.settings(server.port))
    deliverer.start()
    try:
        office.post()
        eventually(lambda: server.mails)
    finally:
        deliverer.stop()
