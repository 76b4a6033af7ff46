"""Which version of a site answers, as its files change."""

import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.validate import validator

import pytest
from servers import COMMAND, Running, eventually, write
from werkzeug.test import Client

import declweb
from declweb import clock
from declweb.problems import SiteError
from declweb.serving import reload
from declweb.serving.reload import Live, load
from declweb.serving.source import Source

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SITE = """
[site]
name = "Harbour"

[routes.home]
path = "/"
template = "home.html"

[routes.boat]
path = "/boats/<name>"
text = "{{ name }}"
"""
BROKEN = SITE.replace("template", "tempalte")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write(tmp_path / "site", site=SITE, templates__home_html="one")


@pytest.fixture
def live(site: Path) -> Iterator[Live]:
    found = Live(Source(site))
    yield found
    found.stop()


def get(application: "WSGIApplication", path: str = "/", accept: str = "*/*") -> tuple[int, str]:
    """Return status and body of one request."""
    with Client(validator(application)).get(path, headers={"Accept": accept}) as answer:
        return answer.status_code, answer.get_data(as_text=True)


def is_shown(live: Live, text: str) -> bool:
    return get(live)[1] == text


def test_load_gives_an_application(site: Path) -> None:
    application = declweb.load(site, reload=False)
    assert get(application) == (200, "one")
    assert application.url_for("boat", name="anna") == "/boats/anna"
    assert application.app.name == "Harbour"
    write(site, templates__home_html="two")
    application.refresh()
    assert get(application) == (200, "two")


def test_what_is_outside_by_now_is_not_shown_from_memory(site: Path, tmp_path: Path) -> None:
    write(site, static__a_txt="a")
    live = load(site)
    try:
        time.sleep(0.15)
        assert get(live, "/static/a.txt") == get(live, "/static/a.txt") == (200, "a")
        (site / "static").rename(tmp_path / "outside")
        (site / "static").symlink_to(tmp_path / "outside")
        eventually(lambda: get(live, "/static/a.txt")[0] == 404)
        assert get(live) == (200, "one")
    finally:
        live.stop()


def test_load_takes_the_production_environment_or_the_one_asked_for(site: Path) -> None:
    write(site, site=SITE + '[env.production.site]\nname = "Live"\n[env.staging.site]\nname = "Stage"\n')
    assert load(site, reload=False).app.name == "Live"
    assert load(str(site / "site.toml"), "staging", reload=False).app.name == "Stage"
    with pytest.raises(SiteError, match="there is no environment `stage`"):
        load(site, env="stage")


def test_load_refuses_a_broken_site_with_its_problems(site: Path) -> None:
    write(site, site=BROKEN)
    with pytest.raises(declweb.SiteError, match="did you mean `template`"):
        declweb.load(site)
    with pytest.raises(declweb.SiteError, match="there is no file or folder"):
        declweb.load(site / "nothing")


