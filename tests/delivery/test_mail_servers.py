"""Mail servers of every temper: each message arrives at least once, and the owner sees the truth."""

import socket
import ssl
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from entering import received
from mailing import MailServer, Office, mail_server
from servers import free_port

from declweb.delivery import smtp
from declweb.delivery.rounds import Round
from declweb.delivery.telling import about_failed
from declweb.storage import Attempt, MessageKind


def attempts(office: Office, receipt: str) -> list[tuple[bool, str]]:
    return [(each.is_delivered, each.words) for each in office.store.attempts(receipt)]


def test_a_mail_that_is_accepted_is_delivered_with_the_words_of_the_server(office: Office, server: MailServer) -> None:
    receipt = office.post()
    assert office.deliver(server.port) == 1
    assert office.states == ["delivered"]
    assert attempts(office, receipt) == [(True, "250 2.0.0 queued")]
    assert office.deliver(server.port) == 0
    assert server.targets == ["owner@blackbird.example"]
    assert server.origins == ["website@blackbird.example"]


@pytest.mark.parametrize("refusal", ["552 too much", "554 5.3.4 too big for us", "550 5.2.3 too big for her"])
def test_files_that_a_server_finds_too_large_stay_behind(office: Office, server: MailServer, refusal: str) -> None:
    upload = received(office.store, b"x" * 5000)
    office.store.uploads.keep(upload.id)
    server.largest, server.to_large = 4000, refusal
    office.post(attach=[{"id": upload.id, "name": "cake.png", "media_type": "image/png", "size": 5000}])
    office.deliver(server.port)
    assert office.states == ["delivered"]
    assert "no longer there: cake.png" in server.mails[0].get_content()
    assert len(server.mails) == 1


def test_a_mail_that_is_too_large_without_files_has_failed(office: Office, server: MailServer) -> None:
    server.largest, server.to_large = 10, "552 too much"
    office.post()
    office.deliver(server.port)
    assert office.states[0] == "failed"


def test_many_mails_go_over_one_connection(office: Office, server: MailServer) -> None:
    for _ in range(30):
        office.post()
    assert office.deliver(server.port) == 30
    assert len(server.mails) == 30
    assert server.connections == 1
    assert len({mail["Message-ID"] for mail in server.mails}) == 30


def test_a_refusal_for_now_is_tried_again(office: Office, server: MailServer) -> None:
    receipt = office.post()
    server.to_recipient = "451 4.3.0 try later"
    office.deliver(server.port)
    (message,) = office.messages
    assert (message.state, message.attempts, message.last_words) == ("waiting", 1, "451 4.3.0 try later")
    assert timedelta(seconds=5) <= message.due - office.now <= timedelta(seconds=5.5)
    assert office.deliver(server.port) == 0
    server.to_recipient = "250 OK"
    office.later(seconds=6)
    office.deliver(server.port)
    assert attempts(office, receipt) == [(False, "451 4.3.0 try later"), (True, "250 2.0.0 queued")]
    assert len(server.mails) == 1


def test_a_refusal_of_the_whole_mail_is_heard_too(office: Office, server: MailServer) -> None:
    office.post()
    office.post()
    server.to_mail = "452 4.3.1 disk full"
    office.deliver(server.port)
    assert [(each.state, each.last_words) for each in office.messages] == [("waiting", "452 4.3.1 disk full")] * 2
    server.to_mail = "554 5.7.1 looks like spam"
    office.later(seconds=6)
    office.deliver(server.port)
    assert office.states[:2] == ["failed", "failed"]


def test_a_refusal_for_good_is_told_to_the_owner(office: Office, server: MailServer) -> None:
    receipt = office.post("gone@blackbird.example")
    server.to_recipient = "550 5.1.1 no such user here"
    office.deliver(server.port)
    assert office.states[0] == "failed"
    assert attempts(office, receipt) == [(False, "550 5.1.1 no such user here")]
    notice = office.messages[1]
    assert (notice.receipt, notice.target) == ("", "website@blackbird.example")
    for words in (receipt, "gone@blackbird.example", "550 5.1.1 no such user here"):
        assert words in str(notice.content["text"])


