"""`declweb try`."""

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import count as counting
from pathlib import Path
from textwrap import wrap
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import click
from markupsafe import escape
from werkzeug.test import Client, TestResponse

from declweb.app import App
from declweb.cli.terminal import CANNOT, refuse, refuse_site, say, site_argument
from declweb.forms.questions import Question, questions
from declweb.forms.samples import Answers, Sample, SampleFile, Samples
from declweb.model import Form, FormField, Site, Storage
from declweb.model.field_values import ChoiceTable
from declweb.problems import suggestion
from declweb.serving.source import Source
from declweb.storage import Entry, Outgoing, Status, Store, StoreSettings, opened

WIDEST = 70
"""Characters of a value that are shown, and of a line."""
LONGEST = 6 * WIDEST
"""Characters of what the site answers that are shown."""
SUCCESS = frozenset({303})
REFUSALS = frozenset({400, 413, 422})
"""How wrong values are answered."""


@click.command()
@click.argument("name", metavar="FORM")
@site_argument
@click.option("--env", metavar="NAME", help="The environment of the site file to use; production if it is there.")
def command(name: str, site: Path, env: str | None) -> None:
    """Fill a form with right and wrong values, and show what happens.

    The values are made up to fit the form, and go through the whole site as a visitor's do: page, entry and messages
    are shown. It all happens on a store of its own that is thrown away; nothing is sent. Exits with 1 when a right
    value is refused or a wrong one is taken.
    """
    with tempfile.TemporaryDirectory(prefix="declweb-try-") as scratch:
        app, declared = _loaded(Source(site, env), name, Path(scratch))
        store = opened(StoreSettings(Path(scratch)))
        try:
            is_fine = _Trial(name, declared, app, store).run()
        finally:
            store.stop()
    sys.exit(0 if is_fine else 1)


def _loaded(source: Source, name: str, scratch: Path) -> tuple[App, Site]:
    """Return the site with its store elsewhere and the form open, as it is declared otherwise."""
    declared: list[Site] = []

    def changed(site: Site) -> Site:
        declared[:] = [site]
        forms = {**site.forms}
        if name in forms:
            forms[name] = forms[name].model_copy(
                update={"starts": None, "ends": None, "closed": [], "fields": _with_places(forms[name])}
            )
        return site.model_copy(update={"storage": Storage(folder=str(scratch)), "forms": forms})

    version = source.load(changed)
    if version.app is None:
        refuse_site(version.problems, source.file, CANNOT if version.site is None else 1)
    (site,) = declared
    if name not in site.forms:
        near = suggestion(name, site.forms) or f"there are {', '.join(f'`{known}`' for known in site.forms)}"
        refuse(f"there is no form `{name}`; {near}" if site.forms else f"{source.file} declares no form")
    if site.forms[name].off:
        refuse(f"the form `{name}` is switched off")
    return version.app, site


