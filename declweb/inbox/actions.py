"""What can be done with entries and messages, and what is said afterwards.

Owns which actions there are, for one entry and for many, and in which words it is told what came of them. Each of them
ends at the page that it was done from.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from declweb.forms.receipt import as_receipt
from declweb.http.answer import Refused
from declweb.inbox.asking import TO_APPROVE, Asked
from declweb.inbox.drawing import Told, Undo
from declweb.inbox.office import Call, Query
from declweb.model.inbox import InboxAddress
from declweb.storage import Entry, Status
from declweb.storage.outcomes import Done
from declweb.translations import mark

SESSION = "_inbox"
"""What the session keeps: what came of the last action, and what can be undone."""
MOST = 1000
"""Entries that one action changes."""

CHOOSE = mark("Nothing was chosen. Tick the boxes of the entries that are meant.")
NO_MORE = mark("That cannot be undone any more: its minute is over.")
RESENT = mark("The message goes out again now.")
NOT_RESENT = mark("The message cannot go out: it is gone, or its entry is held.")
MISSING_ONE = mark("1 entry is no longer there.")
MISSING = mark("{count} entries are no longer there.")
TAKEN_ONE = mark("1 entry stays held: another one has the same in “{field}”, which may be there once only.")
TAKEN = mark("{count} entries stay held: others have the same in “{field}”, which may be there once only.")


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done with entries."""

    name: str
    words: str
    one: str
    """What is said when it was done with one."""
    many: str
    do: Callable[[Call, Sequence[str]], Done]
    is_bad: bool = False


def _release(call: Call, receipts: Sequence[str]) -> Done:
    approving = [name for name, form in call.office.forms.items() if form.approve]
    return call.office.store.release_all(receipts, call.user, approving)


def _discard(call: Call, receipts: Sequence[str]) -> Done:
    gone = call.office.store.discard(receipts, call.user, call.now)
    if gone.token:
        _remember(call, undo=[gone.token, len(gone.receipts), gone.until.isoformat()])
    return Done(receipts=gone.receipts, missing=[one for one in receipts if one not in set(gone.receipts)])


ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (
        Action(
            "seen", mark("Mark as seen"),
            mark("1 entry is marked as seen."), mark("{count} entries are marked as seen."),
            lambda call, receipts: call.office.store.mark_seen(receipts, call.user, call.now),
        ),
        Action(
            "unseen", mark("Mark as new"),
            mark("1 entry is marked as new."), mark("{count} entries are marked as new."),
            lambda call, receipts: call.office.store.mark_unseen(receipts, call.user),
        ),
        Action(
            "approve", mark("Approve"), mark("1 entry is approved."), mark("{count} entries are approved."),
            lambda call, receipts: call.office.store.approve_all(receipts, call.user),
        ),
        Action(
            "release", mark("Release"), mark("1 entry is released. Its messages go out."),
            mark("{count} entries are released. Their messages go out."), _release,
        ),
        Action(
            "hold", mark("Hold"), mark("1 entry is held, with its messages that have not gone out."),
            mark("{count} entries are held, with their messages that have not gone out."),
            lambda call, receipts: call.office.store.hold_all(receipts, call.user),
        ),
        Action(
            "delete", mark("Delete"), mark("1 entry is deleted."), mark("{count} entries are deleted."), _discard,
            is_bad=True,
        ),
    )
}  # fmt: skip
"""By what the buttons send."""


@dataclass(frozen=True, slots=True)
class Button:
    """An action that is offered."""

    name: str
    words: str
    is_bad: bool


def _buttons(call: Call, names: Collection[str]) -> list[Button]:
    return [Button(name, call.say(action.words), action.is_bad) for name, action in ACTIONS.items() if name in names]


def actions_for(call: Call, entry: Entry) -> list[Button]:
    """Return what makes sense for one entry that has been opened."""
    form = call.office.forms.get(entry.form)
    names = {"unseen", "delete"}
    if entry.status == Status.HELD:
        names.add("release")
    else:
        names.add("hold")
    if entry.status == Status.TO_APPROVE or (form is not None and form.approve and entry.status != Status.APPROVED):
        names.add("approve")
    return _buttons(call, names)


def actions_of_list(call: Call, asked: Asked, forms: Sequence[str]) -> list[Button]:
    """Return what makes sense for the entries of a list; approving only where something is approved."""
    listed = [asked.form] if asked.form else forms
    approves = any(form.approve for name in listed if (form := call.office.forms.get(name)) is not None)
    return _buttons(call, set(ACTIONS) - (set() if approves or asked.show == TO_APPROVE else {"approve"}))


# --- doing ------------------------------------------------------------------------------------------------------------


