"""Pages of the inbox, as tests ask for them."""

import re

from werkzeug.test import Client, TestResponse

OWN = {"Sec-Fetch-Site": "same-origin"}


def page(client: Client, url: str, status: int = 200) -> str:
    with client.get(url) as answer:
        assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
        return answer.get_data(as_text=True)


def act(client: Client, action: str, *receipts: str, back: str = "/inbox/entries", **more: str) -> TestResponse:
    """Press a button, and return the answer."""
    data = {"action": action, "receipt": list(receipts), "back": back, **more}
    answer = client.post("/inbox/do", data=data, headers=OWN)
    answer.close()
    return answer


def listed(text: str) -> list[str]:
    """Return the receipts of the entries that a page lists, in its order."""
    return re.findall(r'<div class="what">\s*<a href="/inbox/entry/([0-9A-Z-]+)"', text)


def told(client: Client) -> str:
    """Return what the next page says of the last action."""
    found = re.search(r'role="status">\s*<div class="wide">\s*<p>(.*?)</p>', page(client, "/inbox"), re.DOTALL)
    return re.sub("<[^>]*>", "", found[1]) if found else ""
