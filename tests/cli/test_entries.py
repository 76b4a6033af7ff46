"""`declweb entries`: what visitors sent, on the command line."""

import csv
import io
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl  # type: ignore[import-untyped] # it has no types
import pytest
from entering import entering, mail, received
from entry_commands import run
from openpyxl.utils.escape import unescape  # type: ignore[import-untyped] # it has no types

from declweb.storage import Store, StoredField, StoreSettings
from declweb.storage.naming import free_name

SITE = """
[site]
name = "Bakery"
timezone = "Europe/Berlin"

[forms.contact]
path = "/contact"
keep = "forever"
[forms.contact.fields]
name = { type = "text", label = "Your name" }
message = { type = "textarea", label = "Your words" }

[forms.guestbook]
path = "/guestbook"
keep = "forever"
approve = true
[forms.guestbook.fields]
name = { type = "text", label = "Your name" }
"""


def fine(*arguments: str | Path, answer: str | None = None) -> str:
    result = run(*arguments, answer=answer)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str | Path, code: int = 2, answer: str | None = None) -> str:
    result = run(*arguments, answer=answer)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stderr


# --- looking ----------------------------------------------------------------------------------------------------------


def test_a_list_has_the_latest_entries_last(site: Path, store: Store) -> None:
    created = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
    one = entering(created=created, values={"name": "Ann", "message": "Two\nloaves \x1b[31m" + "x" * 100})
    two = entering(form="guestbook", status="held", values={"name": "Bob"}, uploads=[received(store)])
    for each in (one, two):
        store.add(each)
    first, second = fine("list", site).splitlines()
    assert first.startswith(f"{one.receipt}  2026-11-22 13:05  contact  Ann · Two loaves ")
    assert first.endswith("…")
    assert "\x1b" not in first
    assert second.startswith(two.receipt)
    assert second.endswith("guestbook  [held] Bob  (1 file)")
    assert fine("list", site, "--form", "guestbook").splitlines() == [second.replace("guestbook  ", "")]
    assert fine("list", site, "--held").splitlines() == [second]
    assert fine("list", site, "--status", "approved") == ""


def test_a_list_says_what_it_leaves_out(site: Path, store: Store) -> None:
    sent = [entering() for _ in range(5)]
    for each in sent:
        store.add(each)
    result = run("list", site, "--limit", "2")
    assert [line[:11] for line in result.stdout.splitlines()] == [each.receipt for each in sent[3:]]
    assert result.stderr == "3 entries before these; see them with --limit 5\n"


def test_without_a_store_there_are_no_entries_and_none_is_made(site: Path) -> None:
    assert "there are no entries" in run("list", site).stderr
    assert fine("export", site, "--form", "contact").splitlines() == [
        "receipt,created,language,status,points,reasons,name,message"
    ]
    assert "there is no entry AAAAA-AAAAA" in refused("show", "aaaaa aaaaa", site, code=1)
    assert "there are no entries yet" in refused("backup", site / "copy", site, code=1)
    assert not (site / "storage").exists()


def test_showing_an_entry_shows_all_of_it(site: Path, store: Store) -> None:
    photo = received(store, b"x" * 1_200_000, "ein Bild.png")
    sent = entering(
        created=datetime(2026, 11, 22, 12, 5, tzinfo=UTC),
        values={"name": "Ann", "message": "Two\nloaves", "terms": True, "allergies": ["Nuts", "Milk"], "idea": None},
        fields=[
            StoredField("name", "Your name", "text"),
            StoredField("message", "Your words", "textarea"),
            StoredField("photo", "A picture", "file"),
        ],
        uploads=[photo],
        points=7,
        reasons=["links", "too fast"],
    )
    store.add(sent)
    shown = fine("show", sent.receipt.lower().replace("-", ""), site)
    assert shown == (
        f"{sent.receipt}\n  contact, 2026-11-22 13:05:00 CET, language en, new\n  7 points: links, too fast\n"
        "  Your name\n    Ann\n  Your words\n    Two\n    loaves\n  A picture\n    ein Bild.png (1.2 MB)\n"
        "  terms\n    yes\n  allergies\n    Nuts, Milk\n"
    )