def do(call: Call) -> str:
    """Do what a button says, and return the address to go on at."""
    name = call.first_sent("action")
    back = _back(call)
    if name == "undo":
        _undo(call)
        return back
    if name == "resend":
        _resend(call)
        return back
    action = ACTIONS.get(name)
    if action is None:
        raise Refused(HTTPStatus.BAD_REQUEST)
    receipts = [receipt for each in call.sent.get("receipt", ())[:MOST] if (receipt := as_receipt(each))]
    if not receipts:
        tell(call, call.say(CHOOSE), is_bad=True)
        return back
    done = action.do(call, list(dict.fromkeys(receipts)))
    tell(call, *_said(call, action, done))
    return _away(call, back) if name in {"delete", "unseen"} else back


def _said(call: Call, action: Action, done: Done) -> tuple[str, bool]:
    """Return what came of an action, and whether something of it went wrong."""
    told = [call.counted(len(done.receipts), action.one, action.many)] if done.receipts else []
    told += _taken(call, done)
    if done.missing:
        told.append(call.counted(len(done.missing), MISSING_ONE, MISSING))
    return " ".join(told), bool(done.taken or done.missing)


def _taken(call: Call, done: Done) -> list[str]:
    """Return which entries are held because another one has what may be there once only."""
    if not done.taken:
        return []
    some = sorted(set(done.taken.values()))
    words = TAKEN_ONE if len(done.taken) == 1 else TAKEN
    return [call.say(words, count=call.number(len(done.taken)), field=", ".join(some))]


def _undo(call: Call) -> None:
    done = call.office.store.undo_discard(call.first_sent("token"), call.user, call.now)
    _remember(call, undo=None)
    if done is None:
        tell(call, call.say(NO_MORE), is_bad=True)
        return
    said = call.counted(len(done.receipts), mark("1 entry is back."), mark("{count} entries are back."))
    tell(call, " ".join([said, *_taken(call, done)]), is_bad=bool(done.taken))


def _resend(call: Call) -> None:
    number = call.first_sent("message")
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    is_sent = is_number and call.office.store.resend(int(number), call.user, call.now)
    tell(call, call.say(RESENT if is_sent else NOT_RESENT), is_bad=not is_sent)


def _back(call: Call) -> str:
    """Return the page that an action came from: one of the inbox, whatever was sent."""
    path, query = _sent_page(call)
    if path == call.url(InboxAddress.MESSAGES):
        return path
    receipt = as_receipt(path.rpartition("/")[2])
    if receipt and path == call.url(InboxAddress.ENTRY, receipt=receipt):
        return path
    return call.url(InboxAddress.ENTRIES, **Asked.of(query).query())


def _sent_page(call: Call) -> tuple[str, Query]:
    """Return the path and the query of the page that an action says it came from; nothing of what is no address."""
    try:
        path, query = urlsplit(call.first_sent("back"))[2:4]
        return path, parse_qs(query, max_num_fields=20) if len(query) < 2000 else {}
    except ValueError:
        return "", {}


def _away(call: Call, back: str) -> str:
    """Return the list, where an action came from the page of an entry that is not to be opened now."""
    return back if back.partition("?")[0] == call.url(InboxAddress.ENTRIES) else call.url(InboxAddress.ENTRIES)


# --- telling ----------------------------------------------------------------------------------------------------------


def _remember(call: Call, **values: object) -> None:
    kept = {**_kept(call), **values}
    kept = {name: value for name, value in kept.items() if value is not None}
    if kept:
        call.session[SESSION] = kept
    elif SESSION in call.session:
        del call.session[SESSION]


def _kept(call: Call) -> dict[str, object]:
    kept = call.session.get(SESSION)
    return dict(kept) if isinstance(kept, dict) else {}


def tell(call: Call, text: str, is_bad: bool = False) -> None:  # noqa: FBT001, FBT002 # said beside the text
    """Have the next page say what came of an action."""
    _remember(call, told=[text[:500], is_bad])


def told(call: Call) -> Told | None:
    """Return what came of the last action, once."""
    kept = _kept(call).get("told")
    if kept is not None:
        _remember(call, told=None)
    match kept:
        case [str(text), bool(is_bad)]:
            return Told(text, is_bad)
    return None


def undo(call: Call) -> Undo | None:
    """Return what can be undone, as long as it can."""
    match _kept(call).get("undo"):
        case [str(token), int(count), str(until)]:
            try:
                is_over = datetime.fromisoformat(until) <= call.now
            except (ValueError, TypeError):
                is_over = True
            if not is_over:
                action = ACTIONS["delete"]
                return Undo(token, call.counted(count, action.one, action.many))
            _remember(call, undo=None)
    return None
