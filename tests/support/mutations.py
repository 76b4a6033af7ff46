"""Breaks a valid site in every way it knows, and says where `check` must point.

Reads the site file line by line with nothing of declweb's own: what it expects must not come from what it tests. A
mutant says which lines are right; `check` must report a problem at one of them, and for a misspelling the word that
was meant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = re.compile(r"^(\[\[?)([A-Za-z_]+)((?:\.[^\]]+)?)(\]\]?)")
KEY = re.compile(r'^("[^"]+"|[A-Za-z0-9_-]+)(\s*=\s*)')
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
LITERAL = re.compile(r"(?<== )'[^']*'")
INLINE_KEY = re.compile(r"(?<=[{,\s])([a-z_]+)(?= = )")

WORDS = {
    "include", "redirects_from", "site", "name", "url", "language", "languages", "timezone", "description", "config",
    "templates", "folder", "converters", "pattern", "one_of", "type", "min", "max", "digits", "max_length", "routes",
    "path",
    "methods", "template", "text", "html", "file", "status", "headers", "mimetype", "values", "cache", "off",
    "redirects", "to", "force", "query", "host", "country", "cookie", "starts", "ends", "errors", "set", "unset",
    "only_status", "static", "json", "value", "server", "port", "workers", "threads", "grace", "prefix", "limits",
    "index", "urls", "listing", "precompressed",
    "body",
    "forms", "fields", "send", "success", "redirect", "message", "keep", "limit", "closed", "closed_text",
    "max_entries", "approve", "guard", "label", "help", "required", "required_when", "show_when", "min_length",
    "choices", "accept",
    "max_size", "multiple", "unique", "default", "prefill", "places", "email", "webhook", "when", "subject", "reply_to",
    "attach", "secret", "optional", "session", "lifetime", "samesite", "secure", "storage", "database", "uploads",
    "mail", "from", "body_time", "readers",
    "hooks", "module", "before_request", "after_request", "teardown_request", "context_processors", "template_filters",
    "template_tests", "template_globals", "commands", "handler", "get", "post", "put", "patch", "delete", "paths",
    "middleware", "use", "options", "set_cookies", "max_age", "domain", "httponly", "validate", "before_store",
    "after_store",
    "logging", "access", "level", "format", "proxy", "trust", "for", "proto", "country_header", "env",
}  # fmt: skip
"""Every word of the language: what is misspelt must be known to be one."""

OWN = {"config", "values", "value", "set", "redirects", "errors", "query"}
"""Keys and tables in which the names are the author's."""

REQUIRED = {
    "site": {"name"},
    "forms": {"path"},
    "routes": {"path"},
    "json": {"path", "value"},
    "static": {"path", "folder"},
}
ANSWERS = {"template", "text", "html", "file", "handler"}
NAMED = {"fields", "columns"}
"""Parts of tables in which the keys are the author's."""
ROWS = {"item", "items"}
"""Keys that templates know by their names."""
HANDLERS = {"handler", "get", "post", "put", "patch", "delete", "use", "validate", "before_store", "after_store"}
"""Keys that name a function of the site's own Python."""


@dataclass(frozen=True)
class Mutant:
    """A broken site."""

    name: str
    files: dict[str, str | None]
    """What is written over the valid site; None deletes."""
    lines: frozenset[tuple[str, int]]
    """Where a problem may be reported."""
    suggestion: str | None = None
    may_stay_valid: str | None = None
    """Why the mutant may be no mistake at all."""


@dataclass(frozen=True)
class Line:
    """One line of a site file and where it stands."""

    number: int
    text: str
    table: str
    """The first word of the header above it; empty at the top."""
    part: str
    """The last word of that header where it is one of a table in a form or in data: `fields`, `send`, `columns`."""
    header: int
    """The line of that header; 0 at the top."""
    key: str | None
    """The key that begins here; None for headers, comments and lines inside a value."""
    is_header: bool
    is_text: bool
    """Whether it stands inside a text of several lines."""


