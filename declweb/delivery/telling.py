"""What declweb writes to the owner of its own accord: what could not be delivered, and the digest.

Owns the words of these, and when a digest is due. A visitor's words stand in them as text. That each is written once
is the store's business.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from declweb.delivery.settings import Settings
from declweb.model.fields import TEXTS
from declweb.storage import Entry, Message, MessageKind, News, Outgoing, Store
from declweb.translations import Say, mark, translated

HOUR = 7
"""When a digest is written, by the site's clock."""

LONGEST = 100
"""Characters that are quoted of what somebody wrote."""

FAILED = mark("{site}: {count} messages could not be delivered")
ONE_FAILED = mark("{site}: a message could not be delivered")
FAILED_TEXT = mark("The entries themselves are stored and safe. These messages about them did not arrive:")
TO = mark("to {address}")
ENTRY = mark("entry {receipt} of form {form}")
AND_MORE = mark("and {count} more")
AGAIN = mark("Once the reason is mended, send them again.")
AGAIN_ELSE = mark("Once the reason is mended, send them again: `declweb deliver --failed`.")
DIGEST = mark("{site}: what came since {date}")
NEW = mark("New entries")
HELD = mark("Held because they look like spam: {count}. They are deleted 30 days from now unless you release them.")
LOST = mark("Could not be delivered: {count}")
WHERE = mark("The inbox: {url}")
WHERE_ELSE = mark("Read them with `declweb entries show RECEIPT`.")
WHY = mark("This mail was written by the website {site}, because you are named in [mail] of its site file.")


def tell_owner(store: Store, settings: Settings, now: datetime) -> bool:
    """Write what the owner has to know, if there is anything; tell whether there was."""
    if not settings.can_tell:
        return False
    is_told = store.tell_failed(lambda failed: about_failed(failed, settings), now) > 0
    since = digest_due(settings, now)
    if since is not None and MessageKind.EMAIL in settings.kinds:
        is_told |= store.tell_news(since, lambda news: about_news(news, settings), now)
    return is_told


def digest_due(settings: Settings, now: datetime) -> datetime | None:
    """Return the last moment at which a digest was to be written; None where none is wanted."""
    wanted = settings.mail.digest if settings.mail is not None else None
    if wanted is None:
        return None
    here = now.astimezone(ZoneInfo(settings.timezone))
    last = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    days = here.weekday() if wanted == "weekly" else 0
    last -= timedelta(days=days)
    return last if last <= here else last - timedelta(days=7 if wanted == "weekly" else 1)


def about_failed(failed: Sequence[Outgoing], settings: Settings) -> list[Message]:
    """Return what the owner is told of messages that failed."""
    say = translated(settings.language)
    again = AGAIN if settings.inbox else AGAIN_ELSE
    subject = say(ONE_FAILED if len(failed) == 1 else FAILED).format(site=settings.name, count=len(failed))
    lines = [say(FAILED_TEXT), "", *_failed_lines(failed, say), say(again), *_where(settings, say)]
    return _mails(subject, lines, settings, "notice")


def about_news(news: News, settings: Settings) -> list[Message]:
    """Return the digest; none where there is nothing in it."""
    if not (news.counts or news.held_count or news.failed_count):
        return []
    say = translated(settings.language)
    zone = ZoneInfo(settings.timezone)
    since = news.since.astimezone(zone)
    subject = say(DIGEST).format(site=settings.name, date=f"{since:%Y-%m-%d}")
    lines = [*_new_lines(news, zone, say), *_held_lines(news, zone, say)]
    if news.failed_count:
        lines += [say(LOST).format(count=news.failed_count), "", *_failed_lines(news.failed, say)]
        lines += _more(news.failed_count - len(news.failed), say)
    return _mails(subject, [*lines, *_where(settings, say)], settings, "digest", [each.receipt for each in news.held])


def _new_lines(news: News, zone: ZoneInfo, say: Say) -> Iterator[str]:
    if not news.counts:
        return
    total = sum(news.counts.values())
    yield f"{say(NEW)}: {total} ({', '.join(f'{form} {count}' for form, count in news.counts.items())})"
    yield ""
    for entry in news.latest:
        yield from _entry_lines(entry, zone)
    hidden = sum(entry.created > news.since for entry in news.held)
    yield from _more(total - len(news.latest) - hidden, say)
    yield ""


def _held_lines(news: News, zone: ZoneInfo, say: Say) -> Iterator[str]:
    if not news.held_count:
        return
    yield say(HELD).format(count=news.held_count)
    yield ""
    for entry in news.held:
        yield from _entry_lines(entry, zone)
        if entry.reasons:
            yield f"    ({'; '.join(entry.reasons)})"
    yield from _more(news.held_count - len(news.held), say)
    yield ""


def _entry_lines(entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    yield f"  {entry.created.astimezone(zone):%Y-%m-%d %H:%M}  {entry.form}  {entry.receipt}"
    said = (entry.values.get(each.name) for each in entry.fields if each.type in TEXTS and each.type != "password")
    words = [_short(str(value)) for value in said if value]
    if words:
        yield f"    {' | '.join(words[:3])}"


def _failed_lines(failed: Sequence[Outgoing], say: Say) -> Iterator[str]:
    for message in failed:
        yield f"  {say(TO).format(address=_short(_host_only(message)))}"
        yield f"    {say(ENTRY).format(receipt=message.receipt, form=message.form)}"
        yield f"    {_short(message.last_words, 3 * LONGEST)}"
        yield ""


def _host_only(message: Outgoing) -> str:
    """Return whom a message goes to; a webhook's address may have a secret behind its host."""
    if message.kind == MessageKind.EMAIL:
        return message.target
    return "/".join(message.target.split("/")[:3])


def _more(count: int, say: Say) -> list[str]:
    return [f"  {say(AND_MORE).format(count=count)}"] if count > 0 else []


def _where(settings: Settings, say: Say) -> list[str]:
    inbox = say(WHERE).format(url=settings.inbox) if settings.inbox else say(WHERE_ELSE)
    return ["", inbox, "", "-- ", say(WHY).format(site=settings.name)]


def _short(text: str, longest: int = LONGEST) -> str:
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _mails(
    subject: str, lines: Sequence[str], settings: Settings, what: str, shows: Sequence[str] = ()
) -> list[Message]:
    """Return a mail to each owner; `shows` are the entries that it shows."""
    text = "\n".join(lines) + "\n"
    content = {"subject": subject, "text": text, "what": what, "shows": list(shows)}
    owners = settings.mail.owners if settings.mail is not None else ()
    return [Message(kind=MessageKind.EMAIL, target=owner, content=content) for owner in owners]
