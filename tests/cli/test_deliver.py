"""`declweb deliver`."""

import os
import signal
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from entering import entering, mail
from mailing import CONTACT, mail_server
from servers import COMMAND, Running, eventually, free_port, write

from declweb.cli import main
from declweb.storage import Store, StoreSettings

SITE = f"""
[site]
name = "Bakery"

[mail]
server = "${{SMTP_URL:-}}"
from = "Bakery <website@bakery.example>"
{CONTACT}"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path, site=SITE)


@pytest.fixture
def receipt(site: Path) -> str:
    store = Store(StoreSettings(site / "storage"))
    added = store.add(entering(messages=[mail(subject="Grüße", text="Two loaves, please", language="en")]))
    store.stop()
    return added.receipt


def deliver(site: Path, *options: str, port: int | None = None) -> Result:
    env = {"SMTP_URL": f"smtp://127.0.0.1:{port}" if port else ""}
    return CliRunner().invoke(main, ["deliver", str(site), *options], env=env)


def test_what_waits_goes_out_once(site: Path, receipt: str) -> None:
    with mail_server() as server:
        result = deliver(site, port=server.port)
        assert result.output.splitlines() == [
            f"email to owner@example.com (contact {receipt}): 250 2.0.0 queued",
            "1 delivered, 0 waiting, 0 failed",
        ]
        assert result.exit_code == 0
        assert deliver(site, port=server.port).output == "0 delivered, 0 waiting, 0 failed\n"
        assert len(server.mails) == 1


def test_what_could_not_be_delivered_is_said(site: Path, receipt: str) -> None:
    port = free_port()
    result = deliver(site, port=port)
    assert result.exit_code == 1
    assert f"127.0.0.1:{port} cannot be reached: connection refused" in result.output
    assert "0 delivered, 1 waiting, 0 failed" in result.output
    listed = deliver(site, "--list").output
    assert listed.startswith(f"waiting  email to owner@example.com (contact {receipt})")
    assert "1 try; the last one: 127.0.0.1" in listed
    with mail_server() as server:
        assert "0 delivered, 1 waiting" in deliver(site, port=server.port).output
        assert "1 delivered, 0 waiting" in deliver(site, "--now", port=server.port).output
    assert deliver(site, "--list").output == "nothing waits, nothing is held, nothing has failed\n"


@pytest.mark.usefixtures("receipt")
def test_without_a_server_mails_wait(site: Path) -> None:
    result = deliver(site)
    assert result.exit_code == 0
    assert "there is no `[mail] server`: mails wait" in result.output
    assert "0 delivered, 1 waiting, 0 failed" in result.output


def test_mails_can_be_read_as_files(site: Path, receipt: str, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    assert deliver(site, "--eml", str(folder)).output == f"1 mail written into {folder}; they go on waiting\n"
    (file,) = folder.iterdir()
    assert file.name == f"000001-{receipt}.eml"
    read = message_from_bytes(file.read_bytes(), policy=default)
    assert (read["Subject"], read["To"]) == ("Grüße", "owner@example.com")
    assert "waiting" in deliver(site, "--list").output


def test_where_nothing_was_ever_sent_nothing_is_made(site: Path) -> None:
    for option in ((), ("--list",), ("--eml", "x")):
        assert deliver(site, *option).output == "nothing waits: nothing was ever sent\n"
    assert not (site / "storage" / "site.db").exists()


def test_a_broken_site_delivers_nothing(site: Path) -> None:
    (site / "site.toml").write_text(SITE.replace("website@bakery.example", "nobody"))
    result = deliver(site)
    assert result.exit_code == 2
    assert "nothing is delivered" in result.output


def test_what_failed_is_sent_again_once_it_is_mended(site: Path, receipt: str) -> None:
    with mail_server() as server:
        server.to_recipient = "550 no"
        deliver(site, port=server.port)
        server.to_recipient = "250 OK"
        assert receipt not in deliver(site, port=server.port).stdout
        result = deliver(site, "--failed", port=server.port)
    assert f"(contact {receipt}): 250 2.0.0 queued" in result.stdout
    assert "1 delivered, 0 waiting" in result.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_it_waits_for_the_mail_that_is_on_its_way(
    site: Path, receipt: str, number: signal.Signals
) -> None:
    store = Store(StoreSettings(site / "storage"))
    store.add(entering(messages=[mail(), mail()]))
    with mail_server() as server:
        server.seconds = 1.5
        with Running(COMMAND, "deliver", site, variables={"SMTP_URL": f"smtp://127.0.0.1:{server.port}"}) as running:
            eventually(lambda: server.connections == 1)
            running.stop(number)
        assert len(server.mails) == 1
    first, *others = store.messages()
    assert (first.receipt, first.state) == (receipt, "delivered")
    assert [(each.state, each.attempts, each.lease) for each in others] == [("waiting", 0, "")] * 2
    store.stop()


@pytest.mark.usefixtures("receipt")
def test_it_stays_and_delivers_what_comes(site: Path) -> None:
    with mail_server() as server:
        variables = {**os.environ, "SMTP_URL": f"smtp://127.0.0.1:{server.port}"}
        with Running(COMMAND, "deliver", site, "--watch", variables=variables) as running:
            eventually(lambda: server.mails)
            eventually(lambda: "is delivered: 250" in running.log)
            assert running.stop(signal.SIGINT) == 0
            assert "Ctrl-C stops it" in running.log