def lines_of(text: str) -> list[Line]:
    """Return the lines of a site file."""
    found: list[Line] = []
    table, part, header, depth, in_text = "", "", 0, 0, False
    for number, line in enumerate(text.splitlines(), 1):
        was_inside, is_text = depth > 0 or in_text, in_text
        if line.count('"""') % 2:
            in_text = not in_text
        bare = STRING.sub('""', line).split("#")[0]
        is_header = not was_inside and HEADER.match(line) is not None
        if is_header:
            parts = HEADER.match(line)
            assert parts is not None
            table, header = parts[2], number
            part = parts[3].rpartition(".")[2] if table in {"forms", "data"} and parts[3].count(".") == 2 else ""
            if table == "env":
                table = parts[3].split(".")[-1]
        else:
            depth += bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
        match = None if was_inside or is_header else KEY.match(line)
        found.append(Line(number, line, table, part, header, match[1] if match else None, is_header, is_text))
    return found


def mutants(site: Path, name: str = "site.toml") -> Iterator[Mutant]:
    """Yield every mutant of one file of a site."""
    text = (site / name).read_text()
    lines = lines_of(text)
    maker = _Maker(site, name, text.splitlines(), lines)
    yield from maker.misspelt()
    yield from maker.of_wrong_type()
    yield from maker.without_required()
    yield from maker.doubled()
    yield from maker.left_open()
    yield from maker.moved()
    yield from maker.renamed()


REPEATABLE = ("[[headers", "[[config", "[[forms", "[[protect", "[[middleware", "[[tests")
"""Tables that say nothing else when they are said twice."""


