"""`declweb new`."""

import re
import shlex
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click
import tomli_w

from declweb.cli.terminal import refuse, say


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> None:
    """Make a small working site.

    Asks nothing; the site is named after the folder, which must be empty or new.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(_counts(part) for part in folder.iterdir())):
            refuse(f"`{folder}` is already there, and not an empty folder; choose another name")
        _copy(files("declweb") / "starter", folder)
        file = folder / "site.toml"
        file.write_text(with_name(file.read_text("utf-8"), name_of(folder)), "utf-8")
    except OSError as error:
        refuse(f"`{error.filename or folder}` cannot be written: {(error.strerror or str(error)).lower()}")
    say(f"{name_of(folder)} is ready. What next:", "place")
    name = str(folder).encode(errors="replace").decode()
    where = shlex.quote(name)
    say(f"  declweb serve {where} --dev    shows it in the browser and follows your changes")
    say(f"  {name}/site.toml    says which addresses it has: begin here")
    say(f"  declweb check {where}    says what is wrong with it")
    say(f"  declweb try FORM {where}    fills in a form, once [forms.FORM] is in it")


def _counts(part: Path) -> bool:
    """Tell whether something in a folder may be in the way; a version control's own folder is not."""
    return not part.name.startswith(".")


def name_of(folder: Path) -> str:
    """Return the name of the site in a folder: `blackbird-bakery` is `Blackbird bakery`."""
    name = "".join(letter if letter.isprintable() else " " for letter in folder.resolve().name)
    words = re.sub(r"[-_\s]+", " ", name).strip()
    return words[:1].upper() + words[1:] or "My site"


def with_name(text: str, name: str) -> str:
    """Return the text of a site file in which the site is called `name`."""
    line = tomli_w.dumps({"name": name.replace("${", "$${")})
    return re.sub(r"^name = .*\n", lambda _: line, text, count=1, flags=re.MULTILINE)


def _copy(source: Traversable, target: Path) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for part in source.iterdir():
            _copy(part, target / part.name)
    else:
        target.write_bytes(source.read_bytes())
