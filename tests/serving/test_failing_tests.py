"""A site that fails its own tests: an edit is refused, a start is not."""

from pathlib import Path

from cases import write

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