def test_load_tells_of_warnings(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(site, site=SITE + '[redirects]\n"/old" = "/nothing"\n')
    load(site, reload=False)
    assert "1 warning" in caplog.text
    assert "dead-link" in caplog.text


def test_a_load_follows_the_files(site: Path) -> None:
    application = load(site)
    write(site, templates__home_html="two")
    eventually(lambda: is_shown(application, "two"))
    application.stop()


@pytest.mark.alone
def test_an_edited_page_is_live_within_a_second(site: Path) -> None:
    write(site, pages__about_md="One")
    application = load(site)
    assert "One" in get(application, "/about")[1]
    began = time.monotonic()
    write(site, pages__about_md="Two")
    eventually(lambda: "Two" in get(application, "/about")[1])
    assert time.monotonic() - began < 10  # a second, on a machine that has nothing else to do
    application.stop()


def test_a_page_is_shown_when_its_time_comes(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime.now(UTC) + timedelta(hours=1)
    present = [moment - timedelta(microseconds=1)]

    class Clock(datetime):
        @classmethod
        def now(cls, _zone: object = None) -> datetime:  # type: ignore[override] # it is asked for UTC alone
            return present[0]

    for module in (clock, reload):
        monkeypatch.setattr(module, "datetime", Clock)
    write(site, pages__later_md=f"+++\ndate = {moment.isoformat()}\n+++\nNow")
    application = load(site)
    assert get(application, "/later")[0] == HTTPStatus.NOT_FOUND
    present[0] = moment
    eventually(lambda: get(application, "/later")[0] == HTTPStatus.OK)
    application.stop()


def test_what_is_not_touched_is_not_loaded_again(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Source, "load", lambda _: pytest.fail("it was loaded"))
    for name in (".git/config", "storage/site.db", "templates/.home.html.swp", "templates/home.html~", "4913"):
        path = live.source.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    live.refresh()


def test_a_broken_edit_is_never_shown_and_told_once(live: Live, site: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    live.watch()
    write(site, site=BROKEN)
    eventually(lambda: "last good version goes on" in caplog.text)
    assert is_shown(live, "one")
    write(site, site=BROKEN + "\n")
    write(site, templates__home_html="two")
    write(site, site=SITE)
    eventually(lambda: is_shown(live, "two"))
    eventually(lambda: "is live: 2 URLs, 1 of them prepared" in caplog.text)
    assert caplog.text.count("unknown-key") == 1


def test_the_same_problems_are_told_once(live: Live, site: Path, caplog: pytest.LogCaptureFixture) -> None:
    for text in (BROKEN, BROKEN + "\n"):
        write(site, site=text)
        live.refresh()
        assert live._doubted
        live._give_up(live._doubted)
    assert caplog.text.count("unknown-key") == 1


def test_a_site_is_followed_once(live: Live) -> None:
    live.watch()
    thread = live._thread
    live.watch()
    assert live._thread is thread


def test_a_copy_of_what_follows_nothing_follows_nothing(live: Live) -> None:
    live.hold()
    live.begin_anew()
    assert is_shown(live, "one")
    assert live._thread is None


def test_a_half_written_file_is_not_worth_a_word(
    live: Live, site: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "DOUBT", 20.0)
    (site / "site.toml").write_text(SITE[:60])
    live.watch()
    eventually(lambda: live._doubted)
    write(site, site=SITE.replace("Harbour", "Port"))
    eventually(lambda: live.app.name == "Port")
    assert "error" not in caplog.text.lower()


def test_a_site_file_that_is_gone_for_a_moment(live: Live, site: Path, caplog: pytest.LogCaptureFixture) -> None:
    live.watch()
    (site / "site.toml").unlink()
    eventually(lambda: "unreadable-site" in caplog.text)
    assert is_shown(live, "one")
    write(site, site=SITE, templates__home_html="back")
    eventually(lambda: is_shown(live, "back"))


def test_a_folder_that_is_replaced(live: Live, site: Path) -> None:
    live.watch()
    eventually(lambda: is_shown(live, "one"))
    site.rename(site.with_name("old"))
    new = write(site.with_name("new"), site=SITE, templates__home_html="two")
    new.rename(site)
    eventually(lambda: is_shown(live, "two"))
    write(site, templates__home_html="three")
    eventually(lambda: is_shown(live, "three"))


def test_a_folder_that_is_a_link(site: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", site=SITE, templates__home_html="two")
    link = tmp_path / "current"
    link.symlink_to(site)
    live = Live(Source(link))
    live.watch()
    replaced = tmp_path / "next"
    replaced.symlink_to(other)
    replaced.rename(link)
    eventually(lambda: is_shown(live, "two"))
    live.stop()


def test_a_bug_is_logged_and_the_site_goes_on(
    live: Live, site: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_: Source) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(Source, "load", load)
        write(site, templates__home_html="two")
        live.refresh()
    assert "ZeroDivisionError" in caplog.text
    assert is_shown(live, "one")
    write(site, templates__home_html="three")
    live.refresh()
    assert is_shown(live, "three")


def test_what_holds_from_the_next_start_on_is_said(live: Live, site: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(site, site=SITE + "[server]\nthreads = 4\n")
    live.refresh()
    assert "holds from the next start on" in caplog.text


def test_new_warnings_are_said(live: Live, site: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(site, site=SITE + '[redirects]\n"/old" = "/nothing"\n')
    live.refresh()
    assert "dead-link" in caplog.text


def test_it_starts_broken_where_problems_are_shown(site: Path) -> None:
    write(site, site=BROKEN)
    live = Live(Source(site), shows_problems=True)
    assert get(live, accept="text/html")[0] == 500
    assert "unknown-key" in get(live)[1]
    with pytest.raises(SiteError):
        _ = live.app
    write(site, site=SITE)
    live.refresh()
    assert is_shown(live, "one")


def in_copy(look: Callable[[], str]) -> str:
    """Return what a function says in a copy of this process."""
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:  # pragma: no cover # its own process
        try:
            os.write(writing, look().encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    with os.fdopen(reading) as file:
        return file.read()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_copy_of_the_process_is_up_to_date_at_its_first_request(live: Live, site: Path) -> None:
    live.watch()

    def look() -> str:
        write(site, templates__home_html="two")
        first = get(live)[1]
        write(site, templates__home_html="three")
        eventually(lambda: is_shown(live, "three"))
        return f"{first} and {get(live)[1]}"

    assert in_copy(look) == "two and three"


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_is_not_copied_in_the_middle_of_a_load(
    live: Live, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, original = threading.Event(), Source.load

    def slow(source: Source) -> object:
        began.set()
        threading.Event().wait(0.2)
        return original(source)

    monkeypatch.setattr(Source, "load", slow)
    write(site, templates__home_html="two")
    loading = threading.Thread(target=live.refresh)
    loading.start()
    assert began.wait(20)
    assert in_copy(lambda: get(live)[1]) == "two"
    loading.join()


@pytest.mark.parametrize("options", [(), ("--preload",)])
def test_plain_gunicorn(site: Path, options: tuple[str, ...]) -> None:
    gunicorn = str(Path(COMMAND).with_name("gunicorn"))
    bind = ("--bind", "127.0.0.1:0", "--threads", "4", "--workers", "2", "--graceful-timeout", "1")
    with Running(gunicorn, *bind, *options, f"declweb:load({str(site)!r})") as server:
        assert server.get("/").text == "one"
        write(site, templates__home_html="two")
        eventually(lambda: {server.get("/").text for _ in range(20)} == {"two"})
        assert server.stop() == 0


def test_pages_have_the_new_hash_when_a_file_changes(site: Path) -> None:
    style = site / "public" / "style.css"
    style.parent.mkdir()
    style.write_text("a")
    other = style.with_name("other.css")
    other.write_text("a")
    (site / "pages").mkdir(exist_ok=True)
    (site / "pages" / "news.md").write_text("# News\n")
    write(
        site,
        site=SITE
        + '[[static]]\npath = "/public"\nfolder = "public"\n[[pages]]\nfolder = "pages"\ntemplate = "written.html"\n',
        templates__home_html='{{ "/public/style.css"|asset }}',
        templates__written_html='{{ "/public/style.css"|asset }}',
    )
    live = load(site, reload=False)
    before = get(live), get(live, "/news")
    assert before[0] == before[1]
    version = live.version
    other.write_text("b")
    live.refresh()
    assert live.version is version
    style.write_text("b")
    live.refresh()
    after = get(live), get(live, "/news")
    assert after[0] == after[1] != before[0]
    live.refresh()
    assert (get(live), get(live, "/news")) == after
    style.write_text("a")
    live.refresh()
    assert (get(live), get(live, "/news")) == before


def test_requests_go_on_while_the_site_is_loaded_anew(site: Path) -> None:
    """What is shown is of one version, and never an error."""
    site_file = site / "site.toml"

    def edited(number: int) -> None:
        text = f"[config]\nfirst = {number}\nsecond = {number}\n{SITE}"
        (site / "new~").write_text(text)
        (site / "new~").replace(site_file)

    write(site, templates__home_html="{{ config.first }} {{ config.second }}", pages__a_md="Text.", static__a_txt="a")
    edited(0)
    live = load(site)
    wrong: list[tuple[str, int, str]] = []
    stop = threading.Event()

    def ask(path: str) -> None:
        while not stop.is_set():
            status, text = get(live, path)
            if status != HTTPStatus.OK or (path == "/" and len(set(text.split())) != 1):
                wrong.append((path, status, text))

    threads = [threading.Thread(target=ask, args=(path,)) for path in ("/", "/a", "/static/a.txt", "/boats/anna")]
    try:
        for thread in threads:
            thread.start()
        for number in range(1, 4):
            edited(number)
            eventually(lambda number=number: is_shown(live, f"{number} {number}"))  # type: ignore[misc] # its own
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        live.stop()
    assert wrong == []


HOOKED = SITE.replace('template = "home.html"', 'text = "{{ word() }}"')
HOOKED += '[hooks]\nmodule = ["harbour", "boats.words"]\ntemplate_globals = "harbour:word"\n'
HARBOUR = "from boats.words import WORD\n\n\ndef word():\n    return WORD\n"


def test_an_edit_of_python_is_live_and_a_broken_one_is_not(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(site, site=HOOKED, harbour_py=HARBOUR, boats__words_py="WORD = 'one'\n")
    live = load(site)
    try:
        eventually(lambda: is_shown(live, "one"))
        write(site, boats__words_py="WORD = 'two'\n")
        eventually(lambda: is_shown(live, "two"))
        for broken in ("WORD = 'tri\n", "WORD = 3 / 0\n", "OTHER = 1\n"):
            caplog.clear()
            write(site, boats__words_py=broken)
            eventually(lambda: "the last good version goes on" in caplog.text)
            assert "failing-module" in caplog.text
            assert is_shown(live, "two")
        write(site, harbour_py=HARBOUR, boats__words_py="WORD = 'four'\n")
        eventually(lambda: is_shown(live, "four"))
    finally:
        live.stop()


def test_python_that_is_answered_with_no_more_is_let_go(site: Path, live: Live) -> None:
    write(site, site=HOOKED, harbour_py=HARBOUR, boats__words_py="WORD = 'one'\n")

    def kept() -> int:
        gc.collect()
        return sum(name.startswith("declweb_site_") for name in sys.modules)

    live.refresh()
    first = kept()
    for number in range(5):
        write(site, boats__words_py=f"WORD = '{number}'\n")
        live.refresh()
        assert get(live)[1] == str(number)
    assert kept() == first
