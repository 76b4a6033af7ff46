"""What needs two tables or the disk: doubled and dangling names, templates, links, loops, shadows.

A rule is a generator of problems; its docstring's first line says what it finds. Rules change and build nothing.
"""

from declweb.rules import (
    addresses,
    choices,
    data,
    errors,
    feeds,
    form_conditions,
    forms,
    hooks,
    inbox,
    json,
    languages,
    names,
    page_links,
    pages,
    policies,
    protection,
    redirect_files,
    redirects,
    rewrites,
    security,
    sends,
    storage,
    template_links,
    templates,
    tests,
    translations,
    webhooks,
)
from declweb.rules.base import Rule, Subject

RULES: tuple[Rule, ...] = (
    *redirect_files.RULES,
    *names.RULES,
    *data.RULES,
    *json.RULES,
    *choices.RULES,
    *languages.RULES,
    *pages.RULES,
    *feeds.RULES,
    *hooks.RULES,
    *addresses.RULES,
    *redirects.RULES,
    *form_conditions.RULES,
    *forms.RULES,
    *sends.RULES,
    *inbox.RULES,
    *webhooks.RULES,
    *storage.RULES,
    *protection.RULES,
    *errors.RULES,
    *rewrites.RULES,
    *security.RULES,
    *templates.RULES,
    *template_links.RULES,
    *policies.RULES,
    *page_links.RULES,
    *translations.RULES,
    *tests.RULES,
)

__all__ = ["RULES", "Rule", "Subject"]
