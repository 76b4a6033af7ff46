"""`declweb check --deliver`: everything that a site needs to keep and to deliver what visitors send, tried out.

Owns what is tried out for which site, side by side and within one stretch of time. Knows no command line.
"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from declweb.delivery.calling import PATIENCE, Patience
from declweb.delivery.findings import Finding, Trial, tried, without_secrets
from declweb.delivery.settings import Settings
from declweb.model import Site
from declweb.storage import StoreSettings, UploadFolder

LONGEST = 45.0
"""Seconds in which everything must have answered."""
TOKEN = 16
"""Letters from which on a part of a webhook's address is taken for a secret."""


def findings(
    site: Site,
    folder: Path,
    name_server: tuple[str, int] | None = None,
    *,
    seconds: float = LONGEST,
    patience: Patience = PATIENCE,
) -> Iterator[Finding]:
    """Yield what was tried out of a site in a folder, in the order: storage, mail, webhooks."""
    secrets = list(_secrets(site))
    for finding in tried(list(_trials(site, folder, name_server, patience)), seconds):
        yield without_secrets(finding, secrets)


def _trials(site: Site, folder: Path, name_server: tuple[str, int] | None, patience: Patience) -> Iterator[Trial]:
    stored = StoreSettings.of(site.storage, folder)
    if site.forms:
        from declweb.delivery.try_storage import CODE, storage_findings  # noqa: PLC0415 # as the site has it

        yield Trial("storage", ("storage",), lambda: storage_findings(stored, site.limits.entry), CODE)
    if site.mail.server or any(send.email and not send.off for form in site.forms.values() for send in form.send):
        from declweb.delivery.domain import Asker  # noqa: PLC0415 # as above
        from declweb.delivery.try_mail import mail_trials  # noqa: PLC0415 # as above

        yield from mail_trials(Settings.of(site, UploadFolder(stored.uploads_folder)), Asker(name_server))
    from declweb.delivery.try_webhooks import webhook_trials  # noqa: PLC0415 # as above

    yield from webhook_trials(site, patience)


def _secrets(site: Site) -> Iterator[str]:
    """Yield what must not be shown, whoever repeats it."""
    for url in (site.mail.server, site.storage.database):
        password = urlsplit(url).password if url else None
        if password:
            yield from (password, unquote(password))
    for send in (send for form in site.forms.values() for send in form.send):
        yield from send.secret or ()
        parts = urlsplit(send.webhook or "")
        yield from (part for part in f"{parts.path}/{parts.query}".split("/") if len(part) >= TOKEN)
