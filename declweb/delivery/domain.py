"""What a domain says about who may send mail in its name: SPF, DKIM and DMARC.

Owns how these records are found and read. Knows no mail and no site.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

PATIENCE = 5.0
"""Seconds for one question."""
MOST_LOOKUPS = 10
"""Questions that receivers ask because of one SPF record (RFC 7208 section 4.6.4)."""
SELECTORS = (
    "default", "dkim", "mail", "email", "smtp", "mx", "key1", "key2", "k1", "k2", "k3", "s1", "s2", "selector1",
    "selector2", "sig1", "google", "fm1", "fm2", "fm3", "protonmail", "mandrill", "zoho", "mxvault", "dkim1", "2024",
    "2025", "2026",
)  # fmt: skip
"""Names under which providers keep their keys; the right one stands only in a mail itself (RFC 6376 section 3.1)."""
POLICIES = ("none", "quarantine", "reject")
"""What a DMARC record can ask for (RFC 7489 section 6.3)."""

_ASKING = ("include:", "a", "mx", "ptr", "exists:", "redirect=")
"""Terms of SPF for which a receiver must ask (RFC 7208 section 4.6.4)."""


class Unanswered(Exception):
    """No name server could be asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server knows of a name."""

    texts: tuple[str, ...] = ()
    exists: bool = True
    """Whether there is anything at or below the name (RFC 8020)."""


@dataclass
class Asker:
    """Asks a name server: that of the machine, or another one."""

    server: tuple[str, int] | None = None
    _resolver: dns.resolver.Resolver | None = field(default=None, repr=False)

    def texts(self, name: str) -> Answer:
        """Return the texts at a name."""
        return self._asked(name, "TXT")

    def takes_mail(self, domain: str) -> bool | None:
        """Tell whether a domain says where its mail goes (RFC 5321 section 5.1, RFC 7505); None where there is none."""
        mail = self._asked(domain, "MX")
        if not mail.exists:
            return None
        if mail.texts:
            return not all(text.split()[-1] == "." for text in mail.texts)
        return bool(self._asked(domain, "A").texts or self._asked(domain, "AAAA").texts)

    def _asked(self, name: str, kind: str) -> Answer:
        try:
            found = self._asking().resolve(dns.name.from_text(name), kind, search=False, lifetime=PATIENCE)
        except dns.resolver.NXDOMAIN:
            return Answer(exists=False)
        except dns.resolver.NoAnswer:
            return Answer()
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise Unanswered(str(error).partition("\n")[0]) from error
        if kind == "TXT":
            return Answer(tuple(b"".join(each.strings).decode("utf-8", "replace") for each in found))
        return Answer(tuple(each.to_text() for each in found))

    def _asking(self) -> dns.resolver.Resolver:
        if self._resolver is None:
            resolver = dns.resolver.Resolver(configure=self.server is None)
            if self.server is not None:
                resolver.nameservers, resolver.port = [self.server[0]], self.server[1]
            self._resolver = resolver
        return self._resolver


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a record; `help` says what to do where it is not good."""

    message: str
    help: str | None = None
    is_known: bool = True


# --- SPF --------------------------------------------------------------------------------------------------------------


class _Unusable(Exception):
    """Receivers give up on a record (RFC 7208 section 2.6.7)."""


def spf(domain: str, asker: Asker) -> Verdict:
    """Say what the SPF record of a domain lets receivers believe."""
    record = f'"v=spf1 include:… ~all" as TXT record of {domain}'
    try:
        terms = _spf_terms(domain, asker)
        if terms is None:
            return Verdict(
                "there is no SPF record: receivers cannot tell who may send",
                f"have {record} set, as the mail provider says",
            )
        count = _lookups(asker, terms, 0)
    except _Unusable as error:
        return Verdict(f"the SPF record cannot be used: {error}", "mend it, as the mail provider says")
    every = next((term for term in terms if term.lstrip("+-~?") == "all"), None)
    if every in {"all", "+all"}:
        return Verdict(f"the SPF record lets anybody send (`{every}`)", "write `~all` or `-all` instead")
    if every == "-all" and len(terms) == 1:
        return Verdict("the SPF record says that nobody sends mail for it (`-all`)", f"have {record} set")
    return Verdict(f"the SPF record names who may send ({count} of {MOST_LOOKUPS} questions)")