class _Maker:
    """Makes the mutants of one site file."""

    def __init__(self, site: Path, name: str, raw: list[str], lines: list[Line]) -> None:
        self.site = site
        self.name = name
        self.raw = raw
        self.lines = lines

    def _with(self, number: int, *replacement: str) -> dict[str, str | None]:
        changed = [*self.raw[: number - 1], *replacement, *self.raw[number:]]
        return {self.name: "\n".join(changed) + "\n"}

    def _at(self, *numbers: int) -> frozenset[tuple[str, int]]:
        return frozenset((self.name, number) for number in numbers)

    def _inside_own(self, line: Line) -> bool:
        return line.part in NAMED or line.table in OWN or (line.key or "").strip('"') in OWN or line.key is None

    def misspelt(self) -> Iterator[Mutant]:
        """A letter is swapped in each key of the language."""
        for line in self.lines:
            if line.is_header and (match := HEADER.match(line.text)):
                word = match[2]
                changed = line.text.replace(word, swapped(word), 1)
                yield self._misspelt(line, changed, word)
                nested = match[3].split(".")[-1]
                if (word == "env" and nested in WORDS) or line.part:
                    yield self._misspelt(line, line.text.replace(nested, swapped(nested), 1), nested)
            elif line.key in WORDS and line.part not in NAMED and (line.table not in OWN or line.table == ""):
                yield self._misspelt(
                    line, line.text.replace(line.key or "", swapped(line.key or ""), 1), line.key or ""
                )
            if line.table in {"converters", "redirects", "forms", "hooks"} and not line.is_header:
                for found in INLINE_KEY.finditer(_without_strings(line.text)):
                    if found[1] in WORDS:
                        word = found[1]
                        changed = line.text[: found.start()] + swapped(word) + line.text[found.end() :]
                        yield self._misspelt(line, changed, word)

    def _misspelt(self, line: Line, changed: str, word: str) -> Mutant:
        return Mutant(
            f"misspelt {word} in line {line.number}", self._with(line.number, changed), self._at(line.number), word
        )

    def of_wrong_type(self) -> Iterator[Mutant]:
        """Each value is given a wrong type."""
        for line in self.lines:
            if line.key is None or line.key in {"value", "values"} or (line.table == "config" and line.key != "config"):
                continue
            match = KEY.match(line.text)
            assert match is not None
            rest = line.text[match.end() :]
            if rest.rstrip().endswith(("{", "[", '"""')) and not _closed(rest):
                continue
            is_open = line.key in (
                {"form", "json", "header", "headers"} if line.table == "tests" else {"config", "set", "headers"}
            )
            for wrong in ("[1.5]", "{ wrong = 1 }") if rest.startswith('"') else ('{ wrong = "x" }', "1.5"):
                if is_open and wrong.startswith("{"):
                    continue
                yield Mutant(
                    f"{line.key} = {wrong} in line {line.number}",
                    self._with(line.number, line.text[: match.end()] + wrong),
                    self._at(line.number),
                )

    def without_required(self) -> Iterator[Mutant]:
        """Each required key is dropped."""
        for line in self.lines:
            needed = (
                set[str]()
                if line.part
                else REQUIRED.get(line.table, set()) | (ANSWERS if line.table == "routes" else set())
            )
            if line.key in needed and _closed(line.text):
                yield Mutant(f"no {line.key} in line {line.number}", self._with(line.number), self._at(line.header))

    def doubled(self) -> Iterator[Mutant]:
        """Each table is doubled."""
        for line in self.lines:
            if not line.is_header:
                continue
            body = [other.text for other in self.lines if other.header == line.number]
            first = len(self.raw) + 1
            numbers = range(first, first + len(body))
            reason = "it may be said twice" if line.text.startswith(REPEATABLE) else None
            changed: dict[str, str | None] = {self.name: "\n".join([*self.raw, *body]) + "\n"}
            yield Mutant(f"doubled {line.text.strip()}", changed, self._at(*numbers), may_stay_valid=reason)

    def left_open(self) -> Iterator[Mutant]:
        """Each string is left open."""
        for line in self.lines:
            code = LITERAL.sub(lambda found: "_" * len(found[0]), line.text)
            comment = _without_strings(code).find("#")
            for found in STRING.finditer(code if comment < 0 else code[:comment]):
                if '"""' in code or line.is_text:
                    continue
                changed = line.text[: found.end() - 1] + line.text[found.end() :]
                yield Mutant(
                    f"open string at {found.start() + 1} in line {line.number}",
                    self._with(line.number, changed),
                    self._at(line.number),
                )

    def moved(self) -> Iterator[Mutant]:
        """Each key is moved below the next header."""
        headers = [line.number for line in self.lines if line.is_header]
        for line in self.lines:
            following = next((number for number in headers if number > line.number), None)
            if line.key is None or following is None or not _closed(line.text):
                continue
            raw = list(self.raw)
            raw.insert(following, line.text)
            del raw[line.number - 1]
            changed: dict[str, str | None] = {self.name: "\n".join(raw) + "\n"}
            free = self.raw[following - 1].startswith(("[config", "[redirects", "[errors"))
            own = line.table == "config"
            names = INLINE_KEY.findall(line.text) if line.key == "values" else [line.key] if line.key in ROWS else []
            uses = frozenset().union(*(self._in_site_files(name) for name in names))
            yield Mutant(
                f"{line.key} of line {line.number} moved below line {following}",
                changed,
                self._at(following, *([line.header] if line.header else [])) | uses,
                may_stay_valid="names are the author's there" if free or own else self._reason(line, following),
            )

    def _reason(self, line: Line, following: int) -> str | None:
        """Return why a key may stand below another header just as well."""
        table = self.lines[following - 1].table
        shared = {
            "cache": {"routes", "json", "static"},
            "mimetype": {"routes"},
            "headers": {"routes", "tests"},
            "set_cookies": {"routes"},
            "methods": {"routes", "json"},
            "cors": {"json"},
            **{key: {"routes", "json"} for key in ("handler", "get", "post", "put", "patch", "delete")},
            "listing": {"static"},
            "navigation_only": {"rewrites"},
            "off": {"routes"},
            "language": {"data"},
            **{key: {"tests"} for key in ("status", "location", "contains", "lacks", "header", "json", "form")},
        } | {
            key: {"forms"}
            for key in ("subject", "reply_to", "attach", "template", "secret", "optional", "keep", "required")
        }
        return "it says the same of the next table" if table in shared.get(line.key or "", ()) else None

    def renamed(self) -> Iterator[Mutant]:
        """Each named file, template, converter and route is renamed, where it is named and where it is defined."""
        for line in self.lines:
            if line.key in {"template", "file", "folder", "include"} or line.table == "errors":
                for found in STRING.finditer(line.text):
                    if len(found[0]) > 4 and "*" not in found[0]:
                        changed = (
                            line.text[: found.start() + 1] + swapped(found[0][1:-1]) + line.text[found.end() - 1 :]
                        )
                        yield Mutant(
                            f"renamed {found[0]} in line {line.number}",
                            self._with(line.number, changed),
                            self._at(line.number),
                            found[0][1:-1],
                        )
            if line.key in HANDLERS and line.table in {"routes", "json", "forms", "middleware"}:
                yield from self._handler(line)
            if line.table == "converters" and line.key:
                yield self._converter(line)
            if line.part == "fields" and line.key:
                yield self._field(line)
            if line.is_header and (match := HEADER.match(line.text)) and match[2] == "forms" and not line.part:
                yield self._form(line, match[3][1:])
            if line.is_header and (match := HEADER.match(line.text)) and match[2] == "routes":
                yield self._route(line, match[3][1:])

    def _handler(self, line: Line) -> Iterator[Mutant]:
        for found in STRING.finditer(line.text):
            module, colon, name = found[0][1:-1].rpartition(":")
            if len(name) > 2:
                changed = (
                    f"{line.text[: found.start() + 1]}{module}{colon}{swapped(name)}{line.text[found.end() - 1 :]}"
                )
                files, at = self._with(line.number, changed), self._at(line.number)
                yield Mutant(f"renamed {found[0]} in line {line.number}", files, at, name)

    def _converter(self, line: Line) -> Mutant:
        assert line.key is not None
        uses = self._in_site_files(f"<{line.key}:")
        changed = self._with(line.number, line.text.replace(line.key, swapped(line.key), 1))
        reason = None if uses else "nothing uses it"
        return Mutant(f"renamed converter {line.key}", changed, self._at(line.number) | uses, may_stay_valid=reason)

    def _in_site_files(self, word: str) -> frozenset[tuple[str, int]]:
        """Return the lines of all files of the site that have a word."""
        files = [*self.site.glob("**/*.toml"), *(path for path in self.site.glob("templates/**/*") if path.is_file())]
        return frozenset(
            (path.relative_to(self.site).as_posix(), number)
            for path in files
            for number, text in enumerate(path.read_text().splitlines(), 1)
            if word in text
        )

    def _field(self, line: Line) -> Mutant:
        assert line.key is not None
        uses = frozenset[tuple[str, int]]()
        for use in (f"entry.{line.key}", f"form.{line.key}", f"{{ {line.key} = ", f'"{line.key}"'):
            uses |= self._in_site_files(use)
        changed = self._with(line.number, line.text.replace(line.key, swapped(line.key), 1))
        reason = "what names it may mean the field of another form"
        return Mutant(f"renamed field {line.key}", changed, self._at(line.number) | uses, may_stay_valid=reason)

    def _form(self, line: Line, name: str) -> Mutant:
        changed = self._with(line.number, line.text.replace(f".{name}]", f".{swapped(name)}]", 1))
        uses = self._in_site_files(f'"form.{name}"') | self._in_site_files(f"[forms.{name}.")
        return Mutant(f"renamed form {name}", changed, self._at(line.number) | uses)

    def _route(self, line: Line, name: str) -> Mutant:
        quote, name = name[: name.startswith('"')], name.strip('"')
        header, other = f".{quote}{name}{quote}]", f".{quote}{swapped(name)}{quote}]"
        changed = self._with(line.number, line.text.replace(header, other, 1))
        quoted = self._in_site_files(f'"{name}"') | self._in_site_files(f"'{name}'")
        quoted -= {(self.name, other.number) for other in self.lines if other.key in HANDLERS}
        uses = quoted | self._in_site_files("url_for(name")
        reason = None if uses else "nothing links to it by name"
        return Mutant(f"renamed route {name}", changed, self._at(line.number) | uses, may_stay_valid=reason)


