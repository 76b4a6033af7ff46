"""`[forms.NAME]`: the addresses of forms, and the files that they bring along.

Owns what answers at which of them. The page is `form_pages`'s, what is sent `form_posts`'s, and what both share
`form_desk`'s.
"""

from declweb.app import Listed
from declweb.compiler.building import Building
from declweb.compiler.form_desk import Desk
from declweb.compiler.form_pages import FormPage
from declweb.compiler.form_posts import FormPost
from declweb.compiler.templates import Templates
from declweb.forms.labels import labels
from declweb.forms.script import script, style
from declweb.http.answer import READING
from declweb.pages import own
from declweb.storage import Store, StoreSettings, opened


def store_of(building: Building) -> Store:
    """Return the store that keeps the entries of all forms."""
    site = building.site
    store = opened(StoreSettings.of(site.storage, building.parts.folder.root))
    store.keeps = {name: form.kept_for for name, form in site.forms.items()}
    store.labels = labels(site.forms)
    return store


def add_forms(building: Building, templates: Templates) -> Store:
    """Add every form at its address in each language; return the store that keeps their entries."""
    site, parts = building.site, building.parts
    store = store_of(building)
    for name, form in site.forms.items():
        if not form.off:
            desk = Desk(name, form, building, templates, store)
            for language, path in parts.form_addresses(form).items():
                _add_form(desk, language, path, building)
    for each in (script(), style()):
        building.add_own(each.name, each.address, each.media_type, each.body)
    building.add_own(own.STYLE, own.style_address(), own.STYLE_TYPE, own.style())
    return store


def _add_form(desk: Desk, language: str, path: str, building: Building) -> None:
    answers = FormPage(desk, language, path, desk.page(language), building.shelf)
    building.exact.setdefault(path, {}).update(dict.fromkeys(READING, answers))
    building.exact[path]["POST"] = FormPost(desk, language, answers)
    what = desk.form.template or "form"
    building.overview.append(Listed(path, ("GET", "POST"), answers.name, what, answers.place, answers.reasons))
