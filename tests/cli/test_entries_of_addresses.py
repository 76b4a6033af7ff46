"""`declweb entries list --search`, `copy` and `erase`."""

import json
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from entering import entering, mail, received
from entry_commands import run

from declweb.storage import Search, Store, StoredField

SITE = """
[site]
name = "Bakery"
timezone = "Europe/Berlin"

[forms.order]
path = "/order"
keep = "forever"
[forms.order.fields]
email = { type = "email", label = "Your e-mail address" }
cake = { type = "radio", label = "Which cake?", choices = { sacher = "Schokolade", own = "My own idea" } }
photo = { type = "file", label = "A picture" }
"""
FIELDS = (StoredField("email", "Your e-mail address", "email"), StoredField("cake", "Which cake?", "radio"))


def ordered(store: Store, email: str, **more: object) -> str:
    usual = {"form": "order", "fields": FIELDS, "values": {"email": email, "cake": "sacher"}}
    entry = entering(**{**usual, **more})
    store.add(entry)
    return entry.receipt


def listed(*arguments: str | Path) -> list[str]:
    result = run("list", *arguments)
    assert result.exit_code == 0, result.output
    return [line[:11] for line in result.stdout.splitlines()]


def test_a_list_of_what_was_searched(site: Path, store: Store) -> None:
    before = ordered(store, "anna@example.com", created=datetime(2026, 5, 2, 21, 59, tzinfo=UTC))
    late = ordered(store, "ben@example.com", created=datetime(2026, 5, 2, 22, 0, tzinfo=UTC))
    last = ordered(store, "cem@example.com", created=datetime(2026, 5, 3, 21, 59, tzinfo=UTC), status="held")
    after = ordered(store, "dora@example.com", created=datetime(2026, 5, 3, 22, 0, tzinfo=UTC))
    assert listed(site, "--since", "2026-05-03", "--until", "2026-05-03") == [late, last]
    assert listed(site, "--search", "BEN schoko") == [late]
    assert listed(site, "--search", "example", "--held") == [last]
    assert listed(site, "--search", "schokolade", "--since", "2026-05-04", "--form", "order") == [after]
    assert listed(site, "--search", "100%") == []
    assert "there are no such entries" in run("list", site, "--search", "nothing").stderr
    assert "2 entries before these" in run("list", site, "--until", "2026-05-03", "--limit", "1").stderr
    assert before in listed(site)
    assert run("list", site, "--since", "3.5.2026").exit_code == 2


def test_everything_of_an_address_is_copied(site: Path, store: Store, tmp_path: Path) -> None:
    upload = received(store, b"a picture", "cake.png")
    receipt = ordered(store, "anna@example.com", uploads=[upload], messages=[mail("anna@example.com")])
    ordered(store, "ben@example.com")
    mention = ordered(store, "ben@example.com", values={"email": "ben@example.com", "idea": "like anna@example.com"})
    result = run("copy", "Anna@Example.com", site, "--out", tmp_path / "anna.zip")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"1 entry (order 1), 1 files and 1 mails copied to {tmp_path / 'anna.zip'}\n"
    assert f"also mentioned in {mention}" in result.stderr
    assert stat.S_IMODE((tmp_path / "anna.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "anna.zip") as archive:
        assert archive.read(f"files/{receipt}/cake.png") == b"a picture"
    result = run("copy", "anna@example.com", site, "--out", tmp_path / "anna", "--also", mention)
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "anna" / "entries.json").read_text(encoding="utf-8"))
    assert [entry["receipt"] for entry in told] == [receipt, mention]
    for again in ("anna.zip", "anna"):
        result = run("copy", "anna@example.com", site, "--out", tmp_path / again)
        assert (result.exit_code, "is there already" in result.stderr) == (1, True)
    assert [audit.action for audit in store.audits()] == ["copy", "copy"]


def test_everything_of_an_address_is_erased(site: Path, store: Store) -> None:
    ordered(store, "anna@example.com", uploads=[received(store)], messages=[mail("anna@example.com")])
    kept = ordered(store, "ben@example.com", values={"email": "ben@example.com", "idea": "like anna@example.com"})
    result = run("erase", "anna@example.com", site, answer="n\n")
    assert (result.exit_code, len(store.search(Search()))) == (1, 2)
    assert "Delete 1 entry (order 1), 1 files and 1 mails for ever?" in result.stderr
    result = run("erase", "anna@example.com", site, "--yes")
    assert result.stdout == "1 entry, 1 files and 1 mails deleted\n"
    assert [entry.receipt for entry in store.search(Search())] == [kept]
    result = run("erase", "anna@example.com", site, "--yes")
    assert (result.exit_code, "there is nothing of anna@example.com" in result.stderr) == (1, True)
    assert run("erase", "anna@example.com", site, "--yes", "--also", kept).exit_code == 0
    assert store.search(Search()) == []
    assert {audit.by for audit in store.audits()} == {"declweb entries"}


def test_an_address_of_nobody(site: Path, tmp_path: Path) -> None:
    for verb in (
        ("erase", "nobody@example.com", site, "--yes"),
        ("copy", "nobody@example.com", site, "--out", "a.zip"),
    ):
        result = run(*verb)
        assert (result.exit_code, "there is nothing of nobody@example.com" in result.stderr) == (1, True)
    result = run("erase", "nobody@example.com", site, "--yes", "--also", "AAAAA-AAAAA")
    assert "AAAAA-AAAAA does not mention nobody@example.com" in result.stderr
    assert not (site / "storage").exists()


def test_a_copy_that_cannot_be_written_is_told(site: Path, store: Store, tmp_path: Path) -> None:
    ordered(store, "anna@example.com")
    result = run("copy", "anna@example.com", site, "--out", tmp_path / "nowhere" / "anna.zip")
    assert (result.exit_code, "cannot be written: no such file or directory" in result.stderr) == (1, True)


def test_who_judges_on_the_command_line_is_written_down(site: Path, store: Store) -> None:
    held = ordered(store, "anna@example.com", status="held")
    for verb in ("release", "hold", "approve"):
        assert run(verb, held, site).exit_code == 0
    assert run("delete", held, site, "--yes").exit_code == 0
    audits = [(audit.by, audit.action) for audit in reversed(store.audits())]
    assert audits == [("declweb entries", action) for action in ("release", "hold", "approve", "delete")]
