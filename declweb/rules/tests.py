"""`[[tests]]`: users that there are not, and files that are missing.

Owns what of a test needs other tables or the disk. Asks the site nothing.
"""

from collections.abc import Iterator

from declweb.files import real_path
from declweb.problems import Problem, suggestion
from declweb.rules.base import Rule, Subject


def unknown_askers(subject: Subject) -> Iterator[Problem]:
    """A test is made as somebody who is no user."""
    users = subject.site.users
    for index, test in enumerate(subject.site.tests):
        if test.as_ is None or test.as_ in users or subject.draft.is_broken("tests", index):
            continue
        near = suggestion(test.as_, users)
        if near is None and subject.draft.is_broken("users"):
            continue
        others = f"there are {', '.join(users)}" if users else f"add [users.{test.as_}]"
        yield subject.problem(
            "unknown-user", f"no user is called `{test.as_}`", ("tests", index, "as"), help=near or others
        )


def missing_files(subject: Subject) -> Iterator[Problem]:
    """A test sends a file that the site folder does not have."""
    root = subject.document.folder.resolve()
    for index, test in enumerate(subject.site.tests):
        if subject.draft.is_broken("tests", index):
            continue
        for field, names in test.files.items():
            for number, name in enumerate(names):
                file = real_path(root / name)
                if not (file.is_relative_to(root) and file.is_file()):
                    message = f"there is no file `{name}` in the site folder"
                    path = ("tests", index, "files", field, number)
                    yield subject.problem("missing-file", message, path, word=name, help="correct its name")


RULES: tuple[Rule, ...] = (unknown_askers, missing_files)