@pytest.mark.parametrize("inbox", [None, "https://blackbird.example/inbox"])
def test_a_notice_says_how_to_send_again(office: Office, server: MailServer, inbox: str | None) -> None:
    server.to_recipient = "550 no"
    office.post()
    office.deliver(server.port)
    (failed, _) = office.messages
    settings = replace(office.settings(server.port), inbox=inbox)
    text = str(about_failed([failed], settings)[0].content["text"])
    assert ("declweb deliver --failed" in text) == (inbox is None)
    assert inbox is None or inbox in text


def test_a_notice_that_fails_brings_no_other_notice(office: Office, server: MailServer) -> None:
    office.post()
    server.to_recipient = "550 5.1.1 no"
    for _ in range(5):
        office.deliver(server.port)
        office.later(hours=2)
    assert office.states == ["failed", "failed"]


def test_many_failures_are_one_notice(office: Office, server: MailServer) -> None:
    server.to_recipient = "550 5.1.1 no"
    for _ in range(120):
        office.post("gone@blackbird.example")
    office.deliver(server.port, owner=["anna@blackbird.example", "Ben <ben@blackbird.example>"])
    notices = [each for each in office.messages if not each.receipt]
    assert [each.target for each in notices] == ["anna@blackbird.example", "ben@blackbird.example"]
    assert str(notices[0].content["text"]).count("gone@") == 50
    office.post("gone@blackbird.example")
    office.later(minutes=30)
    office.deliver(server.port)
    assert len(office.messages) == 123, "the next notice is an hour later"
    office.later(minutes=31)
    office.deliver(server.port)
    assert len(office.messages) == 124


def test_a_refused_sender_is_the_sites_own_mistake_and_may_be_mended(office: Office, server: MailServer) -> None:
    office.post()
    server.to_sender = "553 5.7.1 not your address"
    office.deliver(server.port)
    assert [(each.state, each.last_words) for each in office.messages] == [("waiting", "553 5.7.1 not your address")]


@pytest.mark.parametrize(
    "refusal",
    [
        "554 5.2.252 SendAsDenied; anna@x.example not allowed to send as website@blackbird.example",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "550 5.4.5 Daily user sending limit exceeded",
        "530 5.7.57 Client not authenticated to send mail",
    ],
)
def test_what_is_said_of_the_account_at_the_end_of_a_mail_may_be_mended(
    office: Office, server: MailServer, refusal: str
) -> None:
    server.to_mail = refusal
    receipt = office.post()
    office.deliver(server.port)
    assert office.states == ["waiting"]
    assert attempts(office, receipt) == [(False, refusal)]


def test_a_server_that_takes_its_time_is_waited_for_and_nobody_else_begins(office: Office, server: MailServer) -> None:
    office.post()
    server.seconds = 1.0
    rounds = [Round(office.store, office.settings(server.port), MessageKind.EMAIL, lease=0.6) for _ in range(3)]
    threads = [threading.Thread(target=each.run) for each in rounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert office.states == ["delivered"]
    assert len(server.mails) == 1


def test_a_connection_that_breaks_after_the_mail_brings_a_double_that_can_be_told(
    office: Office, server: MailServer
) -> None:
    receipt = office.post()
    server.drops = 1
    office.deliver(server.port)
    assert office.states == ["waiting"]
    office.later(seconds=6)
    office.deliver(server.port)
    assert office.states == ["delivered"]
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]
    ((is_delivered, words), _) = attempts(office, receipt)
    assert not is_delivered
    assert words.startswith(f"127.0.0.1:{server.port} closed the connection")


def test_a_server_that_is_down_for_an_hour(office: Office) -> None:
    port = free_port()
    receipts = [office.post() for _ in range(5)]
    for _ in range(60):
        office.deliver(port)
        office.later(minutes=1)
    assert set(office.states) == {"waiting"}
    assert [len(office.store.attempts(receipt)) for receipt in receipts] == [4] * 5
    assert office.messages[0].last_words == f"127.0.0.1:{port} cannot be reached: connection refused"
    with mail_server(port) as server:
        office.later(hours=2)
        office.deliver(port)
        assert len(server.mails) == 5
    assert set(office.states) == {"delivered"}


