"""`declweb check --deliver`: what works, what would fail and what to do, without a secret in it."""

import json
import os
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from callee import OK, answering, callee, dripping
from click.testing import CliRunner, Result
from mailing import mail_server
from name_server import name_server
from servers import DEADLINE, free_port, write
from standardwebhooks import Webhook

from declweb.cli import main
from declweb.cli.delivery_check import masked
from declweb.delivery import checking, try_storage
from declweb.delivery.calling import Patience
from declweb.problems import Place
from declweb.storage import Store, StoreSettings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PASSWORD = "ge/heim%"  # as it is: its sign per cent stands for itself once it is written %25
FORM = """[site]
name = "Bakery"

[forms.order]
path = "/order"
keep = "1 year"
success = { message = "Thank you" }
fields.name = { label = "Your name" }
"""
GOOD = {
    ("bakery.cafe", "MX"): ["10 mx.bakery.cafe."],
    ("bakery.cafe", "TXT"): ['"v=spf1 mx ~all"'],
    ("selector1._domainkey.bakery.cafe", "TXT"): ['"v=DKIM1; p=MIGf"'],
    ("_dmarc.bakery.cafe", "TXT"): ['"v=DMARC1; p=none"'],
}


def site(folder: Path, *more: str, form: str = FORM) -> Path:
    return write(folder, site="\n".join([form, *more]))


def hook(url: str, *lines: str) -> str:
    return "\n".join(["[[forms.order.send]]", f'webhook = "{url}"', "private = true", *lines, ""])


def mail(server: str) -> str:
    owner = 'email = "anna@bakery.cafe"\n'
    return f'[[forms.order.send]]\n{owner}\n[mail]\nserver = "{server}"\nfrom = "Bakery <site@bakery.cafe>"\n'


