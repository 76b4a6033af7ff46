"""Whether webhooks would be taken: each gets a test message, over the way that entries go.

Owns what a test message says, and what to do about an answer. Knows no other way of sending.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from declweb.delivery.calling import PATIENCE, NotAllowed, Patience, Unreachable
from declweb.delivery.findings import Finding, Trial
from declweb.delivery.webhook import spoken, tell
from declweb.model import Send, Site
from declweb.sitefile import KeyPath
from declweb.storage import Json

TYPE = "declweb.test"
"""The type of message by which other programs know a test."""
CODE = "failing-webhook"

HELP: tuple[tuple[range, str], ...] = (
    (range(300, 400), "redirects are not followed: write the address that it leads to"),
    (range(401, 402), "compare `secret` on both sides: it must be the same, `whsec_` included"),
    (range(403, 404), "compare `secret` on both sides, and see whether the program lets this machine in"),
    (range(404, 405), "compare the address: the program knows nothing there"),
    (range(405, 406), "compare the address: the program takes no POST there"),
    (range(410, 411), "the program wants to be told no more: take the send out, or ask for a new address"),
    (range(429, 430), "the program is asked too often: try again later"),
    (range(400, 500), f"see what the program takes; one that knows only some types should answer 200 to `{TYPE}`, too"),
    (range(500, 600), "look into the program's own log: the fault is there"),
)
"""What to do about an answer."""


def webhook_trials(site: Site, patience: Patience = PATIENCE) -> Iterator[Trial]:
    """Yield a trial for each webhook that is not switched off."""
    for name, form in site.forms.items():
        for index, send in enumerate(form.send):
            if send.webhook is not None and not send.off and not form.off:
                path: KeyPath = ("forms", name, "send", index, "webhook")
                yield _trial(site, name, send, path, patience)


def _trial(site: Site, form: str, send: Send, path: KeyPath, patience: Patience) -> Trial:
    return Trial("webhook", path, lambda: [_called(_test(site, form), send, path, patience)], CODE)


def _test(site: Site, form: str) -> dict[str, Json]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    words = "A test of `declweb check --deliver`: there is no entry."
    return {"type": TYPE, "timestamp": now, "data": {"site": site.site.name, "form": form, "message": words}}


def _called(content: dict[str, Json], send: Send, path: KeyPath, patience: Patience) -> Finding:
    try:
        id_ = f"msg_test_{secrets.token_hex(12)}"
        reply = tell(send.webhook or "", content, id_, send, moment=time.time(), patience=patience)
    except NotAllowed as error:
        return Finding("webhook", str(error), path, CODE, "write the address by which anybody reaches the program")
    except Unreachable as error:
        return Finding(
            "webhook",
            str(error),
            path,
            CODE,
            "see that the address is right, that the program runs, and that this machine reaches it",
        )
    signed = "signed" if send.secret else "not signed, as there is no `secret`"
    if 200 <= reply.status < 300:
        return Finding("webhook", f"{spoken(reply)}; the test was {signed}", path)
    help_ = next((words for statuses, words in HELP if reply.status in statuses), "see what the program says")
    return Finding("webhook", f"the test, {signed}, was not taken: {spoken(reply)}", path, CODE, help_)
