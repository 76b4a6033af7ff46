"""`handler`: what is imported for it, and how it is listed."""

import subprocess
import sys
from pathlib import Path

from viewing import hooked


def test_sites_without_python_import_nothing_for_it(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('[site]\nname = "Plain"\n[routes.home]\npath = "/"\ntext = "home"\n')
    code = (
        "import sys; from pathlib import Path; from declweb.loading import load_site; "
        f"assert load_site(Path({str(tmp_path)!r}), None, {{}}).app; "
        "print([name for name in sys.modules if name.startswith(('declweb.hooks.', 'declweb.compiler.h'))])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(eval(told)) == {"declweb.hooks.tested", "declweb.hooks.flashes", "declweb.compiler.headers"}


def test_views_are_listed_with_what_answers(tmp_path: Path) -> None:
    toml = (
        '[routes.login]\npath = "/login"\nget = "show"\npost = "log_in"\n'
        '[routes.item]\npath = "/<name>"\nhandler = "item"\n'
        '[json.stock]\npath = "/stock"\nhandler = "stock"\nmethods = ["GET", "POST"]\n'
    )
    code = "def show():\n    pass\nlog_in = stock = show\ndef item(name):\n    pass\n"
    listed = {each.name: each for each in hooked(tmp_path, code, toml).overview}
    assert listed["login"].answer == "show and log_in"
    assert listed["login"].methods == ("GET", "POST")
    assert listed["login"].reasons == ("is answered by `show` and `log_in`",)
    assert listed["item"].reasons == ("has variables in its address", "is answered by `item`")
    assert listed["json.stock"].place == "site.toml:14"
