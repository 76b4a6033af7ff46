"""Beside site.toml, where gunicorn looks for it: new processes soon answer, for what they need is imported already."""

import declweb

control_socket_disable = True  # it would lie in the home of the user, who has none
declweb.import_all()
