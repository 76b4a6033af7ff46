"""What is wrong with a site: where, what, why it matters, and what would be right.

Owns the shape of a problem, the table of problem codes, and how problems are drawn for people, for programs and for
CI services. Knows nothing of TOML, of models or of the web: whoever finds a problem brings its place.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from declweb.discretion import masked, secrets, without

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem."""

    severity: Severity
    why: str
    """Why it matters, one sentence for the person who wrote the file."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of one line of a file; lines and columns count from 1, columns in characters.

    A place without a line is the file as a whole.
    """

    file: str
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    """The column after the last character."""
    text: str | None = field(default=None, compare=False)
    """The whole line, without its line ending."""

    @classmethod
    def of(cls, file: str, text: str, start: int, end: int, line_ends: Sequence[int] | None = None) -> "Place":
        """Return the place of `text[start:end]`; what spans several lines ends with the first one.

        `line_ends` are the offsets of all line feeds, for whoever asks for many places of one text.
        """
        begin = text.rfind("\n", 0, start) + 1
        stop = text.find("\n", start)
        line = text[begin : len(text) if stop < 0 else stop].removesuffix("\r")
        column = start - begin + 1
        last = max(column + 1, min(end - begin, len(line)) + 1)
        above = text.count("\n", 0, start) if line_ends is None else bisect_left(line_ends, start)
        return cls(file, above + 1, column, last, line)

    @classmethod
    def of_line(cls, file: str, text: str, number: int, word: str = "") -> "Place":
        """Return the place of `word` in the line with this number; of the whole line where the word is not in it."""
        lines = text.splitlines()
        if not 1 <= number <= len(lines):
            return cls(file)
        line = lines[number - 1]
        found = line.find(word) if word else -1
        start, width = (found, len(word)) if found >= 0 else (len(line) - len(line.lstrip()), len(line.strip()))
        return cls(file, number, start + 1, start + 1 + max(width, 1), line)

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Also:
    """Another place that belongs to a problem, and what is there, such as `in [routes.product]`."""

    place: Place
    note: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in the words of the site file."""

    code: str
    message: str
    place: Place
    also: tuple[Also, ...] = ()
    help: str | None = None

    @property
    def severity(self) -> Severity:
        """Whether the site can run with it."""
        return CODES[self.code].severity

    @property
    def is_error(self) -> bool:
        """Whether it keeps the site from running."""
        return self.severity == "error"


class SiteError(Exception):
    """A site that cannot run; carries all its problems."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n\n" + draw_text(self.problems))


