"""A site that fails its own tests: an edit is refused, a start is not."""

from pathlib import Path

import pytest
from cases import write

from declweb.serving import tests as running
from declweb.serving.reload import Live
from declweb.serving.source import Source

SITE = '[site]\nname = "T"\n\n[routes.home]\npath = "/"\ntext = "%s"\n\n[[tests]]\nget = "/"\ncontains = "one"\n'


def test_an_edit_that_fails_a_test_never_goes_live(tmp_path: Path) -> None:
    live = Live(Source(write(tmp_path, {"site.toml": SITE % "one"})))
    write(tmp_path, {"site.toml": SITE % "two more"})
    live.refresh()
    assert live.test_client().get("/").text == "one"
    again = Live(Source(tmp_path))
    assert again.test_client().get("/").text == "two more"
    assert [problem.code for problem in again.version.problems] == ["failed-test"]


HOOKS = """
from threading import Event


def hang():
    Event().wait()


def fall():
    raise RuntimeError("out of flour")
"""
WITH_HOOKS = """
[site]
name = "T"

[hooks]
module = "hooks"

[routes.home]
path = "/"
handler = "{}"

[[tests]]
get = "/"
status = 200

[[tests]]
get = "/"
status = 201
"""


def test_what_hangs_is_a_miss_and_ends_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.2)
    live = Live(Source(write(tmp_path, {"site.toml": WITH_HOOKS.format("hang"), "hooks.py": HOOKS})))
    (problem,) = live.version.problems
    assert problem.message == "the test GET / expects an answer within 0.2 s, but there came none"
    assert problem.place.line == 13


def test_what_raises_is_answered_with_500(tmp_path: Path) -> None:
    live = Live(Source(write(tmp_path, {"site.toml": WITH_HOOKS.format("fall"), "hooks.py": HOOKS})))
    first, second = live.version.problems
    assert "expects 200, but there came 500" in first.message
    assert "expects 201, but there came 500" in second.message


def test_a_view_that_ends_the_process_is_a_miss(tmp_path: Path) -> None:
    hooks = "import os\n\n\ndef leave():\n    os._exit(3)\n"
    live = Live(Source(write(tmp_path, {"site.toml": WITH_HOOKS.format("leave"), "hooks.py": hooks})))
    assert [problem.code for problem in live.version.problems] == ["failed-test"] * 2
    assert "500" in live.version.problems[0].message


def test_middleware_that_ends_the_process_never_goes_live(tmp_path: Path) -> None:
    live = Live(Source(write(tmp_path, {"site.toml": SITE % "one"})))
    tables = '[hooks]\nmodule = "hooks"\n\n[[middleware]]\nuse = "hooks:around"\n\n'
    text = SITE.replace("[routes", tables + "[routes") % "one"
    for ending in ("os._exit(3)", "os.kill(0, 15)", "raise SystemExit(3)"):
        write(tmp_path, {"site.toml": text, "hooks.py": f"import os\n\n\ndef around(site):\n    {ending}\n"})
        live.refresh()
        assert live.test_client().get("/").text == "one"
