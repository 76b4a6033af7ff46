"""Erasing everything of one address.

Owns what is said afterwards. What belongs to an address is the store's business.
"""

from declweb.forms.receipt import as_receipt
from declweb.inbox.actions import tell
from declweb.inbox.office import Call
from declweb.model.inbox import InboxAddress
from declweb.translations import mark

NOTHING = mark("Nothing was stored of this address.")


def erase_now(call: Call) -> str:
    """Erase everything of the address that was sent, and return the page to go on at."""
    wanted, store = call.first_sent("address").strip()[:320], call.office.store
    if not wanted or not store.exists:
        return call.url(InboxAddress.ADDRESS)
    mentions = [receipt for each in call.sent.get("receipt", ()) if (receipt := as_receipt(each))]
    erased = store.erase_address(wanted, call.user, mentions)
    if erased.entries or erased.messages:
        words = mark("Erased for good: entries {entries}, files {files}, messages {messages}.")
        values = {name: call.number(getattr(erased, name)) for name in ("entries", "files", "messages")}
        tell(call, call.say(words, **values))
    else:
        tell(call, call.say(NOTHING))
    return call.url(InboxAddress.ADDRESS)
