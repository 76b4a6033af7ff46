"""What delivering needs to know of the site as it is now.

Owns nothing: it is made anew whenever the site is. Secrets stand here and never in the outbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from declweb.model import Mail, Send, Site
from declweb.model.sends import fixed_address
from declweb.storage import MessageKind, Outgoing
from declweb.storage.uploads import UploadFolder


@dataclass(frozen=True, slots=True)
class Settings:
    """A site, as far as it matters for what it sends."""

    name: str
    uploads: UploadFolder
    mail: Mail | None = None
    url: str | None = None
    """The site's own address, as [site] declares it."""
    inbox: str | None = None
    """The address of the inbox, whole, where there is one."""
    language: str = "en"
    timezone: str = "UTC"
    sends: Mapping[str, tuple[Send, ...]] = field(default_factory=dict)
    """What each form sends, those that are switched off included."""

    @classmethod
    def of(cls, site: Site, uploads: UploadFolder) -> Self:
        """Return the settings of a site."""
        return cls(
            site.site.name,
            uploads,
            site.mail,
            site.site.url,
            _inbox(site),
            site.site.all_languages[0],
            site.site.timezone,
            {name: tuple(form.send) for name, form in site.forms.items()},
        )

    @property
    def can_tell(self) -> bool:
        """Whether mails to the owner can be written."""
        return self.mail is not None and self.mail.from_ is not None and bool(self.mail.owners)

    def send_of(self, message: Outgoing) -> Send | None:
        """Return the `[[send]]` that a message comes from, as it is now; None where it was taken out."""
        sends = self.sends.get(message.form, ())
        return sends[message.send] if 0 <= message.send < len(sends) else None

    def target_of(self, message: Outgoing) -> str:
        """Return whom a mail goes to: the address that stands now where its own stood, if that was replaced by another.

        One that the form named before is none: where messages were taken out, others have moved up.
        """
        named, send = message.content.get("named"), self.send_of(message)
        if not isinstance(named, dict) or send is None:
            return message.target
        now = [fixed_address(text) for text in send.email or ()]
        then = list(named.get(str(message.send), ()))
        anywhere = {fixed_address(text) for each in self.sends.get(message.form, ()) for text in each.email or ()}
        if message.target not in then or message.target in anywhere or len(now) != len(then):
            return message.target
        new = now[then.index(message.target)]
        is_new = new != "" and not any(new in each for each in named.values())
        return new if is_new else message.target

    @property
    def kinds(self) -> tuple[MessageKind, ...]:
        """What can be delivered: mail waits for a server."""
        return tuple(MessageKind) if self.mail is not None and self.mail.server else (MessageKind.WEBHOOK,)


def _inbox(site: Site) -> str | None:
    """Return the whole address of the inbox, where there is one and the site knows its own."""
    if site.inbox is None or site.inbox.off or site.site.url is None:
        return None
    return f"{site.site.url.rstrip('/')}{site.inbox.path.rstrip('/')}"
