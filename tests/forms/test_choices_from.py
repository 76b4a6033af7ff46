"""Choices from data: places that are had once, files that change, and entries whose choice is gone."""

import csv
import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from cases import running, strict_client, write
from inbox_pages import listed, page
from inboxes import HASH, loaded, signed_in
from werkzeug.test import Client

from declweb.app import App
from declweb.loading import check_site, declared_site
from declweb.problems import Problem

SITE = f"""
[site]
name = "School"

[data.courses]
file = "courses.csv"
columns = {{ code = {{ key = true }}, title = "text", places = "integer" }}

[forms.signup]
path = "/sign-up"
keep = "forever"
limit = "none"
guard = false

[forms.signup.fields]
name = {{ label = "Name", required = true }}

[forms.signup.fields.course]
type = "radio"
label = "Course"
required = true
choices_from = {{ data = "courses", value = "code", label = "title", places = "places" }}

[users.anna]
password = "{HASH}"
roles = ["office"]

[inbox]
path = "/inbox"
allow = "office"
"""
RYE = "code,title,places\nrye,Rye bread,{}\ncake,Cakes,\n"
ROUNDS = 20


def school(folder: Path, rows: str = RYE.format(2), site: str = SITE) -> App:
    """Return the school's site with its courses as they are now."""
    return loaded(write(folder, {"site.toml": site, "courses.csv": rows}))


def sign_up(app: App, name: str, course: str = "rye") -> int:
    data = {"name": name, "course": course}
    with strict_client(app).post("/sign-up", data=data, multithread=True) as answer:
        return answer.status_code


def asked(app: App) -> str:
    with strict_client(app).get("/sign-up") as answer:
        return answer.get_data(as_text=True)


def problems(folder: Path, site: str, **files: str) -> list[Problem]:
    found = check_site(write(folder, {"site.toml": site, "courses.csv": RYE.format(2), **files}), {})
    return [problem for problem in found if problem.is_error]


# --- places -----------------------------------------------------------------------------------------------------------


def test_the_last_place_of_a_course_is_sold_once(tmp_path: Path) -> None:
    rows = "code,title,places\n" + "".join(f"c{number},Course {number},1\n" for number in range(ROUNDS))
    app = school(tmp_path, rows)
    assert app.store is not None
    for number in range(ROUNDS):
        found: list[int] = []
        start = Barrier(2)

        def race(name: str, course: str = f"c{number}", found: list[int] = found, start: Barrier = start) -> None:
            start.wait()
            found.append(sign_up(app, name, course))

        racers = [Thread(target=race, args=(f"{name} {number}",)) for name in ("Ann", "Ben")]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(found) == [303, 422], number
    assert app.store.count("signup") == ROUNDS
    assert asked(app).count("(sold out)") == ROUNDS


def test_a_changed_file_changes_how_many_places_there_are(tmp_path: Path) -> None:
    app = school(tmp_path)
    assert 'Rye bread <span class="dw-places">(places left: 2)' in asked(app)
    assert [sign_up(app, name) for name in ("Ann", "Ben", "Cid")] == [303, 303, 422]
    fewer = school(tmp_path, RYE.format(1))
    assert "(sold out)" in asked(fewer)
    assert sign_up(fewer, "Cid") == 422
    assert fewer.store is not None
    assert fewer.store.count("signup") == 2
    more = school(tmp_path, RYE.format(3))
    assert "(places left: 1)" in asked(more)
    assert [sign_up(more, name) for name in ("Cid", "Dan")] == [303, 422]
    endless = school(tmp_path, RYE.format(""))
    assert "dw-places" not in asked(endless)
    assert sign_up(endless, "Dan") == 303


# --- entries ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def left_behind(tmp_path: Path) -> Client:
    """Return the inbox of a school in which Ann chose a course that there is no more."""
    assert sign_up(school(tmp_path), "Ann") == 303
    return signed_in(school(tmp_path, "code,title,places\ncake,Cakes,\n"))


def test_what_was_chosen_is_shown_though_it_is_gone(left_behind: Client) -> None:
    (receipt,) = listed(page(left_behind, "/inbox/entries"))
    shown = page(left_behind, f"/inbox/entry/{receipt}")
    assert re.search(r"<dt><bdi>Course</bdi></dt>\s*<dd>\s*<div class=\"text\"><bdi>rye</bdi></div>", shown)
    with left_behind.get("/inbox/export.csv?form=signup") as answer:
        (row,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True)))
    assert row["course"] == "rye"


