"""From rows to rules: every word of a line is judged.

Owns what addresses, statuses and conditions may be, by the models. Must not know where rows come from.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote

from pydantic import TypeAdapter, ValidationError

from declweb.model.redirects import CONDITIONS, PERMANENT, Redirect
from declweb.model.urls import UrlPath, is_external, variables
from declweb.problems import suggestion
from declweb.redirect_files.file import File
from declweb.redirect_files.netlify import condition
from declweb.redirect_files.notation import REWRITE, Notation
from declweb.redirect_files.rules import Rule, Rules
from declweb.redirect_files.words import LONGEST, Row, Word, Wrong

_SOURCE: TypeAdapter[str] = TypeAdapter(UrlPath)


class Reader:
    """Reads the rows of one file."""

    def __init__(self, file: File, notation: Notation, rules: Rules) -> None:
        self._file = file
        self._notation = notation
        self._rules = rules
        self._number = 0
        self._errors = 0

    def read(self, lines: Sequence[str]) -> None:
        """Add the rules that these lines say, and complain about those that say none."""
        plain, redirects, rows, above = self._notation.plain, self._rules.redirects, self._rules.rows, self._file.above
        top = self._notation.top
        for number, line in enumerate(lines[top:], top + 1):
            found = plain(line) if len(line) <= LONGEST else None
            if found and found[0] not in rows:
                redirects[found[0]] = found[1]
                rows[found[0]] = above + number
            elif found:
                self._rules.add(Rule(*found), self._file, number)
            elif line:
                self._number = number
                self._read_line(line)

    def _read_line(self, line: str) -> None:
        self._errors = self._file.errors
        try:
            if len(line) > LONGEST:
                raise Wrong("bad-row", f"the line is longer than {LONGEST:,} characters", "take it out")  # noqa: TRY301 # told like what the functions below raise
            row = self._notation.cut(line)
        except Wrong as wrong:
            self.complain(wrong)
        else:
            if row:
                _Line(row, self._notation, self).read()

    def complain(self, wrong: Wrong) -> None:
        """Add a problem with the line that is being read."""
        self._file.complain(self._number, wrong)

    def add(self, rule: Rule) -> None:
        """Add what the line says, unless something in it is wrong."""
        if self._errors == self._file.errors:
            self._rules.add(rule, self._file, self._number)


class _Line:
    """One row on its way to a rule."""

    def __init__(self, row: Row, notation: Notation, reader: Reader) -> None:
        self._row = row
        self._notation = notation
        self._reader = reader
        self._source = ""
        self._known: set[str] | None = None
        """The variables of the old address; None when it is wrong."""
        self._fields: dict[str, Any] = {}
        self._words = {"to": row.target}
        self._is_rewrite = False

    def read(self) -> None:
        """Add the rule, or complain about every word that is wrong."""
        for word, read in self._steps():
            try:
                read()
            except Wrong as wrong:
                wrong.word = word
                self._reader.complain(wrong)
            except ValidationError as errors:
                for error in errors.errors(include_url=False):
                    context, field_ = error["ctx"], error["loc"][0] if error["loc"] else ""
                    found = self._words.get(str(field_), word)
                    self._reader.complain(Wrong(error["type"], context["message"], context["help"], found))

    def _steps(self) -> Iterator[tuple[Word, Callable[[], None]]]:
        row = self._row
        yield row.source, self._read_source
        for word in row.parameters:
            yield word, partial(self._add_parameters, word.text)
        for word in row.conditions:
            yield word, partial(self._add_condition, word)
        if row.status:
            yield row.status, partial(self._read_status, row.status)
        yield row.target, self._read_target

    def _read_source(self) -> None:
        host, path, query = _parts(self._row.source.text)
        source = _readable(self._notation.source(path))
        _SOURCE.validate_python(source.replace(" ", "-"))  # an address of an old site may have had spaces
        self._source = source
        self._known = {variable.name for variable in variables(source)}
        if host is not None and self._notation.keeps_host:
            self._fields["host"] = [host]
        self._add_parameters(query)

    def _add_parameters(self, text: str) -> None:
        for piece in filter(None, text.split("&")):
            name, equals, written = piece.partition("=")
            if not name:
                raise Wrong("bad-row", f"`{piece}` names no parameter", "write its name in front")
            value = self._notation.parameter(written)
            captured = _CAPTURE.fullmatch(value)
            if not captured and ("<" in value or ">" in value):
                hint = "write it `<name>`"
                raise Wrong("bad-path", f"a variable in a query is written `<name>`, not `{value}`", hint)
            name, value = _readable(name), value if captured else _readable(value.replace("+", " "))
            self._fields.setdefault("query", {})[name] = value if equals else True
            if captured and self._known is not None:
                self._known.add(captured[1])

    def _add_condition(self, word: Word) -> None:
        name, values = condition(word.text)
        self._fields.setdefault(name, []).extend(values)
        self._words[name] = word

    def _read_status(self, word: Word) -> None:
        status, is_forced = _status(word.text, self._notation.statuses)
        if is_forced:
            self._fields["force"] = True
        if status == REWRITE:
            self._is_rewrite = True
        elif status in PERMANENT and not self._fields.keys().isdisjoint(CONDITIONS):
            message = f"a redirect with a condition cannot be permanent: browsers would keep a {status} for everyone"
            self._reader.complain(Wrong("permanent-condition-302", message, "write 302, which it is here", word))
            self._fields["status"] = 302
        else:
            self._fields["status"] = status

    def _read_target(self) -> None:
        written, known = self._row.target.text, self._known
        to = written if known is None else self._notation.target(written, known)
        if to.startswith("/.netlify/"):
            raise Wrong("unsupported-rule", f"`{to}` is an address of Netlify's own", "take the line out")
        redirect = Redirect.model_validate({"to": to, **self._fields})
        if known is not None:
            _check_variables(to, known, self._source)
        if self._is_rewrite and is_external(to):
            message = f"this would fetch {to} and show it as a page of this site, and nothing here does that"
            raise Wrong("unsupported-rule", message, "write 302 instead of 200 to send visitors there")
        if "host" in self._fields and _leads_back(self._source, self._fields["host"], to):
            message = "this changes nothing but http and https, and would lead in a circle"
            raise Wrong(
                "unsupported-rule", message, "take the line out; what stands before this site does it by itself"
            )
        is_plain = not self._is_rewrite and self._fields in ({}, {"status": 301})
        self._reader.add(Rule(self._source, to if is_plain else redirect, self._is_rewrite))


_CAPTURE = re.compile(r"<([A-Za-z_]\w*)>")


_URL = re.compile(r"(?i:https?://([^/?]*))?+([^?]*)(?:\?(.*))?", re.DOTALL)


def _parts(source: str) -> tuple[str | None, str, str]:
    """Return host, path and query of an old address."""
    if "#" in source:
        raise Wrong("bad-path", f"a `#` never reaches a server: `{source}`", "take it out")
    found = _URL.fullmatch(source)
    assert found is not None
    host, path, query = found.groups()
    if host is not None and not re.fullmatch(r"[^\s@:*<>]+(?::\d+)?", host):
        raise Wrong("bad-url", f"`{source}` is no web address", "such as https://www.example.org/old")
    return host and host.lower(), path if host is None else path or "/", query or ""


def _readable(text: str) -> str:
    """Return what stands in an address as people read it."""
    if "%" not in text:
        return text
    if re.search("%3[ce]", text, re.IGNORECASE):
        raise Wrong("bad-path", f"an address with `<` or `>` in it cannot be written: `{text}`", "delete the row")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        message = f"`{text}` is not escaped as UTF-8, and browsers ask in no other way"
        raise Wrong("bad-path", message, "write the letters themselves") from None


def _status(text: str, statuses: Collection[int]) -> tuple[int, bool]:
    """Return a status, and whether it holds even where there is a page."""
    found = re.fullmatch(r"([1-5]\d\d)(!?)", text, re.ASCII)
    status = int(found[1]) if found else 0
    if found and status in statuses:
        return status, bool(found[2])
    hint = "write one of " + ", ".join(map(str, statuses))
    if status >= 400:
        hint = f'take the line out; the page for it is set below [errors], such as {status} = "errors/{status}.html"'
    raise Wrong("bad-status", f"`{text}` is no status of a redirect", hint)


def _check_variables(to: str, known: Collection[str], source: str) -> None:
    for variable in variables(to):
        if variable.name not in known:
            listed = f"it has {', '.join(sorted(known))}" if known else "the old address has no variables"
            message = f"`<{variable.name}>` is no variable of {source}"
            raise Wrong(
                "unknown-variable", message, suggestion(variable.name, known) or listed, part=f"<{variable.name}>"
            )


def _leads_back(source: str, hosts: Collection[str], to: str) -> bool:
    found = _URL.fullmatch(to)
    bare = re.sub(r"<path:(\w+)>", r"<\1>", source)
    return found is not None and (found[1] or "").lower() in hosts and (found[2] or "/") == bare