def tried(folder: Path, *options: str, **variables: str) -> Result:
    arguments = ["check", "--deliver", str(folder), *options]
    return CliRunner().invoke(main, arguments, env={"NO_COLOR": "1", **variables})


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon on those who never answer."""
    hurried = checking.findings

    def findings(*arguments: Any, **keys: Any) -> Any:
        return hurried(*arguments, seconds=3, patience=Patience(1, 1, 0.2), **keys)

    monkeypatch.setattr(checking, "findings", findings)


@pytest.fixture
def bakery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("bakery")


# --- all is well ------------------------------------------------------------------------------------------------------


def test_all_is_well(bakery: Path) -> None:
    with callee() as there, mail_server() as post, name_server(GOOD) as names:
        site(bakery, hook(there.url, f'secret = "{SECRET}"'), mail(f"smtp://127.0.0.1:{post.port}"))
        result = tried(bakery, "--dns", names.option)
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stdout.splitlines() if line]
    subjects = ["folder", "uploads", "database", "mail server", "SPF", "DKIM", "DMARC", "webhook"]
    assert [line[4:15].strip() for line in lines[:-1]] == subjects
    assert all(line.startswith("ok ") for line in lines[:-1])
    assert lines[-1] == "no problems in bakery/site.toml; 8 of 8 things that were tried out are fine"
    assert not post.mails
    (got,) = there.calls
    told = Webhook(SECRET).verify(got.body, got.headers)
    assert told["type"] == "declweb.test"
    assert told["data"] == {
        "site": "Bakery",
        "form": "order",
        "message": "A test of `declweb check --deliver`: there is no entry.",
    }
    assert SECRET not in result.output


def test_nothing_is_left_behind(bakery: Path) -> None:
    site(bakery)
    assert tried(bakery).exit_code == 0
    assert [path.name for path in bakery.iterdir()] == ["site.toml"]


def test_without_forms_there_is_nothing_to_try_out(bakery: Path) -> None:
    write(bakery, site='[site]\nname = "Harbour"\n')
    result = tried(bakery)
    assert (result.exit_code, result.stdout) == (
        0,
        "\nno problems in bakery/site.toml; nothing to try out: there are no forms\n",
    )


def test_a_broken_site_is_not_tried_out(bakery: Path) -> None:
    with callee() as there:
        site(bakery, hook(there.url, "privat = true"))
        result = tried(bakery)
    assert result.exit_code == 1
    assert result.stdout.endswith("1 error in bakery/site.toml; nothing was tried out\n")
    assert not there.connections


@pytest.mark.parametrize(("options", "word"), [(("--dns", "9.9.9.9"), "dns"), (("--env", "staging"), "env")])
def test_options_that_go_with_it(options: tuple[str, str], word: str, bakery: Path) -> None:
    site(bakery)
    result = CliRunner().invoke(main, ["check", str(bakery), *options])
    assert result.exit_code == 2
    assert f"`--{word}` goes with `--deliver`" in result.output


@pytest.mark.parametrize("text", ["nothing", "9.9.9", "9.9.9.9:x", "[::1", ""])
def test_addresses_that_are_no_name_server(text: str, bakery: Path) -> None:
    site(bakery)
    result = tried(bakery, "--dns", text)
    assert result.exit_code == 2
    assert "is no address of a name server" in result.output


def test_the_environment_that_is_tried_out(bakery: Path) -> None:
    with callee() as there, callee() as other:
        staging = f'[[env.staging.forms.order.send]]\nwebhook = "{other.url}"\nprivate = true\n'
        site(bakery, hook(there.url), staging)
        assert tried(bakery, "--env", "staging").exit_code == 0
        assert (there.connections, other.connections) == (0, 1)
        assert tried(bakery).exit_code == 0
        assert (there.connections, other.connections) == (1, 1)
        unknown = tried(bakery, "--env", "stagin")
    assert unknown.exit_code == 1
    assert "did you mean `staging`?" in unknown.stdout


# --- webhooks ---------------------------------------------------------------------------------------------------------

REFUSALS = [
    ("301 Moved", "redirects are not followed: write the address that it leads to"),
    ("401 Unauthorized", "compare `secret` on both sides"),
    ("403 Forbidden", "whether the program lets this machine in"),
    ("404 Not Found", "compare the address"),
    ("405 No", "the program takes no POST there"),
    ("410 Gone", "the program wants to be told no more"),
    ("422 What", "should answer 200 to `declweb.test`, too"),
    ("429 Slowly", "try again later"),
    ("500 Oh", "look into the program's own log"),
    ("199 Odd", "see what the program says"),
]


@pytest.mark.parametrize(("status", "words"), REFUSALS)
def test_a_webhook_that_is_not_taken(status: str, words: str, bakery: Path) -> None:
    with callee(answering(status)) as there:
        site(bakery, hook(there.url))
        result = tried(bakery)
    assert result.exit_code == 1
    line = "bakery/site.toml:11:11: error[failing-webhook]: "
    assert (
        f"{line}the test, not signed, as there is no `secret`, was not taken: 127.0.0.1 answered {status}"
        in result.stdout
    )
    assert words in result.stdout


def test_webhooks_are_called_side_by_side_and_each_is_told(bakery: Path) -> None:
    """None of the five answers before all of them were called."""
    together = Barrier(5)

    def answer(stream: socket.socket) -> None:
        together.wait(DEADLINE)
        stream.sendall(OK)

    with callee(answer) as there, callee(answering("500 Oh")) as other:
        hooks = [hook(there.url.replace("/hook", f"/{number}")) for number in range(5)]
        site(bakery, hook(other.url), *hooks, hook(there.url, "off = true"))
        result = tried(bakery)
    assert result.exit_code == 1
    assert result.stdout.count("answered 500 Oh") == 1
    assert result.stdout.count("answered 204") == 5
    assert (len(there.calls), len(other.calls)) == (5, 1)


@pytest.mark.usefixtures("in_a_hurry")
def test_webhooks_that_never_answer_are_each_told(bakery: Path) -> None:
    stopped = Event()
    with callee(dripping(b"HTTP/1.1 200 OK\r\nX: y", stopped)) as slow:
        site(bakery, *(hook(slow.url.replace("/hook", f"/{number}")) for number in range(5)))
        result = tried(bakery)
        stopped.set()
    assert result.exit_code == 1
    assert result.stdout.count("127.0.0.1 gave no answer in time") == 5
    assert [int(line.split(":")[1]) for line in result.stdout.splitlines() if "error[" in line] == [11, 15, 19, 23, 27]


def test_a_name_that_leads_home(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda host, port, **_: [(2, 1, 6, "", ("127.0.0.1", port))])
    site(bakery, '[[forms.order.send]]\nwebhook = "https://till.cafe/orders"\n')
    result = tried(bakery)
    assert result.exit_code == 1
    words = "till.cafe is at 127.0.0.1, which is this machine itself: no webhook goes there; if it is meant to be, add"
    assert words in result.stdout


def test_tokens_in_addresses_are_not_shown(bakery: Path) -> None:
    token = "T0123456789/B0123456789/a-very-secret-token-of-the-till"
    body = f"nothing at /services/{token}"
    with callee(answering("404 Not Found", body)) as there:
        target = there.url.replace("/hook", f"/services/{token}")
        site(bakery, hook(target, f'secret = "{SECRET}"'))
        result = tried(bakery)
        as_json = tried(bakery, "--format", "json")
        for_github = tried(bakery, "--format", "github")
    for each in (result, as_json, for_github):
        assert each.exit_code == 1
        assert "a-very-secret-token" not in each.output
        assert SECRET not in each.output
    assert f'webhook = "http://127.0.0.1:{there.port}/…"' in result.stdout
    assert "^" * (len(there.url) - 2) in result.stdout


MASKED = [
    ('webhook = "https://a.cafe/T1/B2"', 'webhook = "https://a.cafe/…"'),
    ('webhook = "https://a.cafe/"', 'webhook = "https://a.cafe/"'),
    ('webhook = "https://a.cafe?token=x"', 'webhook = "https://a.cafe/…"'),
    ('webhook = "https://u:p@a.cafe/x"', 'webhook = "https://…@a.cafe/…"'),
    ('webhook = "${ORDER_HOOK}"', 'webhook = "${ORDER_HOOK}"'),
    ('server = "smtp://u:p%40@a.cafe:587"', 'server = "smtp://…@a.cafe:587"'),
    ('server = "smtp://u:p/p@a.cafe"', 'server = "smtp://u:p/…"'),
    ('server = "smtp://a.cafe?tls=none"', 'server = "smtp://a.cafe?tls=none"'),
    ('database = "sqlite:////srv/a.db"', 'database = "sqlite:////srv/a.db"'),
    ('database = "postgresql://u:p@a.cafe/site"', 'database = "postgresql://…@a.cafe/…"'),
    ('send = [{ webhook = "https://a.cafe/x", secret = "abc" }]', 'send = [{ webhook = "https://a.cafe/…", secret = …'),
]


@pytest.mark.parametrize(("line", "shown"), MASKED, ids=[line for line, _ in MASKED])
def test_no_secret_is_seen_in_a_line(line: str, shown: str) -> None:
    start = line.index('"')
    place = masked(Place("site.toml", 1, start + 1, line.index('"', start + 1) + 2, line))
    assert place.text == shown
    assert masked(Place("site.toml")) == Place("site.toml")


# --- mail -------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_that_is_wrong_and_is_not_shown(bakery: Path) -> None:
    with mail_server(login=("anna", "right")) as post, name_server(GOOD) as names:
        site(bakery, mail(f"smtp://anna:ge%2Fheim%25@127.0.0.1:{post.port}"))
        result = tried(bakery, "--dns", names.option)
        as_json = tried(bakery, "--dns", names.option, "--format", "json")
    assert result.exit_code == as_json.exit_code == 1
    assert f"error[failing-mail]: 127.0.0.1:{post.port} does not let us log in: 535" in result.stdout
    assert f'server = "smtp://…@127.0.0.1:{post.port}"' in result.stdout
    for each in (result, as_json):
        assert PASSWORD not in each.output
        assert "ge%2Fheim" not in each.output
    assert json.loads(as_json.stdout)[0]["code"] == "failing-mail"


def test_a_mail_server_that_is_not_there(bakery: Path) -> None:
    port = free_port()
    with name_server(GOOD) as names:
        site(bakery, mail(f"smtp://127.0.0.1:{port}"))
        result = tried(bakery, "--dns", names.option)
    assert result.exit_code == 1
    assert f"127.0.0.1:{port} cannot be reached: connection refused" in result.stdout
    assert "help: see that host, port, user and password are right" in result.stdout


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"to_sender": "553 5.7.1 not your address"}, "553 5.7.1 not your address"),
        ({"to_recipient": "554 5.7.1 relay access denied"}, "554 5.7.1 relay access denied"),
        ({"to_recipient": "451 4.7.1 greylisted"}, "451 4.7.1 greylisted"),
    ],
)
def test_a_mail_server_that_takes_nothing_from_here(keys: dict[str, str], words: str, bakery: Path) -> None:
    with mail_server() as post, name_server(GOOD) as names:
        for key, value in keys.items():
            setattr(post, key, value)
        site(bakery, mail(f"smtp://127.0.0.1:{post.port}"))
        result = tried(bakery, "--dns", names.option)
    assert result.exit_code == 1
    assert f"takes no mail from site@bakery.cafe to itself: {words}" in result.stdout
    assert not post.mails


@pytest.mark.usefixtures("in_a_hurry")
def test_a_mail_server_that_says_nothing(bakery: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, name_server(GOOD) as names:
        site(bakery, mail(f"smtp://127.0.0.1:{silent.getsockname()[1]}"))
        began = time.monotonic()
        result = tried(bakery, "--dns", names.option)
        assert time.monotonic() - began < DEADLINE
    assert "error[failing-mail]: no answer from the mail server within 3 seconds" in result.stdout
    assert result.exit_code == 1


def test_an_address_that_nobody_can_send_from(bakery: Path) -> None:
    with mail_server() as post, name_server(GOOD) as names:
        site(bakery, mail(f"smtp://127.0.0.1:{post.port}").replace("site@", "si..te@"))
        result = tried(bakery, "--dns", names.option)
    assert result.exit_code == 1
    assert 'error[bad-address]: `"Bakery <si..te@bakery.cafe>"` is no e-mail address' in result.stdout


def test_a_mistake_of_declwebs_own_is_not_hidden(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(try_storage, "_folder", broken)
    site(bakery)
    assert isinstance(tried(bakery).exception, ZeroDivisionError)


def test_mail_without_a_server(bakery: Path) -> None:
    with name_server(GOOD) as names:
        site(bakery, mail(""))
        result = tried(bakery, "--dns", names.option)
    assert result.exit_code == 0
    assert "warning[mail-waits]: there is none, so mails wait in the outbox" in result.stdout


def test_a_domain_that_nobody_believes(bakery: Path) -> None:
    with mail_server() as post, name_server({("bakery.cafe", "TXT"): ["x"]}) as names:
        site(bakery, mail(f"smtp://127.0.0.1:{post.port}"))
        result = tried(bakery, "--dns", names.option)
    assert result.exit_code == 0
    for words in ("takes no mail, so nobody learns", "no SPF record", "no DKIM key", "no DMARC record"):
        assert words in result.stdout
    assert result.stdout.count("warning[distrusted-mail]") == 4
    assert "4 warnings in bakery/site.toml" in result.stdout


def test_a_domain_that_there_is_not(bakery: Path) -> None:
    with mail_server() as post, name_server({}) as names:
        site(bakery, mail(f"smtp://127.0.0.1:{post.port}"))
        result = tried(bakery, "--dns", names.option)
    assert result.exit_code == 1
    assert "there is no domain bakery.cafe" in result.stdout


def test_a_machine_without_a_network(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be looked up: what cannot be known is no fault of the site, what does not answer is."""
    monkeypatch.setattr("declweb.delivery.domain.PATIENCE", 0.3)
    port = free_port()
    with mail_server() as post, callee() as there:
        hooks = hook(there.url) + '[[forms.order.send]]\nwebhook = "https://till.invalid/orders"\n'
        site(bakery, hooks, mail(f"smtp://127.0.0.1:{post.port}"))
        result = tried(bakery, "--dns", f"127.0.0.1:{port}")
    assert result.exit_code == 1
    assert (
        "?   domain       no name server answers, so SPF, DKIM and DMARC of bakery.cafe were not looked at"
        in result.stdout
    )
    assert "error[failing-webhook]" in result.stdout
    assert "till.invalid" in result.stdout