def test_a_server_that_stays_away_is_given_up_and_one_notice_waits(office: Office) -> None:
    port = free_port()
    receipts = [office.post() for _ in range(3)]
    for _ in range(12):
        office.deliver(port)
        office.later(hours=27)
    assert office.states[:3] == ["failed"] * 3
    assert [len(office.store.attempts(receipt)) for receipt in receipts] == [10] * 3
    assert len(office.messages) == 4, "one notice for all of them"
    with mail_server(port) as server:
        office.deliver(port)
        assert [mail["Subject"] for mail in server.mails] == ["Blackbird Bakery: 3 messages could not be delivered"]


def test_a_server_that_is_away_for_two_weeks_does_not_keep_the_owner_from_being_told(office: Office) -> None:
    port = free_port()
    office.post()
    for _ in range(14):
        office.deliver(port)
        office.later(hours=27)
    office.post()
    for _ in range(14):
        office.deliver(port)
        office.later(hours=27)
    notices = [each for each in office.messages if not each.receipt]
    assert [each.state for each in notices] == ["waiting"] * 2
    with mail_server(port) as server:
        office.deliver(port)
        assert [mail["Subject"] for mail in server.mails] == ["Blackbird Bakery: a message could not be delivered"] * 2


def test_an_owner_who_cannot_be_told_for_a_month_is_not_told_for_ever(office: Office) -> None:
    port = free_port()
    office.post()
    for _ in range(50):
        office.deliver(port)
        office.later(hours=27)
    assert office.states == ["failed", "failed"]


def test_what_failed_can_be_sent_again(office: Office, server: MailServer) -> None:
    server.to_recipient = "550 no"
    office.post()
    office.deliver(server.port)
    server.to_recipient = "250 OK"
    failed = office.messages[0]
    assert office.store.resend(failed.number, "anna", office.now)
    office.deliver(server.port)
    assert office.states[0] == "delivered"
    assert [isinstance(each, Attempt) for each in office.store.attempts(failed.receipt)] == [True, True]
    assert not office.store.resend(10**6, "anna")


# --- encryption and login ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(made)
    return made


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_proves_who_it_is_gets_the_password(office: Office, authority: trustme.CA, scheme: str) -> None:
    office.post()
    login = ("anna", "pss:w/rd")
    url = scheme + "://anna:pss%3Aw%2Frd@localhost:{port}"
    with mail_server(
        certificate=context(authority, "localhost"), is_within_tls=scheme == "smtps", login=login
    ) as server:
        office.deliver(url.format(port=server.port))
        assert [each.last_words for each in office.messages] == ["250 2.0.0 queued"]
        assert len(server.mails) == 1


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_told_and_nothing_is_sent(office: Office, authority: trustme.CA) -> None:
    office.post()
    with mail_server(certificate=context(authority, "mail.elsewhere.example"), login=("a", "b")) as server:
        office.deliver(f"smtp://a:b@localhost:{server.port}")
        assert not server.mails
    (message,) = office.messages
    assert message.state == "waiting"
    assert message.last_words == (
        f"localhost:{server.port} has a certificate that is not to be trusted: Hostname mismatch, certificate is not"
        " valid for 'localhost'.; nothing was sent"
    )


def test_a_certificate_of_nobody_is_told_and_nothing_is_sent(office: Office, authority: trustme.CA) -> None:
    office.post()
    with mail_server(certificate=context(authority, "localhost"), is_within_tls=True) as server:
        office.deliver(f"smtps://localhost:{server.port}")
        assert not server.mails
    assert "is not to be trusted: unable to get local issuer certificate" in office.messages[0].last_words


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_told_without_the_password(office: Office, authority: trustme.CA) -> None:
    office.post()
    with mail_server(certificate=context(authority, "localhost"), login=("anna", "right")) as server:
        office.deliver(f"smtp://anna:wr0ng@localhost:{server.port}")
    (message,) = office.messages
    assert message.state == "waiting"
    assert "does not let us log in: 535" in message.last_words
    assert "wr0ng" not in message.last_words