def test_files_are_copied_under_harmless_names(site: Path, store: Store, tmp_path: Path) -> None:
    names = ["../../etc/passwd", "report.pdf", "Report.pdf", "履歴書.pdf", ".bashrc", "a\nb", "ä" * 300 + ".tar", ""]
    uploads = [received(store, name.encode(), name) for name in names]
    sent = entering(uploads=uploads)
    store.add(sent)
    fine("show", sent.receipt, site, "--files", tmp_path / "out")
    found = {path.read_bytes().decode(): path.name for path in (tmp_path / "out" / sent.receipt).iterdir()}
    assert set(found) == set(names)
    assert found["../../etc/passwd"] == "_.._etc_passwd"
    assert (found["report.pdf"], found["Report.pdf"]) == ("report.pdf", "Report (2).pdf")
    assert found["履歴書.pdf"] == "履歴書.pdf"
    assert found[".bashrc"] == "bashrc"
    assert found[names[6]].endswith("ä.tar")


def test_a_name_of_dots_is_replaced() -> None:
    assert free_name("..", "an-id", set()) == "an-id"
    assert free_name("cake\u202egnp.exe", "an-id", set()) == "cake_gnp.exe"


def test_showing_held_entries_starts_their_month(site: Path, store: Store) -> None:
    sent = entering(status="held")
    store.add(sent)
    fine("list", site)
    assert store.housekeeping(datetime.now(UTC) + timedelta(days=29)) == 0
    assert store.housekeeping(datetime.now(UTC) + timedelta(days=31)) == 1


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_mistakes_are_told_plainly(site: Path, store: Store) -> None:
    store.add(entering(form="old_form"))
    assert "there is no form `contcat`; did you mean `contact`?" in refused("list", site, "--form", "contcat")
    assert "there are `contact`, `guestbook`, `old_form`" in refused("list", site, "--form", "xyz")
    assert "which form? Name it with --form" in refused("export", site)
    assert "which entries?" in refused("delete", site)
    assert "`nonsense` is no receipt: one looks like K7QF2-M9XA3" in refused("show", "nonsense", site)
    assert "is neither a receipt, such as K7QF2-M9XA3, nor a site" in refused("show", "nonsense")
    assert "there is no entry" in refused("approve", "AAAAA-AAAAA", site, code=1)
    assert "cannot be read" in refused("list", site / "elsewhere")
    fine("list", site, "--form", "old_form")


def test_a_site_that_cannot_be_read_is_shown(site: Path) -> None:
    (site / "site.toml").write_text('[site]\nname = "x\n')
    assert "site.toml:2" in refused("list", site)


def test_other_mistakes_in_the_site_do_not_matter(site: Path, store: Store) -> None:
    store.add(entering())
    (site / "site.toml").write_text(SITE + '[routes.broken]\npath = "/x"\ntemplate = "no-such.html"\n')
    assert fine("list", site)


def test_an_unknown_environment_is_told(site: Path) -> None:
    assert "there is no environment `prod`" in refused("list", site, "--env", "prod")


def test_a_store_that_is_down_is_told(site: Path) -> None:
    (site / "storage").mkdir()
    (site / "storage" / "site.db").write_bytes(b"not a database" * 100)
    assert "the entries cannot be reached: file is not a database" in refused("list", site, code=1)


# --- exporting --------------------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+49 30 1", "-2", "@sum", "\tx", "\rx", "'=1", "plain", "a,b", 'say "x"', "two\r\nlines", " =1"]


