"""`declweb.import_all`: what is imported before a server makes its processes."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "deploy" / "site"
PROGRAM = """
import sys
import declweb

declweb.import_all()
before = set(sys.modules)
declweb.load(sys.argv[1], reload=False)
print(*sorted(name for name in set(sys.modules) - before if name.partition(".")[0] == "declweb"))
print(*(name for name in ("declweb.cli", "declweb.serving.serve", "declweb.flask_import", "_pytest") if name in before))
"""


def test_a_site_imports_nothing_more_of_declweb(tmp_path: Path) -> None:
    for file in ("site.toml", "hooks.py", "templates/home.html", "static/poem.txt"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes((EXAMPLE / file).read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "site.toml"], capture_output=True, text=True, check=True
    )
    more, too_many = done.stdout.splitlines()
    assert more == ""
    assert too_many == ""
