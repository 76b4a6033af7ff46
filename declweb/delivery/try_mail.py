"""Whether mail would go out, and be believed: the server, over the way that mails go, and the domain of the sender.

Owns what is tried out, and what to do about it. No mail is sent.
"""

from collections.abc import Iterator

from declweb.delivery.composing import Mailbox, mailbox, sender
from declweb.delivery.domain import Asker, Unanswered, Verdict, dkim, dmarc, spf
from declweb.delivery.findings import Finding, Trial
from declweb.delivery.outcome import Delivered, Refused
from declweb.delivery.servers import MailServer
from declweb.delivery.settings import Settings
from declweb.delivery.smtp import Connection, Unreachable
from declweb.sitefile import KeyPath

SERVER: KeyPath = ("mail", "server")
FROM: KeyPath = ("mail", "from")
FAILING = "failing-mail"
DISTRUSTED = "distrusted-mail"

RECORDS = (("SPF", spf), ("DKIM", dkim), ("DMARC", dmarc))
"""What receivers look at, and how it is judged."""


def mail_trials(settings: Settings, asker: Asker) -> Iterator[Trial]:
    """Yield what is to be tried of mail, as far as the site declares any."""
    mail = settings.mail
    if mail is None or mail.from_ is None:
        return
    yield Trial("mail server", SERVER, lambda: _server(settings), FAILING)
    yield Trial("domain", FROM, lambda: _domain(settings, asker))


def _server(settings: Settings) -> Iterator[Finding]:
    mail = settings.mail
    assert mail is not None
    if not mail.server:
        help_ = "write the server's address, such as smtp://user:password@mail.example:587"
        yield Finding("mail server", "there is none, so mails wait in the outbox", ("mail",), "mail-waits", help_)
        return
    server = MailServer.of(mail.server)
    _, origin = sender(settings)
    try:
        target = mailbox(mail.owners[0], is_own=True) if mail.owners else origin
        with Connection(server, origin.plainest.rpartition("@")[2]) as connection:
            outcome = connection.offer(origin, target)
    except Unreachable as error:
        help_ = "see that host, port, user and password are right; the mail provider's pages have them"
        yield Finding("mail server", str(error), SERVER, FAILING, help_)
        return
    if isinstance(outcome, Delivered):
        who = f" as {server.user}" if server.user else ""
        words = f"{server} lets the site in{who}, and takes mail {_way(origin, target)}"
        yield Finding("mail server", words, SERVER)
        return
    words = f"{server} takes no mail {_way(origin, target)}: {outcome.words}"
    again = "" if isinstance(outcome, Refused) else ", or try again later: it may be for now only"
    yield Finding("mail server", words, FROM, FAILING, f"see which addresses the account may send from{again}")


def _way(origin: Mailbox, target: Mailbox) -> str:
    to_whom = "itself" if origin == target else target.plainest
    return f"from {origin.plainest} to {to_whom}"


def _domain(settings: Settings, asker: Asker) -> Iterator[Finding]:
    _, origin = sender(settings)
    domain = origin.plainest.rpartition("@")[2]
    try:
        takes_mail = asker.takes_mail(domain)
        if takes_mail is None:
            words = f"there is no domain {domain}: receivers throw away what comes from there"
            yield Finding("domain", words, FROM, FAILING, "write an address of a domain that is yours")
            return
        if not takes_mail:
            words = f"{domain} takes no mail, so nobody learns what could not be delivered, and some receivers object"
            yield Finding("domain", words, FROM, DISTRUSTED, f"have an MX record set for {domain}")
        for name, judge in RECORDS:
            yield _judged(name, domain, judge(domain, asker))
    except Unanswered:
        words = f"no name server answers, so SPF, DKIM and DMARC of {domain} were not looked at"
        yield Finding("domain", words, FROM, is_known=False, help="name one that does: --dns ADDRESS")


def _judged(name: str, domain: str, verdict: Verdict) -> Finding:
    code = DISTRUSTED if verdict.help is not None else None
    return Finding(name, f"{domain}: {verdict.message}", FROM, code, verdict.help, is_known=verdict.is_known)