def test_csv_guards_formulas_and_nothing_else(site: Path, store: Store) -> None:
    fields = [StoredField("name", "n", "text"), StoredField("price", "p", "number")]
    for text in FORMULAS:
        store.add(entering(values={"name": text, "price": -2.5}, fields=fields))
    store.add(entering(values={"name": True, "price": "-3.10", "message": ["a", "b"]}, fields=fields))
    text = run("export", site, "--form", "contact").stdout_bytes.decode()
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["receipt", "created", "language", "status", "points", "reasons", "name", "message", "price"]
    assert [row[6] for row in rows[:-1]] == [f"'{text}" if text[0] in "=+-@\t\r" else text for text in FORMULAS]
    assert {row[8] for row in rows[:-1]} == {"-2.5"}
    assert rows[-1][6:] == ["yes", "a; b", "-3.10"]


def test_json_lines_leave_nothing_out(site: Path, store: Store) -> None:
    upload = received(store)
    sent = entering(values={"name": "=1+1 ☺\u2028", "n": 2**70}, uploads=[upload], reasons=["links"], points=2)
    store.add(sent)
    (line,) = fine("export", site, "--form", "contact", "--format", "jsonl").split("\n")[:-1]
    found = json.loads(line)
    assert found["values"] == sent.values
    assert found["files"][0] == {
        "id": upload.id,
        "field": "photo",
        "name": "cake.png",
        "media_type": "image/png",
        "size": 9,
        "sha256": upload.digest,
    }
    assert (found["receipt"], found["points"], found["reasons"]) == (sent.receipt, 2, ["links"])


def test_a_spreadsheet_takes_text_for_text(site: Path, store: Store) -> None:
    texts = [
        *FORMULAS,
        "http://a.example",
        "".join(map(chr, range(1, 32))),
        "_x000D_",
        "\ufffe",
        "12",
        "\U0001f382" * 9,
    ]
    for text in texts:
        store.add(entering(values={"name": text, "price": 2.5, "vegan": True, "big": 2**60}))
    out = site / "entries.xlsx"
    assert (
        f"{len(texts)} entries in" in run("export", site, "--form", "contact", "--format", "xlsx", "--out", out).stderr
    )
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    header, *rows = sheet.iter_rows()
    assert [cell.value for cell in header][6:] == ["name", "message"]
    assert [unescape(str(row[6].value)) for row in rows] == texts
    assert {row[6].data_type for row in rows} == {"s"}
    assert isinstance(rows[0][1].value, datetime)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_what_a_cell_cannot_hold_is_cut_and_said(site: Path, store: Store) -> None:
    store.add(entering(values={"name": "\U0001f382" * 20_000}))
    out = site / "entries.xlsx"
    result = run("export", site, "--form", "contact", "--format", "xlsx", "--out", out)
    assert "1 cells were too long" in result.stderr
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    assert sheet.cell(2, 7).value == "\U0001f382" * 16_383


def test_a_spreadsheet_of_nothing_has_its_heading(site: Path) -> None:
    out = site / "entries.xlsx"
    fine("export", site, "--form", "contact", "--format", "xlsx", "--out", out)
    sheet = openpyxl.load_workbook(out).active
    assert sheet is not None
    assert sheet.max_row == 1