def template_mutants(site: Path) -> Iterator[Mutant]:
    """Yield the mutants of the templates of a site: undefined names, unclosed blocks, files that are gone."""
    has_views = "\n[hooks]" in (site / "site.toml").read_text()
    for path in sorted((site / "templates").rglob("*.html")):
        name = path.relative_to(site).as_posix()
        text = path.read_text()
        lines = text.splitlines()
        place = _inside_block(lines)
        for broken, what in (("{{ undefinde_name }}", "undefined name"), ("{% if true %}", "unclosed block")):
            changed = "\n".join([*lines[:place], broken, *lines[place:]]) + "\n"
            is_given = has_views and broken.startswith("{{")
            reason = "a view may give it" if is_given else None
            yield Mutant(f"{what} in {name}", {name: changed}, frozenset({(name, place + 1)}), may_stay_valid=reason)
        uses = frozenset(_uses(site, path.relative_to(site / "templates").as_posix()))
        reason = None if uses else "nothing uses it"
        yield Mutant(f"{name} is gone", {name: None}, uses, may_stay_valid=reason)


def _inside_block(lines: list[str]) -> int:
    """Return the index of the first line behind a block's or macro's beginning, else behind the first line."""
    for index, line in enumerate(lines):
        if re.search(r"\{%-? (block|macro) ", line) and "{% end" not in line:
            return index + 1
    return min(1, len(lines))