CODES: dict[str, Code] = {
    "bad-address": Code("error", "Nothing that is sent there would arrive."),
    "bad-column": Code("error", "Columns are told apart by their names alone."),
    "bad-encoding": Code("error", "Letters could only be guessed."),
    "bad-header": Code("error", "Browsers and proxies drop answers with a malformed header."),
    "bad-json": Code("error", "What is written in it could only be guessed."),
    "bad-mimetype": Code("error", "Browsers decide by the media type what to do with an answer."),
    "bad-name": Code("error", "Templates and addresses can only use names that are written in one way."),
    "bad-path": Code("error", "No visitor could ever ask for such an address."),
    "bad-pattern": Code("error", "A pattern that cannot be used would let nothing, or anything, through."),
    "bad-row": Code("error", "What it says could only be guessed."),
    "bad-secret": Code("error", "Whoever guesses it could call in the site's name."),
    "bad-source": Code("error", "Browsers skip what they do not understand, and block what it was to let through."),
    "bad-status": Code("error", "Browsers act on the status code before they look at anything else."),
    "bad-target": Code("error", "Visitors would be sent to an address that does not exist, or to a stranger's."),
    "bad-url": Code("error", "Absolute links, feeds and link previews are made from this address."),
    "bad-variable": Code("error", "What would come in could only be guessed."),
    "blocked-by-policy": Code("warning", "Browsers show the page without it, and tell nobody but the console."),
    "borrowed-name": Code("warning", "Visitors would see an error page."),
    "broken-link": Code("error", "Visitors who follow it see an error page."),
    "broken-query": Code("error", "The rows could never be had: databases are only read."),
    "broken-template": Code("error", "No page can be made of a template that cannot be understood."),
    "closed-to-all": Code("warning", "What is there might as well not be there."),
    "condition-circle": Code("error", "None of these would ever be shown."),
    "contrary-field": Code("warning", "The page and the site file say two things of one field."),
    "curly-quotes": Code("error", "Word processors bend quotes; only straight ones, \" or ', make a text."),
    "dead-link": Code("warning", "Visitors who follow it see an error page."),
    "distrusted-mail": Code("warning", "Receivers take such mail for spam, or throw it away."),
    "double-bracket": Code("error", "Two brackets begin one of many tables; this one exists once."),
    "doubled-key": Code("error", "Only one of the two could count, and which one would be a guess."),
    "doubled-table": Code("error", "The keys of one table stand below one header, so that none is overlooked."),
    "duplicate-name": Code("error", "A name that stands for two things stands for neither."),
    "duplicate-url": Code("error", "One of the two would never be seen."),
    "empty-feed": Code("warning", "Whoever subscribes to it would wait in vain."),
    "empty-inbox": Code("warning", "Whoever looks into it would wait in vain."),
    "empty-include": Code("warning", "Nothing comes in from there, and that is rarely meant."),
    "empty-range": Code("error", "Nothing can ever fit it."),
    "empty-value": Code("error", "Nothing can be done with an empty value."),
    "explosive-pattern": Code("error", "One visitor with the right text could bring the whole site to a standstill."),
    "failed-test": Code("warning", "The site has stopped doing what it promised."),
    "failing-mail": Code("error", "Mails would wait in the outbox, and nobody would read them."),
    "failing-middleware": Code("error", "Everything that visitors ask for goes through it."),
    "failing-module": Code("error", "What is in it would be missing from the site."),
    "failing-storage": Code("error", "Visitors would be told that nothing can be stored."),
    "failing-template": Code("error", "Visitors would see an error page."),
    "failing-webhook": Code("error", "The other program would not be told of entries."),
    "forged-sender": Code(
        "error", "Mail that claims to come from somebody else is thrown away, and the site is taken for a spammer."
    ),
    "form-not-drawn": Code("error", "Visitors would find nothing to fill in."),
    "heavy-query": Code("error", "Visitors would wait, and then see an error page."),
    "hidden-address": Code("warning", "It is written but never happens."),
    "impossible-condition": Code("error", "The condition would never hold."),
    "include-of-itself": Code("error", "A file cannot be part of itself."),
    "large-answer": Code("warning", "Visitors who use all of it are told that they sent too much."),
    "left-out": Code("warning", "The site runs without it."),
    "link-to-off": Code("warning", "Visitors who follow it see an error page."),
    "little-space": Code("warning", "Once the disk is full, visitors are told that nothing can be stored."),
    "mail-waits": Code("warning", "Nobody would read it there."),
    "merge-conflict": Code("error", "Two versions of the file were put together, and nobody has chosen between them."),
    "misplaced-key": Code("error", "A key belongs to the table whose header stands above it."),
    "missing-comma": Code("error", "Without a comma it cannot be told where one value ends and the next begins."),
    "missing-equals": Code("error", "Only `=` tells a key from its value."),
    "missing-field": Code("error", "Nobody could ever send the form."),
    "missing-file": Code("error", "Visitors would see an error page."),
    "missing-folder": Code("error", "Everything in it would be missing from the site."),
    "missing-function": Code("error", "What it is to do would never be done."),
    "missing-keep": Code("warning", "What visitors wrote is theirs: whoever keeps it must say for how long."),
    "missing-key": Code("error", "Without it nothing can be made of the table."),
    "missing-language": Code("error", "Visitors in the language at `/` would see another one."),
    "missing-module": Code("error", "What is in it would be missing from the site."),
    "missing-name": Code("error", "The name is how templates and other tables refer to it."),
    "missing-part": Code("warning", "Visitors who follow it land at the top of the page."),
    "missing-quotes": Code("error", "Without quotes, words could be keys, numbers or dates as well."),
    "missing-template": Code("error", "Visitors would see an error page."),
    "missing-value": Code("error", "A key says nothing without a value."),
    "missing-variable": Code("error", "What would come in is not known on this machine."),
    "mixed-brackets": Code("error", "Something exists either once or many times."),
    "more-errors": Code("error", "All of them keep the site from running, and they are often the same mistake."),
    "more-warnings": Code("warning", "They are often the same mistake."),
    "name-not-needed": Code("error", "There is only one such table, so a name would mean nothing."),
    "no-answer": Code("error", "A table that says nothing does nothing."),
    "no-such-value": Code("error", "What has no value is simply not written."),
    "not-json": Code("error", "Programs could not read the answer."),
    "odd-character": Code("error", "It cannot be seen, but it is read."),
    "out-of-range": Code("error", "The value cannot be used."),
    "outside-folder": Code("error", "A site is its folder; nothing outside is ever read or shown."),
    "password-in-clear": Code("warning", "Whoever reads along on the way has the password."),
    "past-range": Code("warning", "Nobody can fill the form in any more."),
    "permanent-condition": Code(
        "error", "Browsers keep a permanent redirect and would not ask again when the condition ends."
    ),
    "permanent-condition-302": Code("warning", "Browsers would keep it where the condition does not hold."),
    "plain-password": Code(
        "error", "A site file is copied, mailed and kept in histories, and with it the passwords that stand in it."
    ),
    "private-address": Code("error", "Messages would wait for ever, or arrive where only this machine's own should."),
    "protects-nothing": Code("warning", "What was meant to be protected is open to everybody."),
    "quote-in-text": Code("error", "The next quote of the same kind ends a text."),
    "redirect-loop": Code("error", "Browsers give up with an error page."),
    "reserved-name": Code("error", "What it stands for everywhere else could not be used any more."),
    "secret-in-public": Code("warning", "Programs try such names on every site, all day long."),
    "served-storage": Code("error", "Anybody could read what visitors wrote."),
    "shown-tag": Code("warning", "Visitors read it as text."),
    "single-backslash": Code("error", 'Between " and " a backslash and what follows stand for another character.'),
    "single-bracket": Code("error", "One bracket begins a table that exists once; this one can stand many times."),
    "slash-twins": Code("warning", "One of the two addresses is easily missed."),
    "slow-address": Code("error", "One visitor with the right address could bring the whole site to a standstill."),
    "stray-field": Code("error", "What visitors write there would be lost."),
    "stray-text": Code("error", "It has no meaning there, and something else was probably meant."),
    "template-circle": Code("error", "The page would never be finished."),
    "too-deep": Code("error", "No site needs it, and it could bring down what reads it."),
    "too-many-mistakes": Code("error", "Most of them are probably the same mistake."),
    "two-answers": Code("error", "Only one of them could be used, and which one would be a guess."),
    "two-in-one-line": Code("error", "A line ends what stands in it."),
    "unasked-field": Code("warning", "Visitors have no way to answer it."),
    "unattached-files": Code("warning", "Who is to have them gets the mail without them."),
    "unchecked-address": Code("warning", "Where it is none, nobody gets the mail, and nobody is told."),
    "unclosed-bracket": Code("error", "Everything below would belong into it."),
    "unclosed-front-matter": Code("error", "Everything below would belong to it."),
    "unclosed-string": Code("error", "Everything below would belong to the text."),
    "undeclared-module": Code("error", "A site is data: no Python runs that [hooks] does not name."),
    "unencrypted-webhook": Code("warning", "Whoever is on the way could read it, and change it."),
    "unfit-choices": Code("error", "Nobody could say for certain what was chosen."),
    "unknown-column": Code("error", "Nothing would ever be found by it."),
    "unknown-converter": Code("error", "The address could not be understood."),
    "unknown-country": Code("error", "The condition would never hold."),
    "unknown-data": Code("error", "There would be nothing to show."),
    "unknown-endpoint": Code("error", "The link would lead nowhere."),
    "unknown-environment": Code("error", "The site would run with settings that nobody wrote down."),
    "unknown-field": Code("error", "What was to depend on it would never happen."),
    "unknown-filter": Code("error", "The page could not be made."),
    "unknown-format": Code("error", "What is written in it could not be understood."),
    "unknown-key": Code("error", "A key that nobody reads does nothing, and the one that was meant is missing."),
    "unknown-language": Code("error", "Nobody could ever read it."),
    "unknown-name": Code("error", "It would print nothing, and something was meant to stand there."),
    "unknown-parameter": Code("error", "Nobody could say of which type its value is."),
    "unknown-timezone": Code("error", "Dates would begin and end at the wrong hour."),
    "unknown-unit": Code("error", "The amount could not be understood."),
    "unknown-user": Code("error", "Somebody would be kept out who was meant to be let in."),
    "unknown-variable": Code("error", "The address could not be built."),
    "unknown-word": Code("error", "Only these words have a meaning here."),
    "unneeded-user": Code("warning", "A password that opens nothing can only be lost."),
    "unquoted-key": Code("error", "Without quotes a key has letters from a to z, digits, - and _ only."),
    "unreachable-database": Code("warning", "Pages that show its rows answer with an error until it can be reached."),
    "unread-file": Code("warning", "What is written in it does nothing."),
    "unreadable-file": Code("error", "What is in it would be missing from the site."),
    "unreadable-line": Code("error", "What is written in it would be missing from the site."),
    "unreadable-site": Code("error", "Without the site file there is no site."),
    "unsafe-policy": Code("warning", "A policy keeps out what strangers slip into a page; this one would let it in."),
    "unseen-message": Code("warning", "Visitors would not know that their words have arrived."),
    "unsupported-rule": Code("error", "It would not do here what it did before."),
    "untranslated": Code("warning", "Visitors in that language see another one there."),
    "unused-parameter": Code("warning", "What is given for it changes nothing."),
    "variable-with-signs": Code(
        "error", "What comes from outside is a value, never a part of a template or a pattern."
    ),
    "word-in-config": Code("warning", "A key that fell into [config] does nothing but lie there."),
    "wrong-amount": Code("error", "The amount could not be understood."),
    "wrong-boolean": Code("error", "Yes and no are written in one way only: true and false."),
    "wrong-bracket": Code("error", "Brackets come in pairs and each kind has its own meaning."),
    "wrong-cell": Code("error", "It could not be sorted, compared or reckoned with."),
    "wrong-date": Code("error", "Dates and times are written in one way only, the largest unit first."),
    "wrong-environment": Code("error", "What an environment changes is written as tables."),
    "wrong-equals": Code("error", "Only a single `=` stands between a key and its value."),
    "wrong-fence": Code("error", "What stands there would be a part of the text, or the text a part of it."),
    "wrong-field": Code("error", "What visitors send would not be taken, or not arrive."),
    "wrong-function": Code("error", "It would fail each time it is called."),
    "wrong-key-here": Code("error", "It would do nothing, and something else was probably meant."),
    "wrong-kind": Code("error", "The value cannot be used."),
    "wrong-number": Code("error", "A number that could be read in two ways is not read at all."),
    "wrong-remark": Code("error", "What is not a remark is read as a part of the site."),
    "yaml-front-matter": Code("error", "What it says would stand on the page as text."),
}
"""Every kind of problem that declweb reports, in alphabetical order."""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems without repeats and secrets, in order of place."""

    def key(problem: Problem) -> tuple[str, int, int, str, str]:
        place = problem.place
        return (place.file, place.line or 0, place.column or 0, problem.code, problem.message)

    return tuple(sorted(dict.fromkeys(map(discreet, problems)), key=key))


def discreet(problem: Problem) -> Problem:
    """Return a problem that shows no password or secret of its line; terminals and logs are read by others, too."""
    line = problem.place.text
    if line is None or not secrets(line):
        return problem
    return replace(
        problem,
        message=without(problem.message, line),
        place=replace(problem.place, text=masked(line)),
        help=without(problem.help, line) if problem.help else None,
    )


def count(problems: Iterable[Problem]) -> str:
    """Return how many problems there are, such as `2 errors, 1 warning`."""
    errors = warnings = 0
    for problem in problems:
        errors, warnings = errors + problem.is_error, warnings + (not problem.is_error)
    numbers = ((errors, "error"), (warnings, "warning"))
    return ", ".join(f"{number} {word}{'s' * (number > 1)}" for number, word in numbers if number) or "no problems"


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `word` most likely was meant to be, if there is one.

    A third of the letters may be wrong; two swapped neighbours are one mistake, capitals are none.
    """
    meant = [(mistakes(word.casefold(), candidate.casefold()), candidate) for candidate in candidates]
    count, best = min(meant, default=(len(word), ""))
    return best if count <= max(1, len(word) // 3) and count < len(best) else None


def mistakes(word: str, other: str) -> int:
    """Return how many letters are missing, too many, wrong or swapped (optimal string alignment distance)."""
    if abs(len(word) - len(other)) > max(1, len(word) // 3):
        return max(len(word), len(other))
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        above, row = row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]


def suggestion(word: str, candidates: Iterable[str]) -> str | None:
    """Return the help line for a misspelt word."""
    found = did_you_mean(word, candidates)
    return f"did you mean `{found}`?" if found else None


Paint = Callable[[str, str], str]
"""Shows a text in the manner of its role: a key of `COLOURS`."""

COLOURS = {"error": "1;31", "warning": "1;33", "place": "1", "margin": "2", "help": "32"}
"""How each part of a drawn problem looks at a terminal (ECMA-48, select graphic rendition)."""

_HIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


WIDEST = 240
"""Characters of a line that are shown on each side of the marked part."""


def draw_text(problems: Sequence[Problem], *, colours: bool = False) -> str:
    """Draw problems for a person at a terminal; with colours, if it shows them."""
    paint = painted if colours else _plain
    return "\n\n".join(_text(problem, paint) for problem in problems)


def painted(text: str, role: str) -> str:
    """Return a text in the colour of its role."""
    return f"\x1b[{COLOURS[role]}m{text}\x1b[0m"


def _plain(text: str, _role: str) -> str:
    return text


def visible(text: str) -> str:
    """Return a text in which signs stand for control characters, so that it cannot steer a terminal."""
    return _HIDDEN.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    """Return Unicode's picture of a control character."""
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{REPLACEMENT CHARACTER}"


def _text(problem: Problem, paint: Paint) -> str:
    place, severity = problem.place, problem.severity
    head = f"{paint(f'{severity}[{problem.code}]', severity)}: {visible(problem.message)}"
    lines = [f"{paint(visible(str(place)), 'place')}: {head}"]
    if parts := quoted_line(place):
        number = f"{place.line:>5}"
        lines.append(f"{paint(f'{number} |', 'margin')} {visible(''.join(parts))}")
        before, marks = _marks(*parts[:2])
        lines.append(f"{paint(' ' * len(number) + ' |', 'margin')} {before}{paint(marks, severity)}")
    for other in problem.also:
        note = f" {visible(other.note)}" if other.note else ""
        lines.append(f"  {paint('also:', 'margin')} {visible(str(other.place))}{note}")
    if problem.help:
        lines.append(f"  {paint('help:', 'help')} {visible(problem.help)}")
    return "\n".join(lines)


def quoted_line(place: Place) -> tuple[str, str, str] | None:
    """Return the line of a place as it is shown: what stands before the marked part, that part, and what follows.

    Of a very long line only the surroundings are shown.
    """
    if place.line is None or place.text is None or place.column is None:
        return None
    start, end = place.column - 1, max(place.end_column or 0, place.column + 1) - 1
    before, marked, after = place.text[:start], place.text[start:end] or " ", place.text[end:]
    return (
        before if len(before) <= WIDEST else f"…{before[-WIDEST // 2 :]}",
        marked if len(marked) <= WIDEST else f"{marked[: WIDEST - 1]}…",
        after if len(after) <= WIDEST else f"{after[: WIDEST // 2]}…",
    )


def _marks(before: str, marked: str) -> tuple[str, str]:
    """Return what stands before the marks below a line, and the marks, as wide as a terminal shows the line."""
    blank = "".join("\t" if character == "\t" else " " * _width(character) for character in before)
    return blank, "^" * max(1, sum(map(_width, marked)))


def _width(character: str) -> int:
    if character.isascii():
        return 1
    return 0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
