"""What the Host field of a request may be.

Owns its spelling. Knows nothing of which hosts a site has.
"""

import re

_HOST = re.compile(r"(?:[\w.~!$&'()*+;=%-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{0,5}))?", re.ASCII)
_PORTS = 65536


def is_host(host: str) -> bool:
    """Tell whether this is a host with or without a port, or empty (RFC 9110, section 7.2); a list of them is none."""
    found = _HOST.fullmatch(host)
    return found is not None and int(found["port"] or 0) < _PORTS