def test_nothing_goes_to_another_machine_in_the_clear(
    office: Office, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("declweb.delivery.servers.MailServer.is_this_machine", False)
    office.post()
    office.deliver(server.port)
    assert "offers no encryption (STARTTLS), so nothing was sent" in office.messages[0].last_words
    office.later(seconds=6)
    office.deliver(f"smtp://127.0.0.1:{server.port}?tls=none")
    assert office.states == ["delivered"]


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "PATIENCE", 0.2)
    for _ in range(3):
        office.post()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        office.deliver(port)
    assert [each.last_words for each in office.messages] == [f"127.0.0.1:{port} did not answer in time"] * 3


def test_a_server_that_talks_nonsense_is_only_a_server_that_failed(office: Office) -> None:
    office.post()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def babble() -> None:
            connection, _ = listener.accept()
            connection.sendall(b"\xff\xfe not a mail server \0\r\n" * 3)
            connection.close()

        thread = threading.Thread(target=babble)
        thread.start()
        office.deliver(listener.getsockname()[1])
        thread.join()
    assert office.states == ["waiting"]


# --- addresses --------------------------------------------------------------------------------------------------------


def test_addresses_in_any_script(office: Office, server: MailServer) -> None:
    office.post("jörg@bücher.example")
    office.post("info@bücher.example")
    assert office.deliver(server.port) == 2
    assert server.targets == ["jörg@bücher.example", "info@xn--bcher-kva.example"]


def test_an_address_that_the_server_cannot_write_to_is_told(office: Office) -> None:
    office.post("jörg@bücher.example")
    office.post("info@bücher.example")
    with mail_server(enable_SMTPUTF8=False) as server:
        office.deliver(server.port)
        assert server.targets[0] == "info@xn--bcher-kva.example"
    assert office.states[:2] == ["failed", "delivered"]
    assert "does not offer SMTPUTF8" in office.messages[0].last_words


@pytest.mark.parametrize(
    "target", ["nobody", "a@b@c.example", "a@b.example\r\nRCPT TO:<x@evil.example>", "a b@c.example"]
)
def test_what_is_no_address_is_never_sent_to(office: Office, server: MailServer, target: str) -> None:
    office.post(target)
    office.deliver(server.port)
    assert office.states[0] == "failed"
    assert "is no e-mail address" in office.messages[0].last_words
    assert "evil" not in "".join(server.targets)


# --- addresses that visitors typed ------------------------------------------------------------------------------------


def test_an_address_that_a_visitor_typed_gets_one_mail_an_hour(office: Office, server: MailServer) -> None:
    for _ in range(3):
        office.post("victim@elsewhere.example", typed=True)
    office.post("Victim@elsewhere.example", typed=True)
    office.post("other@elsewhere.example", typed=True)
    office.post()
    assert office.deliver(server.port) == 3
    for _ in range(59):
        office.later(minutes=1)
        assert office.deliver(server.port) == 0
    office.later(minutes=1)
    assert office.deliver(server.port) == 1
    assert [each.attempts for each in office.messages] == [1, 1, 0, 0, 1, 1]
    office.later(hours=1)
    assert office.deliver(server.port) == 1


def test_one_reader_has_many_addresses(office: Office, server: MailServer) -> None:
    for target in (
        "anna@bücher.example",
        "ANNA@xn--bcher-kva.example",
        "anna+1@Bücher.example",
        "anna+2+3@bücher.example",
    ):
        office.post(target, typed=True)
    assert office.deliver(server.port) == 1


def test_a_retry_may_go_to_the_address_it_has_taken(office: Office, server: MailServer) -> None:
    office.post("ann@elsewhere.example", typed=True)
    office.post("ann@elsewhere.example", typed=True)
    server.to_recipient = "451 greylisted"
    office.deliver(server.port)
    server.to_recipient = "250 OK"
    office.later(seconds=6)
    office.deliver(server.port)
    assert office.states == ["delivered", "waiting"]


def test_whom_too_much_is_to_be_sent_gets_no_more_after_a_day(office: Office, server: MailServer) -> None:
    for _ in range(27):
        office.post("victim@elsewhere.example", typed=True)
    for _ in range(30):
        office.deliver(server.port)
        office.later(minutes=61)
    assert server.targets.count("victim@elsewhere.example") <= 25
    assert office.states.count("waiting") == 0
