"""What becomes of pages where a case file cannot show it."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest
from cases import running, write
from werkzeug.test import Client

from declweb.files import Folder
from declweb.loading import check_site
from declweb.routing import CannotBuild

SITE = '[site]\nname = "Pages"\n'


def test_pages_under_another_mount_are_rendered_for_it(tmp_path: Path) -> None:
    files = {
        "site.toml": SITE,
        "pages/index.md": "[about](about.md)",
        "pages/whole.html": '<!doctype html><title>W</title><a href="/about">about</a>',
        "pages/about.md": "About",
    }
    client = Client(running(write(tmp_path, files)))
    page = client.get("/", base_url="http://localhost/below").get_data(as_text=True)
    assert '<a href="/below/about">about</a>' in page
    assert '<a href="/below/about">about</a>' in client.get("/whole", base_url="http://localhost/below").text
    assert '<a href="/about">about</a>' in client.get("/").get_data(as_text=True)


def test_pages_that_look_at_the_visitor_are_rendered_for_each(tmp_path: Path) -> None:
    template = "{{ request.args.q }}: {{ page.html }}{{ listing.number }}"
    tables = f'{SITE}[[pages]]\ntemplate = "page.html"\n'
    files = {"site.toml": tables, "templates/page.html": template, "pages/about.md": "About"}
    app = running(write(tmp_path, files))
    answer = Client(app).get("/about?q=tea")
    assert answer.get_data(as_text=True) == "tea: <p>About</p>\n"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert [listed.reasons for listed in app.overview if listed.url == "/about"] == [
        ("page.html:1 looks at request.args",)
    ]


def test_url_for_names_the_page_that_was_probably_meant(tmp_path: Path) -> None:
    app = running(write(tmp_path, {"site.toml": SITE, "pages/news/first.md": "x"}))
    assert app.url_for("page", path="news/first") == "/news/first"
    with pytest.raises(CannotBuild, match=r"there is no page `news/frist`; did you mean `news/first`\?"):
        app.url_for("page", path="news/frist")
    with pytest.raises(CannotBuild, match="needs a value for `path`"):
        app.url_for("page")


def test_a_page_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = Folder.open

    def refuse(folder: Folder, name: str) -> BinaryIO:
        if name.endswith("closed.md"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
        return found(folder, name)

    write(tmp_path, {"site.toml": SITE, "pages/closed.md": "x"})
    monkeypatch.setattr(Folder, "open", refuse)
    (problem,) = check_site(tmp_path, {})
    assert problem.code == "unreadable-file"


def test_links_out_of_the_folder_and_hidden_files_are_no_pages(tmp_path: Path) -> None:
    files = {"site/site.toml": SITE, "site/pages/.hidden.md": "x", "site/pages/.git/x.md": "x", "secret.md": "x"}
    write(tmp_path, files)
    (tmp_path / "site" / "pages" / "link.md").symlink_to(tmp_path / "secret.md")
    assert [listed for listed in running(tmp_path / "site").overview if listed.name == "page"] == []


def test_a_page_in_an_older_encoding_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"site.toml": SITE, "pages/old.md": "Süß".encode("latin-1")})
    (problem,) = check_site(tmp_path, {})
    assert (problem.code, problem.place.line, problem.place.column) == ("bad-encoding", 1, 2)


def test_pages_with_windows_line_endings_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = '\ufeff+++\r\ntitle = "Windows"\r\nmood = 1\r\n+++\r\nText.\r\n[x](/nowhere)\r\n'
    write(tmp_path, {"site.toml": SITE, "pages/windows.md": text})
    places = [(problem.code, problem.place.line, problem.place.column) for problem in check_site(tmp_path, {})]
    assert places == [("unknown-key", 3, 1), ("broken-link", 6, 5)]


def test_drafts_are_rehearsed_in_development(tmp_path: Path) -> None:
    files = {
        "site.toml": f'{SITE}[[pages]]\ntemplate = "page.html"\n[env.development]\n',
        "templates/page.html": "{% if page.title == 'Draft' %}{{ page.date.year + 'x' }}{% endif %}",
        "pages/about.md": "x",
        "pages/draft.md": "+++\ndraft = true\ndate = 2026-01-01\n+++\nx",
    }
    (problem,) = check_site(write(tmp_path, files), {})
    assert problem.code == "failing-template"


def test_pages_in_a_folder_without_a_page_of_its_own_are_in_the_navigation(tmp_path: Path) -> None:
    app = running(write(tmp_path, {"site.toml": SITE, "pages/index.md": "x", "pages/club/boats.md": "# Boats"}))
    home = Client(app).get("/").text
    assert '<li><a href="/club/boats">Boats</a></li>' in home


def test_a_picture_with_a_blank_in_its_name_is_served(tmp_path: Path) -> None:
    files = {"pages/index.md": "![A rose](IMG%201.png) ![50 %](<50% off.png>)", "pages/IMG 1.png": "x"}
    app = running(write(tmp_path, {"site.toml": SITE, **files, "pages/50% off.png": "y"}))
    assert 'src="/IMG%201.png"' in Client(app).get("/").text
    assert Client(app).get("/IMG%201.png").text == "x"
    assert Client(app).get("/50%25%20off.png").text == "y"


def test_former_addresses_lead_to_the_page_not_to_its_stand_in(tmp_path: Path) -> None:
    languages = SITE + 'languages = ["de", "en", "fr"]\n'
    files = {"pages/us.md": '+++\nredirect_from = "/old"\n+++\nWir', "pages/us.en.md": "We"}
    app = running(write(tmp_path, {"site.toml": languages, **files}))
    assert Client(app).get("/old").location == "/us"


def test_routes_tell_the_language_a_page_is_really_in(tmp_path: Path) -> None:
    files = {
        "site.toml": '[site]\nname = "A"\nlanguages = ["en", "de"]\n',
        "pages/about.md": "Us.",
        "pages/about.de.md": "Wir.",
        "pages/terms.md": "Terms.",
    }
    overview = running(write(tmp_path, files)).overview
    assert {listed.url: listed.answer for listed in overview if listed.name == "page"} == {
        "/about": "pages/about.md",
        "/de/about": "pages/about.de.md",
        "/terms": "pages/terms.md",
        "/de/terms": "pages/terms.md (en)",
    }
