"""`[storage]`: what visitors wrote lies apart from what is shown and from what the site is made of.

Owns which folders must not meet. Knows no entry.
"""

from collections.abc import Iterator
from pathlib import Path

from declweb.files import real_path
from declweb.model import Storage
from declweb.problems import Problem
from declweb.rules.addresses import DEFAULT_MOUNT
from declweb.rules.base import Rule, Subject
from declweb.rules.pages import page_set
from declweb.sitefile import KeyPath

SQLITE = "sqlite:///"
"""How the URL of a database begins that is a file."""


def served_storage(subject: Subject) -> Iterator[Problem]:
    """What visitors wrote lies where the site is made of, or in a folder that anybody may read."""
    site, root = subject.site, subject.folder.root
    kept = dict(_kept(subject)) if site.forms or site.users else {}
    public: dict[KeyPath, Path] = {
        ("routes", name, "file"): real_path(root / route.file)
        for name, route in site.routes.items()
        if route.file is not None and not route.off
    }
    public |= {
        ("static", index, "folder"): real_path(root / mount.folder.strip("/"))
        for index, mount in enumerate(site.static)
        if not mount.off
    }
    made_of = {site.templates.folder: "templates", DEFAULT_MOUNT.folder: "files"}
    made_of |= {each.folder: "pages" for each in page_set(subject).folders}
    for word, place in kept.items():
        for path, shown in public.items():
            if _meet(shown, place):
                yield subject.problem(
                    "served-storage",
                    f"this is where the site keeps what visitors wrote, in `{getattr(site.storage, word)}`",
                    path,
                    help="name another folder, in which there is only what is public",
                )
        if place == root.resolve():
            yield subject.problem(
                "served-storage",
                "what visitors write cannot be kept in the site folder itself",
                ("storage", word),
                help=f'give it a place of its own, such as folder = "{Storage().folder}"',
            )
        folder = next((each for each in made_of if _is_within(place, real_path(root / each.strip("/")))), None)
        if folder is not None:
            yield subject.problem(
                "served-storage",
                f"what visitors write cannot be kept in `{folder}`, where the site has its {made_of[folder]}",
                ("storage", word),
                help=f'give it a place of its own, such as folder = "{Storage().folder}"',
            )


def _kept(subject: Subject) -> Iterator[tuple[str, Path]]:
    """Yield the places where something is kept, by the keys of [storage] that name them."""
    storage, root = subject.site.storage, subject.folder.root
    yield "folder", real_path(root / storage.folder)
    if storage.uploads is not None:
        yield "uploads", real_path(root / storage.uploads)
    if storage.database is not None and storage.database.startswith(SQLITE):
        yield "database", (root / storage.database.removeprefix(SQLITE).partition("?")[0]).resolve()


def _meet(shown: Path, kept: Path) -> bool:
    """Tell whether something of what is kept is among what is shown."""
    return _is_within(shown, kept) or _is_within(kept, shown)


def _is_within(inner: Path, outer: Path) -> bool:
    return inner.is_relative_to(outer)


def served_log(subject: Subject) -> Iterator[Problem]:
    """A log file lies in a folder that anybody may read, or that the site is made of."""
    site, root = subject.site, subject.folder.root
    folders = {mount.folder for mount in site.static if not mount.off}
    folders |= {DEFAULT_MOUNT.folder, site.templates.folder, *(each.folder for each in page_set(subject).folders)}
    for key in ("file", "access_file"):
        name = getattr(site.logging, key)
        file = real_path(root / name) if name is not None else None
        folder = next(
            (each for each in folders if file is not None and file.is_relative_to(real_path(root / each.strip("/")))),
            None,
        )
        if folder is not None:
            yield subject.problem(
                "served-storage",
                f"the log cannot be written into `{folder}`, which the site shows or is made of",
                ("logging", key),
                help='give it a folder of its own, such as "logs/site.log"',
            )


RULES: tuple[Rule, ...] = (served_storage, served_log)
