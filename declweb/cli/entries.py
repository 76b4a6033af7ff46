"""`declweb entries VERB`: what visitors sent, for its owner.

Owns the list of verbs. What they do stands in modules of their own.
"""

import click

from declweb.cli.addresses import copy, erase
from declweb.cli.entry_decisions import approve, delete, hold, release
from declweb.cli.entry_listing import list_, show
from declweb.cli.exporting import backup, export


class _Verbs(click.Group):
    """Verbs in the order in which they stand here."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        return list(self.commands)


@click.group(cls=_Verbs)
def command() -> None:
    """List, show, export, judge and delete what visitors sent.

    A RECEIPT is what the visitor was given, such as K7QF2-M9XA3.
    """


for verb in (list_, show, export, delete, approve, hold, release, copy, erase, backup):
    command.add_command(verb)
