"""What servers load that want a module: the site beside this file."""

from pathlib import Path

import declweb

application = declweb.load(Path(__file__).with_name("site.toml"))
