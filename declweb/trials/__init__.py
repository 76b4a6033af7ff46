"""The tests that a site file declares, run in process on a store that is thrown away.

Owns how a site is asked, and what becomes of what it stores and sends. Knows no terminal; what an answer must be like
is judged in `judging`.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from werkzeug.datastructures import FileStorage, Headers, MultiDict

from declweb.app import App
from declweb.clock import set_to
from declweb.compiler.accounts import Accounts
from declweb.hook_modules import unending
from declweb.hooks.testing import SiteClient
from declweb.model import Site, Storage, Trial
from declweb.model.moments import moment
from declweb.problems import Problem
from declweb.storage import StoreSettings, dismissed
from declweb.trials.judging import Answered, Miss, misses

Change = Callable[[Site], Site]
Load = Callable[[Change], tuple[App | None, Sequence[Problem]]]
"""Loads the site as a change makes it."""
LONGEST = 30.0
"""Seconds that an answer may take."""
LARGEST = 16 * 1024 * 1024
"""Bytes of an answer that are looked at: one that never ends is cut off."""
NO_PASSWORD = "set for the tests of the site alone"  # noqa: S105 # nobody can sign in with what is no hash


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test."""

    index: int
    trial: Trial
    answered: Answered | None
    """None where no answer came in time."""
    misses: tuple[Miss, ...]


class NotLoaded(Exception):
    """The site cannot be loaded; carries what is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems


def run(load: Load, root: Path, patience: float = LONGEST) -> Iterator[Result]:
    """Run the tests of a site in their order, on one store; raises NotLoaded where there is no site.

    `root` is the site folder. Each test comes from another address, so that limits for one visitor hold for none. After
    one whose answer takes longer than `patience` seconds no other is run: what hangs may hold what they need.
    """
    with (
        tempfile.TemporaryDirectory(prefix="declweb-test-", ignore_cleanup_errors=True) as scratch,
        ExitStack() as stack,
    ):
        stack.callback(dismissed, StoreSettings(Path(scratch)))
        bench = _Bench(load, Path(scratch), stack)
        with set_to(None):
            bench.app(None)
        for index, trial in enumerate(bench.site.tests):
            now = moment(trial.now, bench.site.site.timezone) if trial.now is not None else None
            with set_to(now):
                app = bench.app(now)
                answered = _in_time(lambda: _ask(app, bench.site, trial, root, index), patience)  # noqa: B023 # called at once
            if answered is None:
                yield Result(index, trial, None, (Miss((trial.method,), f"an answer within {patience:g} s", "none"),))
                return
            yield Result(index, trial, answered, tuple(misses(trial, answered)))


class _Bench:
    """A site as of several moments, on one scratch store."""

    def __init__(self, load: Load, scratch: Path, stack: ExitStack) -> None:
        self._load = load
        self._scratch = scratch
        self._stack = stack
        self._apps: dict[datetime | None, App] = {}
        self._declared: list[Site] = []

    @property
    def site(self) -> Site:
        """The site as it is tested."""
        return self._declared[0]

    def app(self, now: datetime | None) -> App:
        """Return the site as of a moment; the clock is set to it."""
        if now not in self._apps:
            app, problems = self._load(self._changed)
            if app is None:
                raise NotLoaded(problems)
            self._stack.callback(app.forget)
            self._apps[now] = app
        return self._apps[now]

    def _changed(self, site: Site) -> Site:
        users = {
            name: user if user.can_sign_in else user.model_copy(update={"password": NO_PASSWORD})
            for name, user in site.users.items()
        }
        changed = site.model_copy(update={"storage": Storage(folder=str(self._scratch)), "users": users})
        self._declared.append(changed)
        return changed


def _in_time(ask: Callable[[], Answered], patience: float) -> Answered | None:
    """Return the answer, or None when it takes too long; whoever hangs is left to it, in a thread that ends nothing."""
    came: list[Answered | BaseException] = []
    context = copy_context()

    def work() -> None:
        try:
            with unending():
                came.append(context.run(ask))
        except BaseException as error:  # noqa: BLE001 # it is raised where somebody waits
            came.append(error)

    thread = Thread(target=work, name="declweb-test", daemon=True)
    thread.start()
    thread.join(patience)
    match came:
        case [BaseException() as error]:
            raise error
        case [Answered() as answered]:
            return answered
    return None


def _ask(app: App, site: Site, trial: Trial, root: Path, index: int) -> Answered:
    url = urlsplit(site.site.url or "http://localhost")
    base = f"{url.scheme}://{url.netloc}"
    client = SiteClient(app)
    if trial.as_ is not None:
        with client.session_transaction(base_url=base) as session:
            Accounts.of(site).sign_in(session, trial.as_)
    number = index + 1
    before = _messages(app, trial)
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    with (
        ExitStack() as files,
        client.open(
            trial.address,
            method=trial.method.upper(),
            base_url=base,
            headers=Headers(list(trial.headers.items())),
            environ_overrides={"REMOTE_ADDR": address},
            **_body(trial, root, files),
        ) as answer,
    ):
        body = _beginning(answer.iter_encoded())
        return Answered(answer.status_code, tuple(answer.headers), body, base, _messages(app, trial) - before)


def _messages(app: App, trial: Trial) -> int:
    """Return how many messages wait in the store that is thrown away; those who only read send none."""
    return 0 if app.store is None or trial.method in {"get", "head"} else app.store.waiting_messages()


def _beginning(blocks: Iterable[bytes]) -> bytes:
    """Return what is sent, up to a limit."""
    body = b""
    for block in blocks:
        body += block
        if len(body) > LARGEST:
            break
    return body


def _body(trial: Trial, root: Path, files: ExitStack) -> dict[str, object]:
    """Return what is sent, as Werkzeug's client takes it."""
    if trial.has_json_body:
        return {"json": trial.json_body}
    if not trial.form and not trial.files:
        return {}
    data: MultiDict[str, object] = MultiDict()
    for name, value in trial.form.items():
        for each in value if isinstance(value, list) else [value]:
            data.add(name, each.isoformat() if hasattr(each, "isoformat") else str(each))
    for name, named in trial.files.items():
        for each in named:
            opened = files.enter_context((root / each).open("rb"))
            data.add(name, FileStorage(opened, Path(each).name))
    kind = "multipart/form-data" if trial.files else "application/x-www-form-urlencoded"
    return {"data": data, "content_type": kind}