def _spf_terms(domain: str, asker: Asker) -> list[str] | None:
    found = [
        text for text in asker.texts(domain).texts if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")
    ]
    if len(found) > 1:
        raise _Unusable(f"there are {len(found)} of {domain}, and only one may be")
    return [term.lower() for term in found[0].split()[1:]] if found else None


def _lookups(asker: Asker, terms: Sequence[str], count: int) -> int:
    """Return how many questions a record makes, with those it includes; raises _Unusable where they are too many."""
    for term in (each.lstrip("+-~?") for each in terms):
        if not any(
            term == word or term.startswith((word if word[-1] in ":=" else f"{word}:", f"{word}/")) for word in _ASKING
        ):
            continue
        count += 1
        if count > MOST_LOOKUPS:
            raise _Unusable(f"it makes more than {MOST_LOOKUPS} questions")
        if term.startswith(("include:", "redirect=")) and "%" not in term:
            inner = term.partition(":" if term.startswith("include:") else "=")[2]
            further = _spf_terms(inner, asker)
            if further is None:
                raise _Unusable(f"it names {inner}, which has none")
            count = _lookups(asker, further, count)
    return count


# --- DKIM -------------------------------------------------------------------------------------------------------------


def dkim(domain: str, asker: Asker) -> Verdict:
    """Say which keys are found that mail could be signed with; the right selector cannot be known from here."""
    help_ = "sign mail with DKIM, or see that the mail provider does; it says which record to set"
    if not asker.texts(f"_domainkey.{domain}").exists:
        return Verdict("there is no DKIM key: nothing exists below _domainkey", help_)
    found = [selector for selector in SELECTORS if _has_key(asker.texts(f"{selector}._domainkey.{domain}").texts)]
    if found:
        return Verdict(
            f"there is a DKIM key (selector {', '.join(found)}); whether mail is signed with it, only a mail shows"
        )
    words = f"no DKIM key under {len(SELECTORS)} usual selectors; it may have another one, which only a mail shows"
    return Verdict(words, is_known=False)


def _has_key(texts: Sequence[str]) -> bool:
    """Tell whether one of these is a key that was not called back (RFC 6376 section 3.6.1)."""
    return any(_tags(text).get("p") for text in texts)


# --- DMARC ------------------------------------------------------------------------------------------------------------


def dmarc(domain: str, asker: Asker) -> Verdict:
    """Say what the domain asks receivers to do with mail that fails."""
    help_ = f'have "v=DMARC1; p=none; rua=mailto:…" set as TXT record of _dmarc.{domain}'
    where, found = _dmarc_records(domain, asker)
    if not found:
        return Verdict("there is no DMARC record: large receivers distrust such mail", help_)
    if len(found) > 1:
        return Verdict(f"there are {len(found)} DMARC records at {where}: receivers use none of them", "leave one")
    tags = _tags(found[0])
    policy = tags.get("sp", tags.get("p", "")) if where != f"_dmarc.{domain}" else tags.get("p", "")
    if policy.lower() not in POLICIES:
        return Verdict(
            f"the DMARC record at {where} has no `p` that receivers know", f"write p={', p='.join(POLICIES)}"
        )
    return Verdict(f"the DMARC record at {where} asks for `{policy.lower()}`")


def _dmarc_records(domain: str, asker: Asker) -> tuple[str, list[str]]:
    """Return the records nearest at or above a domain, and where; the walk up stands in for a list of suffixes."""
    for name in _upwards(domain):
        texts = asker.texts(f"_dmarc.{name}").texts
        found = [text for text in texts if text.partition(";")[0].replace(" ", "") == "v=DMARC1"]
        if found:
            return f"_dmarc.{name}", found
    return "", []


def _upwards(domain: str) -> Iterator[str]:
    labels = domain.rstrip(".").split(".")
    for number in range(max(len(labels) - 1, 1)):
        yield ".".join(labels[number:])


def _tags(text: str) -> dict[str, str]:
    """Return the tags of a record (RFC 6376 section 3.2)."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in parts if name.strip()}
