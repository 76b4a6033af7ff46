"""docs/webhooks.md and docs/delivery-check.md: what they say of messages, answers and words is so."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from cases import running, strict_client, write

from declweb.delivery import calling, checking, try_storage, webhook
from declweb.delivery.domain import MOST_LOOKUPS
from declweb.delivery.try_webhooks import TYPE
from declweb.loading import check_site
from declweb.model.webhooks import KEY_BYTES, SHORTEST

DOCS = Path(__file__).parents[1] / "docs"
WEBHOOKS = (DOCS / "webhooks.md").read_text(encoding="utf-8")
CHECK = (DOCS / "delivery-check.md").read_text(encoding="utf-8")
FORM = """[site]
name = "Bakery"

[forms.order]
path = "/order"
keep = "1 year"
success = { message = "Thank you" }

[forms.order.fields]
name = { label = "Your name" }
cake = { label = "Which cake?", type = "radio", choices = { sacher = "Sacher", own = "My own idea" } }
people = { label = "For how many people?", type = "integer" }
"""


def block(text: str, kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def shape(value: Any) -> Any:
    """Return what a message looks like, without what is in it."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return type(value).__name__


def test_the_message_is_as_it_is_told(tmp_path: Path) -> None:
    site = write(tmp_path, {"site.toml": FORM + block(WEBHOOKS, "toml").replace("${ORDER_HOOK_SECRET}", "x" * 16)})
    assert check_site(site, {}) == ()
    app = running(site)
    with strict_client(app).post("/order", data={"name": "Ann", "cake": "sacher", "people": "8"}) as answer:
        assert answer.status_code == 303
    assert app.store is not None
    (message,) = app.store.messages()
    told = json.loads(block(WEBHOOKS, "json"))
    assert message.content["type"] == told["type"]
    data: Any = message.content["data"]
    assert data["fields"] == told["data"]["fields"]
    assert data["status"] == told["data"]["status"]
    (file,) = told["data"].pop("files")
    assert set(file) == {"field", "label", "name", "size", "type"}
    assert data.pop("files") == []
    assert shape(message.content) == shape(told)


def test_the_test_is_as_it_is_told() -> None:
    told = json.loads(block(CHECK, "json"))
    assert told["type"] == TYPE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WEBHOOKS, f"{KEY_BYTES.start} to {KEY_BYTES.stop - 1} bytes"),
        (WEBHOOKS, f"at least {SHORTEST}"),
        (WEBHOOKS, f"may take {calling.PATIENCE.whole:.0f} seconds, {calling.PATIENCE.connect:.0f} of them to connect"),
        (WEBHOOKS, f"the first {calling.LONGEST_ANSWER:,} bytes"),
        (WEBHOOKS, f"{webhook.LONGEST_WAIT.total_seconds() / 3600:.0f} hours at most"),
        (CHECK, f"after {checking.LONGEST:.0f} seconds at most"),
        (CHECK, f"below {try_storage.LITTLE / 10**6:.0f} MB"),
        (CHECK, "more than ten questions"),
    ],
)
def test_figures(text: str, words: str) -> None:
    assert words in " ".join(text.split())
    assert MOST_LOOKUPS == 10


def test_the_command_that_makes_a_secret() -> None:
    program, _, code = shlex.split(block(WEBHOOKS, "sh"))
    assert program == "python3"
    compile(code, "docs/webhooks.md", "exec")


def test_links_lead_somewhere() -> None:
    for text in (WEBHOOKS, CHECK):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (DOCS / target).exists(), target