# --- storage ----------------------------------------------------------------------------------------------------------


def test_a_store_that_is_there_is_not_changed(bakery: Path) -> None:
    site(bakery)
    store = Store(StoreSettings(bakery.absolute() / "storage"))
    store.prepare()
    before = store.generations()
    result = tried(bakery)
    assert result.exit_code == 0
    assert "the file takes what is written" in result.stdout
    assert store.generations() == before
    store.stop()
    with closing(sqlite3.connect(bakery / "storage/site.db")) as connection:
        assert connection.execute("SELECT count(*) FROM leases").fetchone() == (0,)


def test_an_older_database_is_left_as_it_is(bakery: Path) -> None:
    site(bakery)
    settings = StoreSettings(bakery.absolute() / "storage")
    store = Store(settings)
    store.prepare()
    store.stop()
    with closing(sqlite3.connect(bakery / "storage/site.db")) as connection, connection:
        connection.execute("DELETE FROM migrations WHERE number > 1")
    assert "it is brought up to date when the site starts" in tried(bakery).stdout
    with closing(sqlite3.connect(bakery / "storage/site.db")) as connection, connection:
        assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (1,)
        connection.execute("INSERT INTO migrations VALUES (99, 'x')")
    result = tried(bakery)
    assert result.exit_code == 1
    assert "error[failing-storage]: the database is of version 99" in result.stdout


