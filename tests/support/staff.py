"""A site with a page for its staff, and what is sent to sign in there."""

from pathlib import Path

from cases import running, write
from visiting import HEAD, users
from werkzeug.test import Client, TestResponse

from declweb.app import App

SITE = f"""{HEAD}
{users(anna="staff", ben="drivers")}
[users.nobody_yet]
roles = ["staff"]

[[protect]]
path = "/staff/*"
allow = ["staff", "ben"]

[routes.home]
path = "/"
html = "{{% if user %}}Hello {{{{ user.name }}}} ({{{{ user.roles|join }}}}){{% else %}}Hello stranger{{% endif %}}"

[routes.plan]
path = "/staff/plan"
text = "{{{{ user.name }}}} reads"
"""


def site(folder: Path, text: str = SITE, **files: str) -> App:
    """Make the site in a folder."""
    return running(write(folder, {"site.toml": text, **files}))


def posted(client: Client, path: str = "/login", headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    """Send a form."""
    return client.post(path, data=fields, headers=headers or {})
