"""Webhooks: programs that are called are somebody else's, unless the site file says that they are at home here.

Owns what an address alone tells of where it leads. Asks no name server: `declweb check --deliver` does.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from declweb.http.networks import as_address, near, nowhere
from declweb.model import Send
from declweb.problems import Problem
from declweb.rules.base import Rule, Subject
from declweb.sitefile import KeyPath

HOME = ("localhost", ".localhost")
"""Names of this machine (RFC 6761 section 6.3)."""


def private_webhooks(subject: Subject) -> Iterator[Problem]:
    """A webhook leads to this machine or its network, and nothing says that it is meant to."""
    for path, send, host in _webhooks(subject):
        address = as_address(host)
        if address is not None and (what := nowhere(address)):
            yield subject.problem(
                "private-address",
                f"{host} is {what}: no webhook goes there",
                path,
                help="write the program's own address",
            )
        elif not send.private and (what := (near(address) if address is not None else _home(host))):
            yield subject.problem(
                "private-address",
                f"{host} is {what}, and webhooks only go there where the site file says so",
                path,
                help="add `private = true`, if that is where the program is",
            )


def unencrypted_webhooks(subject: Subject) -> Iterator[Problem]:
    """A webhook leads through the internet, and is not encrypted."""
    for path, send, host in _webhooks(subject):
        if (send.webhook or "").lower().startswith("http:") and not send.private and not _is_here(host):
            yield subject.problem(
                "unencrypted-webhook",
                f"what visitors wrote goes to {host} as plain text",
                path,
                help="write https://; or add `private = true`, if the program is in this machine's own network",
            )


def _webhooks(subject: Subject) -> Iterator[tuple[KeyPath, Send, str]]:
    for name, form in subject.site.forms.items():
        for index, send in enumerate(form.send):
            if send.webhook is not None and not send.off and not form.off:
                yield ("forms", name, "send", index, "webhook"), send, urlsplit(send.webhook).hostname or ""


def _is_here(host: str) -> bool:
    """Tell whether an address itself says that it does not lead through the internet."""
    address = as_address(host)
    return _home(host) is not None or (address is not None and bool(near(address) or nowhere(address)))


def _home(host: str) -> str | None:
    name = host.rstrip(".")
    return "this machine itself" if name == HOME[0] or name.endswith(HOME[1]) else None


RULES: tuple[Rule, ...] = (private_webhooks, unencrypted_webhooks)