def _with_places(form: Form) -> dict[str, FormField]:
    """Return the fields of a form with places for everybody: what is sold out is as right as all else."""
    return {
        name: field.model_copy(
            update={
                "choices": {
                    value: label.model_copy(update={"places": None}) if isinstance(label, ChoiceTable) else label
                    for value, label in field.choices.items()
                }
            }
        )
        if isinstance(field.choices, dict)
        else field
        for name, field in form.fields.items()
    }


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one way to fill a form in."""

    sample: Sample
    status: int
    lines: Sequence[tuple[str, str]]
    """What is shown below it: a word, and what it is about."""
    complaint: str = ""
    """What is not as it must be."""


class _Trial:
    """One form that is tried."""

    def __init__(self, name: str, site: Site, app: App, store: Store) -> None:
        self.name = name
        self.site = site
        self.form: Form = site.forms[name]
        self.app = app
        self.store = store
        self.now = datetime.now(ZoneInfo(site.site.timezone))
        language = site.site.all_languages[0]
        self.questions = questions(self.form, language, language)
        self.path = next(listed.url for listed in app.overview if listed.name == f"form.{name}")
        self._visitors = counting(1)

    def run(self) -> bool:
        """Try all samples and say what became of them; tell whether it is what must."""
        say(f"{self.name}, a form of {self.site.site.name}: POST {self.path}", "place")
        say("All values are made up, the store is thrown away, nothing is sent.")
        if not self.form.is_open(self.now, self.site.site.timezone):
            say("Visitors find the form closed today; here it is tried as if it were open.", "warning")
        samples = Samples(self.questions, self.now)
        outcomes = [self._right(sample) for sample in samples.right()]
        _report("What must be taken", outcomes)
        refused = [self._wrong(sample) for sample in samples.wrong()]
        _report("What must be refused", refused)
        outcomes += refused
        complaints = sum(bool(outcome.complaint) for outcome in outcomes)
        if complaints:
            say(f"\n{complaints} of {len(outcomes)} are not as they must be", "error")
        else:
            say(f"\nall {len(outcomes)} are as they must be")
        return not complaints

    # --- right values -------------------------------------------------------------------------------------------------

    def _right(self, sample: Sample) -> _Outcome:
        client = self._visitor()
        answer = self._sent(client, sample.answers)
        entry = self._newest()
        if entry is None:
            complaint = "nothing was stored" if answer.status_code in SUCCESS else "it was refused"
            return _Outcome(sample, answer.status_code, list(self._said(answer, self.questions)), complaint)
        lines = [("page", text) for text in self._shown_after(client, answer)]
        lines += list(_lines_of_entry(entry))
        lines += [_line_of_message(message) for message in self.store.messages(entry.receipt)]
        self.store.delete(entry.receipt)
        complaint = "" if answer.status_code in SUCCESS else "it was stored, and the answer does not say so"
        return _Outcome(sample, answer.status_code, lines, complaint)

    def _shown_after(self, client: Client, answer: TestResponse) -> Iterator[str]:
        """Yield where visitors are sent, and what they read there."""
        target = answer.headers.get("Location", "")
        yield target
        if urlsplit(target).netloc:
            return
        page = client.get(target, base_url=self._base, environ_overrides=self._environ)
        text = page.get_data(as_text=True)
        message = self.form.success.message
        spoken = message if isinstance(message, str) else ""
        before = str(escape(spoken.partition("{{")[0].strip()))
        if before and (found := re.search(rf"{re.escape(before)}[^<]*", text)):
            yield _text(found[0])

    # --- wrong values -------------------------------------------------------------------------------------------------

    def _wrong(self, sample: Sample) -> _Outcome:
        if sample.before is not None:
            self._sent(self._visitor(), sample.before)
        before = self._newest()
        answer = self._sent(self._visitor(), sample.answers)
        after = self._newest()
        asked = [each for each in self.questions if each.name == sample.field]
        lines = list(self._said(answer, asked))
        complaint = ""
        if after is not None and (before is None or after.number > before.number):
            complaint = "it was taken"
        elif answer.status_code not in REFUSALS:
            complaint = "it was neither taken nor refused"
        elif answer.status_code == 422 and not lines:
            complaint = "the page does not say what is wrong"
        elif answer.status_code == 422 and (lost := self._lost(sample, answer)):
            complaint = f"the page has lost what stood in {lost}"
        for entry in list(self.store.entries(self.name)):
            self.store.delete(entry.receipt)
        return _Outcome(sample, answer.status_code, lines, complaint)

    def _said(self, answer: TestResponse, asked: Sequence[Question]) -> Iterator[tuple[str, str]]:
        """Yield what a page says of fields."""
        page = answer.get_data(as_text=True)
        for question in asked:
            pattern = rf'<(\w+)[^>]*\sid="(?:[\w-]+-)?{re.escape(question.name)}-error"[^>]*>(.*?)</\1>'
            if found := re.search(pattern, page, re.DOTALL):
                yield question.name, _text(found[2])

    def _lost(self, sample: Sample, answer: TestResponse) -> str:
        """Return the names of fields whose text is not on the page any more."""
        page = unescape(answer.get_data(as_text=True)).replace("\r\n", "\n")
        kinds = {each.name: each.type for each in self.questions}
        return ", ".join(
            f"`{name}`"
            for name, given in sample.answers.items()
            if kinds[name] not in {"password", "checkbox", "hidden"}
            and name != sample.field
            and not all((each.name if isinstance(each, SampleFile) else each) in page for each in given)
        )

    # --- what both share ----------------------------------------------------------------------------------------------

    def _visitor(self) -> Client:
        """Return a browser that nobody has seen before."""
        number = next(self._visitors)
        self._environ = {"REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        return Client(self.app)

    @property
    def _base(self) -> str:
        url = urlsplit(self.site.site.url or "http://localhost")
        return f"{url.scheme}://{url.netloc}"

    def _sent(self, client: Client, answers: Answers) -> TestResponse:
        kind, body = _multipart(answers) if self._has_files else _urlencoded(answers)
        return client.post(
            self.path,
            data=body,
            base_url=self._base,
            headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
            environ_overrides=self._environ,
            content_type=kind,
        )

    @property
    def _has_files(self) -> bool:
        return any(question.type == "file" for question in self.questions)

    def _newest(self) -> Entry | None:
        return next(iter(self.store.entries(self.name, is_newest_first=True)), None)


def _urlencoded(answers: Answers) -> tuple[str, bytes]:
    pairs = [(name, str(each)) for name, given in answers.items() for each in given]
    return "application/x-www-form-urlencoded", urlencode(pairs).encode()


def _multipart(answers: Answers) -> tuple[str, bytes]:
    boundary = "-" * 27 + "declweb-try"
    parts = bytearray()
    for name, given in answers.items():
        for each in given:
            parts += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            if isinstance(each, SampleFile):
                parts += f'; filename="{each.name}"\r\nContent-Type: {each.media_type}'.encode()
            content = each.content if isinstance(each, SampleFile) else each.replace("\n", "\r\n").encode()
            parts += b"\r\n\r\n" + content + b"\r\n"
    parts += f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", bytes(parts)


def _report(title: str, outcomes: Sequence[_Outcome]) -> None:
    say(f"\n{title}", "place")
    for outcome in outcomes:
        say(f"  {outcome.status}  {outcome.sample.title}", "error" if outcome.complaint else "")
        if outcome.complaint:
            say(f"       {outcome.complaint}:", "error")
            for name, given in outcome.sample.answers.items():
                say(f"         {name} = {', '.join(map(_short, map(str, given)))}")
        width = max((len(word) for word, _ in outcome.lines), default=0)
        for word, text in outcome.lines:
            for number, line in enumerate(wrap(_plain(text)[:LONGEST], WIDEST) or [""]):
                say(f"       {(word if not number else '').ljust(width)}  {line}", "margin")


def _lines_of_entry(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "receipt", entry.receipt
    files = {upload.field for upload in entry.uploads}
    for name, value in entry.values.items():
        if value is None or name in files:
            continue
        yield name, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    for upload in entry.uploads:
        yield upload.field, f"{upload.name}, {upload.media_type}, {upload.size:,} bytes"
    if entry.status != Status.NEW:
        yield "status", " ".join((entry.status, *entry.reasons))


def _line_of_message(message: Outgoing) -> tuple[str, str]:
    subject = message.content.get("subject", "")
    return message.kind, f"to {message.target}{f': {subject}' if subject else ''}"


def _text(markup: str) -> str:
    """Return the words of a page, as they are seen."""
    markup = re.sub(r'<span class="dw-unseen">.*?</span>', "", markup)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def _plain(text: str) -> str:
    return " ".join(text.split()) if text.isprintable() else ascii(text)[1:-1]


def _short(text: str) -> str:
    shown = _plain(text)
    return shown if len(shown) <= WIDEST else f"{shown[: WIDEST - 1]}…"
