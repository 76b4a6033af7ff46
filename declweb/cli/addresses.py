"""`declweb entries copy` and `erase`: everything of one address, for the person who asks for it.

Owns how it is asked and told.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from declweb.cli.entry_choice import BY, Asked, ask, asking, counted, env_option, yes_option
from declweb.cli.terminal import refuse, say, site_argument
from declweb.storage import OfAddress

also_option = click.option(
    "--also", multiple=True, metavar="RECEIPT", help="An entry that only mentions the address; may be given again."
)


@click.command()
@click.argument("address")
@site_argument
@also_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder, or a file named .zip.")
@env_option
def copy(address: str, site: Path, also: Sequence[str], out: Path, env: str | None) -> None:
    """Copy everything of one ADDRESS, of all forms.

    Its entries, its files, and the mails to it.
    """
    with asking(site, env) as asked:
        found = _found(asked, address, also)
        try:
            if out.suffix.lower() == ".zip":
                _write_archive(asked, address, also, out)
            else:
                asked.store.copy_address(address, BY, out, also)
        except FileExistsError:
            refuse(f"{out} is there already; name a new one", 1)
        except OSError as error:
            refuse(f"{out} cannot be written: {(error.strerror or str(error)).lower()}", 1)
        say(f"{_told(found, also)} copied to {out}")
        _say_mentions(found, also)


def _write_archive(asked: Asked, address: str, also: Sequence[str], out: Path) -> None:
    """Write beside the place and rename: a file of that name is always a whole one, for its owner alone."""
    if out.exists():
        raise FileExistsError
    descriptor, part = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}-")
    try:
        with os.fdopen(descriptor, "wb") as to:
            asked.store.copy_address(address, BY, to, also)
        Path(part).replace(out)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


@click.command()
@click.argument("address")
@site_argument
@also_option
@yes_option
@env_option
def erase(address: str, site: Path, also: Sequence[str], is_sure: bool, env: str | None) -> None:  # noqa: FBT001 # click's
    """Delete everything of one ADDRESS, for ever.

    Its entries in all forms, their files, and the mails to it.
    """
    with asking(site, env) as asked:
        found = _found(asked, address, also)
        _say_mentions(found, also)
        ask(f"Delete {_told(found, also)} for ever?", is_sure=is_sure)
        erased = asked.store.erase_address(address, BY, also)
        say(f"{counted(erased.entries)}, {erased.files} files and {erased.messages} mails deleted")


def _found(asked: Asked, address: str, also: Sequence[str]) -> OfAddress:
    """Return what there is of an address; ends the program where there is nothing."""
    found = asked.store.of_address(address) if asked.store.exists else OfAddress()
    mentions = {entry.receipt for entry in found.mentions}
    for receipt in also:
        if receipt not in mentions:
            refuse(f"{receipt} does not mention {address}", 1)
    if not (found.entries or found.messages or also):
        _say_mentions(found, also)
        refuse(f"there is nothing of {address}", 1)
    return found


def _told(found: OfAddress, also: Sequence[str]) -> str:
    forms = Counter(entry.form for entry in found.entries)
    named = f" ({', '.join(f'{form} {number}' for form, number in sorted(forms.items()))})" if forms else ""
    files = sum(len(entry.uploads) for entry in found.entries)
    more = f", {len(also)} that mention it" if also else ""
    return f"{counted(len(found.entries))}{named}{more}, {files} files and {found.messages} mails"


def _say_mentions(found: OfAddress, also: Sequence[str]) -> None:
    left = [entry.receipt for entry in found.mentions if entry.receipt not in also]
    if left:
        click.echo(f"it is also mentioned in {', '.join(left)}; name them with --also to include them", err=True)
