"""docs/forms.md: its site files load, its commands exist, and its table of answers is what forms answer."""

import re
import shlex
from pathlib import Path

import click
import pytest
from cases import running, strict_client, write

from declweb.cli import main
from declweb.loading import check_site
from declweb.model import Form, FormField
from declweb.model.fields import TYPES
from declweb.model.kinds import keys_of

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "forms.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
FILES = dict(re.findall(r"^```csv (\S+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
CONTACT: str = BLOCKS[0]
SITE = '[site]\nname = "Docs"\n\n'
MAIL = '[mail]\nfrom = "site@docs.example"\n\n'
FIELDS = """[forms.more]
path = "/more"
keep = "1 year"

[forms.more.fields]
cake = {{ label = "Which cake?", type = "radio", choices = {{ sacher = "Sacher", own = "My own idea" }} }}
{}"""


def site_of(block: str) -> str:
    if block.startswith("[["):
        contact = CONTACT.replace("name =", 'topic = { label = "Topic" }\nname =')
        return SITE + MAIL + contact + block
    return SITE + (block if block.startswith("[") else FIELDS.format(block))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.partition("\n")[0])
def test_site_files_load(block: str, tmp_path: Path) -> None:
    assert check_site(write(tmp_path, {"site.toml": site_of(block), **FILES}), {}) == ()


def test_templates_work(tmp_path: Path) -> None:
    drawing = TEXT.partition("## Drawing")[2].partition("\n## ")[0]
    parts = re.findall(r"`\{\{ (form\.[a-z.]+|form) \}\}`", drawing) + [
        f"form.email.{part}" for part in re.findall(r"`\.([a-z]+)`", drawing)
    ]
    assert len(parts) > 6
    for number, part in enumerate(dict.fromkeys(parts)):
        folder = write(
            tmp_path / str(number),
            {
                "site.toml": SITE + CONTACT.replace("success", 'template = "x.html"\nsuccess'),
                "templates/x.html": f"{{{{ form }}}}{{{{ {part} }}}}",
            },
        )
        assert not [problem for problem in check_site(folder, {}) if problem.is_error], part


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`(declweb (?:entries|try)[^`]*)`", TEXT)
    return sorted({*(line for line in lines if line.startswith("declweb")), *inline})


@pytest.mark.parametrize("command", commands())
def test_commands_exist(command: str) -> None:
    context = click.Context(main)
    words = shlex.split(command)[1:]
    found: click.Command | None = main
    while isinstance(found, click.Group) and words:
        found = found.get_command(context, words.pop(0))
    assert found is not None
    known = {option for parameter in found.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_type_and_key_is_told() -> None:
    for name in (*TYPES, *keys_of(Form), *keys_of(FormField)):
        assert re.search(rf"\b{name}\b", TEXT), name


def test_answers_are_as_the_table_says(tmp_path: Path) -> None:
    """Those that need no server and no broken disk; other tests have the others."""
    told = {int(status) for status in re.findall(r"^\| [^|]+ \| (\d{3})", TEXT, re.MULTILINE)}
    assert told >= {303, 400, 403, 408, 413, 422, 429, 503}
    site = SITE + CONTACT + '\n[limits]\nform = "1 KB"\n'
    client = strict_client(running(write(tmp_path, {"site.toml": site})))
    right = {"name": "Ann", "email": "ann@example.org", "message": "Hello, bakers"}
    seen = []
    for sent in (
        {"data": right},
        {"json": right},
        {"data": {**right, "email": ""}},
        {"json": {**right, "email": ""}},
        {"data": "x", "content_type": "multipart/form-data"},
        {"data": right, "headers": {"Sec-Fetch-Site": "cross-site"}},
        {"data": {**right, "message": "x" * 2000}},
    ):
        with client.post("/contact", **sent) as answer:
            seen.append(answer.status_code)
            if answer.status_code == 201:
                assert set(answer.get_json()) == {"receipt"}
    assert seen == [303, 201, 422, 422, 400, 403, 413]
