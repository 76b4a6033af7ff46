"""docs/deploying.md and examples/deploy tell of the same servers, and each of them is started by a test."""

import re

import pytest
from deploying import FOLDER, Unit

from declweb.loading import check_site

PAGE = (FOLDER.parents[1] / "docs" / "deploying.md").read_text("utf-8")
TESTS = (FOLDER.parents[1] / "tests" / "servers" / "test_deploying.py").read_text("utf-8")
EXAMPLES = sorted(path.name for path in FOLDER.iterdir() if path.name != "site")


def test_the_site_has_no_problem() -> None:
    assert check_site(FOLDER / "site", {}) == ()
    assert check_site(FOLDER / "site", {"PROXIES": "1"}) == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_told_of_and_started(name: str) -> None:
    assert re.search(rf"\(\.\./examples/deploy/{name}[/)]", PAGE)
    assert f'"{name}"' in TESTS


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)", PAGE):
        assert (FOLDER.parents[1] / "docs" / target).exists(), target


def test_the_python_file_is_the_one_that_is_started() -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert (FOLDER / "site" / "wsgi.py").read_text("utf-8").endswith(block)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in FOLDER.glob("*/declweb.service")))
def test_every_unit_is_of_one_kind(name: str) -> None:
    text = (FOLDER / name / "declweb.service").read_text("utf-8")
    for line in ("User=declweb", "WorkingDirectory=/srv/site", "Environment=PORT=8000", "Restart=always"):
        assert f"\n{line}\n" in text
    words = Unit(FOLDER / name / "declweb.service", FOLDER).commands("ExecStart", {"PORT": "8000"})
    assert len(words) == 1
    program = words[0][0].rpartition("/")[2]
    assert f"| `{program} " in PAGE