def test_what_is_gone_is_neither_offered_nor_taken(left_behind: Client) -> None:
    app = left_behind.application
    assert isinstance(app, App)
    assert "rye" not in asked(app)
    assert sign_up(app, "Ben") == 422


def test_commands_know_how_choices_are_called(tmp_path: Path) -> None:
    school(tmp_path)
    site, _ = declared_site(tmp_path, None, {})
    assert site is not None
    options = site.forms["signup"].fields["course"].options
    assert [(each.value, each.label, each.places) for each in options] == [
        ("rye", "Rye bread", 2),
        ("cake", "Cakes", None),
    ]


def test_programs_send_what_stands_in_the_data(tmp_path: Path) -> None:
    app = school(tmp_path)
    for course, status in (("cake", 201), ("Cakes", 422)):
        with strict_client(app).post("/sign-up", json={"name": "Ann", "course": course}) as answer:
            assert answer.status_code == status


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_a_thousand_rows_are_a_thousand_choices(tmp_path: Path) -> None:
    rows = "code,title,places\n" + "".join(f"c{number},Course {number},9\n" for number in range(1000))
    app = school(tmp_path, rows)
    assert asked(app).count('type="radio"') == 1000
    assert sign_up(app, "Ann", "c999") == 303
    assert asked(app).count("(places left: 8)") == 1


def test_own_html_offers_what_the_data_has(tmp_path: Path) -> None:
    site = SITE.replace('limit = "none"', 'template = "own.html"')
    own = """<form action="/sign-up" method="post"><label>Name <input name="name"></label>
<label><input type="radio" name="course" value="rye"> Rye</label>
<label><input type="radio" name="course" value="cakes"> Cakes</label><button>Send</button></form>"""
    (problem,) = problems(tmp_path, site, **{"templates/own.html": own})
    assert (problem.code, problem.place.line) == ("wrong-field", 3)
    assert problem.help == "did you mean `cake`?"


# --- where rows come from ---------------------------------------------------------------------------------------------


def test_days_and_numbers_are_values(tmp_path: Path) -> None:
    site = SITE.replace("code = { key = true }", 'code = { type = "date", key = true }').replace('"text"', '"integer"')
    app = school(tmp_path, "code,title,places\n2027-03-01,1,\n2027-03-02,,\n", site)
    text = asked(app)
    assert 'value="2027-03-01"' in text
    assert ">1</label>" in text
    assert ">2027-03-02</label>" in text
    assert sign_up(app, "Ann", "2027-03-02") == 303


def test_a_form_without_choices_waits_switched_off(tmp_path: Path) -> None:
    empty = "code,title,places\n"
    (problem,) = problems(tmp_path, SITE, **{"courses.csv": empty})
    assert problem.code == "unfit-choices"
    assert problem.help is not None
    assert "off = true" in problem.help
    assert not problems(tmp_path, SITE.replace('limit = "none"', "off = true"), **{"courses.csv": empty})


def test_a_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "school.db")) as database:
        database.execute("create table courses (code text, title text, places integer)")
        database.commit()
    rows = 'database = "school.db"\nsql = "select code, title, places from courses"'
    (problem,) = problems(tmp_path, re.sub(r"file = .*\n.*", rows, SITE))
    assert problem.code == "unfit-choices"
    assert "may change while somebody chooses" in problem.message


def test_a_form_in_a_language_without_a_column_is_read_in_the_first(tmp_path: Path) -> None:
    site = SITE.replace('name = "School"', 'name = "School"\nlanguages = ["en", "de", "fr"]')
    site = site.replace('label = "title"', 'label = { en = "title", de = "titel" }').replace(
        "places =", 'titel = "text", places =', 1
    )
    rows = "code,title,titel,places\nrye,Rye bread,Roggenbrot,\ncake,Cakes,,\n"
    app = running(write(tmp_path, {"site.toml": site.partition("[users")[0], "courses.csv": rows}))
    for path, words in (
        ("/", ["Rye bread", "Cakes"]),
        ("/de/", ["Roggenbrot", "Cakes"]),
        ("/fr/", ["Rye bread", "Cakes"]),
    ):
        with strict_client(app).get(f"{path}sign-up") as answer:
            assert re.findall(r'<label for="[^"]*course[^"]*">(.*?)</label>', answer.get_data(as_text=True)) == words
    told = check_site(tmp_path, {})
    (french,) = [each for each in told if each.code == "untranslated" and "`fr`" in each.message]
    (also,) = [each for each in french.also if "choices_from" in (each.place.text or "")]
    assert also.note == "has no `fr`"