def page_mutants(site: Path) -> Iterator[Mutant]:
    """Yield the mutants of the front matter of a site's pages: misspelt keys, texts left open, no end."""
    for path in sorted((site / "pages").rglob("*.md")):
        name = path.relative_to(site).as_posix()
        opening, *lines = path.read_text().split("\n")
        if opening != "+++":
            continue
        end = lines.index("+++")
        for place, line in enumerate(lines[:end]):
            if line.startswith("["):
                break
            if key := KEY.match(line):
                for broken, what, meant in (
                    (line.replace(key[1], swapped(key[1]), 1), "misspelt", key[1]),
                    (line.removesuffix('"'), "left open", None),
                ):
                    if broken != line:
                        changed = "\n".join([opening, *lines[:place], broken, *lines[place + 1 :]])
                        at = frozenset({(name, place + 2)})
                        yield Mutant(f"{what} {key[1]} in {name}", {name: changed}, at, meant)
        without_end = "\n".join([opening, *lines[:end], *lines[end + 1 :]])
        yield Mutant(f"no end of the front matter in {name}", {name: without_end}, frozenset({(name, 1)}))


def _uses(site: Path, template: str) -> Iterator[tuple[str, int]]:
    for path in [*site.glob("*.toml"), *(site / "templates").rglob("*.html"), *(site / "pages").rglob("*.md")]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if f'"{template}"' in line or f"'{template}'" in line:
                yield path.relative_to(site).as_posix(), number


def swapped(word: str) -> str:
    """Return a word with two neighbouring letters swapped, as late as possible but for the last."""
    places = [i for i in range(len(word) - 1) if word[i] != word[i + 1] and word[i].isalnum() and word[i + 1].isalnum()]
    if not places:
        return f"{word}x"
    at = places[len(places) // 2]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _closed(text: str) -> bool:
    bare = STRING.sub('""', text).split("#")[0]
    balance = bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
    return balance == 0 and text.count('"""') % 2 == 0


def _without_strings(text: str) -> str:
    return STRING.sub(lambda found: '"' + "_" * (len(found[0]) - 2) + '"', text)
