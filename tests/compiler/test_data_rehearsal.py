"""With which rows and lists the template of a page is tried out: one mix of cells alone may make it fail."""

from pathlib import Path

import pytest

from declweb.loading import check_site

MANY = "".join(f"s{number},x,1,1\n" for number in range(1_500))
HEAD = "slug,kind,x,y\n"
FORM = """
[forms.book]
path = "/write"
keep = "forever"
success = { message = "Thank you" }
[forms.book.fields]
x = { label = "X", type = "integer" }
y = { label = "Y", type = "integer" }
news = { label = "News", type = "checkbox" }
kind = { label = "Kind", type = "select", choices = ["a", "b"], required = true }
"""
ITEM = '[routes.a]\npath = "/a/<slug>"\nitem = { data = "menu", where = { slug = "<slug>" } }'
KIND = '[routes.a]\npath = "/a/<kind>"\nitems = { data = "menu", where = { kind = "<kind>" }, page_size = 600 }'
LIST = '[routes.a]\npath = "/a"\nitems = { data = "menu", page_size = 10 }'
BOTH = """[routes.a]
path = "/a/<kind>"
item = { data = "kinds", where = { kind = "<kind>" } }
items = { data = "menu", where = { kind = "<kind>" } }"""
ONE_OF = '[converters.one]\none_of = ["x", "y"]\n' + KIND.replace("<kind>", "<one:kind>", 1)
BOOK = '[routes.a]\npath = "/a"'
SUM = "{% if item.x %}{{ item.x + item.y }}{% endif %}"
FIRST = "{{ items[0].x + 1 }}"
EACH = "{% for row in data.book %}{% if CONDITION %}{{ row.x + row.y }}{% endif %}{% endfor %}"


@pytest.mark.parametrize(
    ("route", "html", "rows"),
    [
        pytest.param(ITEM, SUM, f"{MANY}odd,x,1,\n", id="a row below the first thousand"),
        pytest.param(KIND, FIRST, "a,x,1,1\nb,y,,1\n", id="the list at one address"),
        pytest.param(ONE_OF, FIRST, "a,x,1,1\nb,y,,1\n", id="the list of one word"),
        pytest.param(KIND, FIRST, MANY[: MANY.index("s1200,")] + "odd,x,,1\n", id="the last page at one address"),
        pytest.param(LIST, FIRST, f"{MANY}odd,x,,1\n", id="the last page of a list"),
        pytest.param(BOTH, "{{ item.kind }}" + FIRST, "a,x,1,1\nb,y,,1\n", id="the list that belongs to a row"),
        pytest.param(BOOK, EACH.replace("CONDITION", "row.x"), "", id="entries with one cell empty"),
    ],
)
def test_one_mix_of_cells_alone_is_found(tmp_path: Path, route: str, html: str, rows: str) -> None:
    assert _said(tmp_path, route, html, rows) == ["failing-template"]
    assert _said(tmp_path, route, html.replace(".x + ", ".x|default(0, true) + ").replace("+ row.y", ""), MANY) == []


@pytest.mark.parametrize(("condition", "codes"), [("row.news == false", ["failing-template"]), ("row.kind == 'c'", [])])
def test_what_is_one_of_a_few_is_tried_out_with_each(tmp_path: Path, condition: str, codes: list[str]) -> None:
    html = f"{{% for row in data.book %}}{{% if {condition} %}}{{{{ row.kind / 2 }}}}{{% endif %}}{{% endfor %}}"
    assert _said(tmp_path, BOOK, html, "") == codes


def test_lists_that_nobody_can_come_to_are_not_tried_out(tmp_path: Path) -> None:
    assert _said(tmp_path, ONE_OF, FIRST, "a,x,1,1\nc,y,1,1\nb,z,,1\n") == []


def _said(folder: Path, route: str, html: str, rows: str) -> list[str]:
    (folder / "menu.csv").write_text(HEAD + rows, "utf-8")
    (folder / "kinds.csv").write_text("kind,title\nx,X\ny,Y\n", "utf-8")
    (folder / "site.toml").write_text(
        '[site]\nname = "A"\n[data.menu]\nfile = "menu.csv"\n'
        'columns = { slug = { key = true }, kind = "text", x = "number", y = "number" }\n'
        '[data.kinds]\nfile = "kinds.csv"\n'
        f'[data.book]\nform = "book"\nfields = ["x", "y", "news", "kind"]\n{FORM}\n{route}\nhtml = """{html}"""\n',
        "utf-8",
    )
    return [problem.code for problem in check_site(folder, {}) if problem.is_error]