def test_a_spreadsheet_is_not_written_to_a_terminal(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    assert "name a file: --out entries.xlsx" in refused("export", site, "--form", "contact", "--format", "xlsx")


def test_a_file_that_cannot_be_written_is_told_and_left_as_it_was(site: Path, store: Store) -> None:
    store.add(entering())
    missing = site / "nowhere" / "entries.csv"
    assert "cannot be written" in refused("export", site, "--form", "contact", "--out", missing, code=1)


def test_columns_come_from_the_declaration_then_from_what_was_stored(site: Path, store: Store) -> None:
    store.add(entering(values={"old": "x", "name": "Ann"}, fields=[StoredField("old", "Old", "text")]))
    header = fine("export", site, "--form", "contact").splitlines()[0]
    assert header.endswith(",name,message,old")


# --- judging ----------------------------------------------------------------------------------------------------------


def test_entries_are_judged(site: Path, store: Store) -> None:
    sent = entering(form="guestbook", status="waiting", messages=[mail()])
    store.add(sent)

    def status() -> str:
        entry = store.entry(sent.receipt)
        assert entry is not None
        return entry.status

    assert fine("hold", sent.receipt, site) == "1 entry held\n"
    assert (status(), store.waiting_messages()) == ("held", 0)
    assert fine("release", sent.receipt, site) == "1 entry released\n"
    assert (status(), store.waiting_messages()) == ("waiting", 1)
    assert fine("approve", site, "--form", "guestbook", "--status", "waiting") == "1 entry approved\n"
    assert status() == "approved"
    assert fine("release", sent.receipt, site)
    assert status() == "approved"


def test_a_held_entry_whose_value_is_taken_stays_so(site: Path, store: Store) -> None:
    held = entering(status="held", unique={"name": "ann"})
    store.add(held)
    store.add(entering(unique={"name": "ann"}))
    assert "stays held: another entry has its `name`" in refused("release", held.receipt, site, code=1)


@pytest.mark.parametrize("answer", ["n\n", "", "maybe\nno\n"])
def test_deleting_asks(site: Path, store: Store, answer: str) -> None:
    sent = entering()
    store.add(sent)
    assert "nothing was deleted" in refused("delete", sent.receipt, site, answer=answer, code=1)
    assert store.count("contact") == 1


def test_what_is_deleted_is_gone(site: Path, store: Store) -> None:
    upload = received(store)
    sent = [entering(uploads=[upload]), entering(), entering(form="guestbook")]
    for each in sent:
        store.add(each)
    assert "1 entry deleted" in fine("delete", sent[0].receipt, site, answer="y\n")
    assert not store.uploads.path(upload.id).exists()
    assert "1 entry deleted" in fine("delete", site, "--form", "contact", "--yes")
    assert "there are no entries" in run("delete", site, "--form", "contact", "--yes").stderr
    assert store.forms() == {"guestbook": 1}


# --- copying ----------------------------------------------------------------------------------------------------------


def test_a_backup_put_in_place_brings_everything_back(site: Path, store: Store, tmp_path: Path) -> None:
    upload = received(store)
    sent = entering(uploads=[upload], messages=[mail()])
    store.add(sent)
    key = store.visitor("192.0.2.1")
    copy = tmp_path / "copies" / "today"
    assert "1 entry and 1 file copied to" in fine("backup", copy, site)
    assert "is there already" in refused("backup", copy, site, code=1)
    store.delete(sent.receipt)
    store.stop()
    (site / "storage").rename(site / "lost")
    copy.rename(site / "storage")
    again = Store(StoreSettings(site / "storage"))
    entry = again.entry(sent.receipt)
    assert entry is not None
    assert again.uploads.path(upload.id).read_bytes() == b"a picture"
    assert again.waiting_messages() == 1
    assert again.visitor("192.0.2.1") == key
    again.add(entering())
    again.stop()


def test_passwords_are_in_no_list_and_no_export(site: Path, store: Store) -> None:
    file = site / "site.toml"
    file.write_text(
        SITE.replace("[forms.guestbook]", 'secret = { type = "password", label = "Password" }\n\n[forms.guestbook]', 1)
    )
    fields = [StoredField("name", "Your name", "text"), StoredField("secret", "Password", "password")]
    entry = entering(values={"name": "Ann", "secret": "scrypt:1:2$x$y"}, fields=fields)
    store.add(entry)
    store.stop()
    told = [
        fine("list", site),
        fine("show", entry.receipt, site),
        *(fine("export", site, "--form", "contact", "--format", kind) for kind in ("csv", "jsonl")),
    ]
    for text in told:
        assert "Ann" in text
        assert "scrypt" not in text
        assert "secret" not in text
