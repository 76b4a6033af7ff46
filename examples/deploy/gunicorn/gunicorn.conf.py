"""Beside site.toml, where gunicorn looks for it: new processes soon answer, for what they need is imported already."""

import declweb

declweb.import_all()
