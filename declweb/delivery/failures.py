"""Why another machine could not be asked, in plain words.

Owns the words for what sockets, TLS and HTTP raise. Knows no message.
"""

import http.client
import re
import socket
import ssl

CERTIFICATES = {
    9: "is not valid yet",
    10: "has expired",
    18: "was signed by itself and by nobody that is trusted",
    19: "was signed by nobody that is trusted",
    20: "was signed by nobody that is trusted, or a certificate between the two is missing",
    21: "was signed by nobody that is trusted, or a certificate between the two is missing",
    23: "was called back",
    62: "is one for another name",
    64: "is one for another address",
}
"""What can be wrong with a certificate, by OpenSSL's number of it (X509_V_ERR_…)."""

NAMES = {
    socket.EAI_AGAIN: "the name {host} cannot be looked up at the moment",
    socket.EAI_FAIL: "the name {host} cannot be looked up",
    socket.EAI_NONAME: "there is no machine called {host}",
    socket.EAI_NODATA: "there is no machine called {host}",
}
"""What can become of a name (RFC 3493 section 6.1)."""

WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, "{host} gave no answer in time"),
    (ConnectionRefusedError, "nothing answers at {host}: the connection was refused"),
    (ConnectionError, "{host} ended the connection before it answered"),
    (ssl.SSLEOFError, "{host} ended the connection before it answered"),
    (http.client.HTTPException, "{host} answered with something that is no HTTP"),
    (UnicodeError, "{host} is no name of a machine"),
)
"""What else can go wrong; the first that fits."""

_PLAIN = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})
"""What OpenSSL says of an answer without TLS."""


def failure(error: BaseException, host: str) -> str:
    """Say in a sentence why there was no answer from a machine."""
    if isinstance(error, socket.gaierror):
        return NAMES.get(error.errno or 0, "the name {host} cannot be looked up").format(host=host)
    if isinstance(error, ssl.SSLCertVerificationError):
        what = CERTIFICATES.get(error.verify_code, f"cannot be trusted ({error.verify_message})")
        return f"the certificate of {host} {what}"
    for kind, words in WORDS:
        if isinstance(error, kind):
            return words.format(host=host)
    if isinstance(error, ssl.SSLError):
        if error.reason in _PLAIN:
            return f"{host} does not speak TLS there"
        return f"{host} and this machine find no safe way to speak TLS ({(error.reason or 'unknown').lower()})"
    reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
    return f"{host} cannot be reached: {reason}"


def one_line(text: str, most: int = 200) -> str:
    """Return what another machine said as one line that is safe to show, shortened."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in re.sub(r"<[^>]*>", " ", text)).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"
