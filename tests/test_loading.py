import gc
from collections.abc import Iterator
from pathlib import Path
from types import BuiltinFunctionType, ModuleType

import pytest
from cases import write

from declweb import loading
from declweb.loading import Loaded, load_site
from declweb.problems import Problem
from declweb.rules import Subject
from declweb.rules.template_set import TemplateSet
from declweb.sitefile import Document
from declweb.validation import Draft

SITE = """
[site]
name = "Blackbird Bakery"

[routes.home]
path = "/"
text = "{{ url_for('menu') }}"

[routes.menu]
path = "/menu"
template = "menu.html"

[routes.product]
path = "/products/<slug>"
html = "{{ slug }}"

[json.version]
path = "/version"
value = 1

[redirects]
"/old" = "/menu"
"/old/<path:rest>" = "/products/<rest>"
"/new" = { to = "/menu", language = "de" }

[errors]
404 = "menu.html"
"""


def reached(start: object) -> Iterator[object]:
    """Yield all that is kept alive by an object, but for what modules and classes keep."""
    seen, waiting = {id(start)}, [start]
    while waiting:
        found = waiting.pop()
        yield found
        for other in gc.get_referents(found):
            is_shared = isinstance(other, ModuleType | type | BuiltinFunctionType)
            is_module = isinstance(other, dict) and "__builtins__" in other and "__spec__" in other
            if not (is_shared or is_module or id(other) in seen):
                seen.add(id(other))
                waiting.append(other)


def loaded(folder: Path) -> Loaded:
    (folder / "site.toml").write_text(SITE)
    (folder / "templates").mkdir()
    (folder / "templates" / "menu.html").write_text("<p>{{ site.name }}</p>")
    return load_site(folder, None, {})


RUN_ELSEWHERE = """
[env.other]
server = { port = 8001 }
limits = { body = "1 MB" }
logging = { level = "warning" }
proxy = { trust = 1 }
session = { lifetime = "1 day" }
storage = { folder = "elsewhere" }
mail = { from = "site@bakery.example" }
"""
SHOWN_ELSEWHERE = """
[env.other]
site = { description = "Elsewhere" }
"""


@pytest.mark.parametrize(("overlay", "times"), [(RUN_ELSEWHERE, 1), (SHOWN_ELSEWHERE, 2)])
def test_pages_are_rehearsed_again_where_they_may_be_others(
    overlay: str, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsed: list[None] = []

    def rehearse(*_: object) -> list[Problem]:
        rehearsed.append(None)
        return []

    monkeypatch.setattr(loading, "rehearse", rehearse)
    write(tmp_path, {"site.toml": SITE + overlay, "templates/menu.html": ""})
    assert not any(problem.is_error for problem in loading.check_site(tmp_path, {}))
    assert len(rehearsed) == times


def test_a_running_site_keeps_nothing_of_what_it_was_made_from(tmp_path: Path) -> None:
    site = loaded(tmp_path)
    assert site.app is not None
    kept = [found for found in reached(site) if isinstance(found, Document | Draft | Subject | TemplateSet)]
    assert kept == []


def test_what_a_site_was_made_from_is_freed_at_once(tmp_path: Path) -> None:
    gc.disable()
    try:
        assert loaded(tmp_path).app is not None
        # Only this site's: other tests' sites may come and go in threads meanwhile.
        left = [found for found in gc.get_objects() if type(found) is Document and found.folder == tmp_path]
        assert not left
    finally:
        gc.enable()