def test_a_file_that_is_no_database(bakery: Path) -> None:
    site(bakery)
    (bakery / "storage").mkdir()
    (bakery / "storage/site.db").write_text("this is no database, but long enough to be taken for one" * 20)
    result = tried(bakery)
    assert result.exit_code == 1
    assert "nothing can be stored: file is not a database" in result.stdout


def test_a_database_that_is_locked(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("declweb.storage.database.PATIENCE", 0.3)
    site(bakery)
    store = Store(StoreSettings(bakery.absolute() / "storage"))
    store.prepare()
    store.stop()
    with closing(sqlite3.connect(bakery / "storage/site.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = tried(bakery)
    assert result.exit_code == 1
    assert "nothing can be stored: database is locked" in result.stdout


def test_a_folder_that_is_a_file(bakery: Path) -> None:
    site(bakery)
    (bakery / "storage").write_text("")
    result = tried(bakery)
    assert result.exit_code == 1
    assert "bakery/storage cannot be written to: not a directory" in result.stdout
    assert result.stdout.count("error[") == 1


def test_a_folder_that_nobody_may_write(bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(try_storage, "_write", refused)
    site(bakery)
    result = tried(bakery)
    assert result.exit_code == 1
    assert "bakery cannot be written to: permission denied" in result.stdout
    assert "write there, or name another place: `folder` in [storage]" in result.stdout


@pytest.mark.parametrize(
    ("free", "code", "words"),
    [(0, 1, "error[failing-storage]: the disk below"), (100_000_000, 0, "warning[little-space]: the disk below")],
)
def test_a_disk_that_fills_up(free: int, code: int, words: str, bakery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_storage, "_free", lambda _: free)
    site(bakery)
    result = tried(bakery)
    assert result.exit_code == code
    assert words in result.stdout


def test_a_disk_without_room_for_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Full:
        f_files = 100
        f_favail = 0

    assert try_storage._free(tmp_path) > 0
    monkeypatch.setattr(os, "statvfs", lambda _: Full)
    assert try_storage._free(tmp_path) == 0


def test_a_database_server_that_does_not_answer(bakery: Path) -> None:
    url = f"postgresql://anna:{'geheim-' * 2}@127.0.0.1:{free_port()}/site"
    site(bakery, f'[storage]\ndatabase = "{url}"\n\n[session]\nsecret = "a secret of many letters"\n')
    result = tried(bakery)
    assert result.exit_code == 1
    assert "error[failing-storage]: nothing can be stored: connection" in result.stdout
    assert "geheim" not in result.output
    assert 'database = "postgresql://…@127.0.0.1' in result.stdout
