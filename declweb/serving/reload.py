"""A running site that follows its files: an edit is live within a second, a broken edit never is.

Owns which version of a site answers, the step from one to the next, and what the log says of it. Knows neither servers
nor processes, only that a process may be copied at any time.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING
from weakref import WeakSet

from declweb.app import App
from declweb.files import real_path
from declweb.hooks.tested import Tested
from declweb.problems import SiteError, count, draw_text
from declweb.serving.keeping import opening, tend
from declweb.serving.on_uwsgi import fitted, is_copied_unseen
from declweb.serving.source import Source, Version
from declweb.serving.tests import FAILED, tried
from declweb.serving.watching import Scope, Watch, outermost, state

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("declweb.reload")

PATIENCE = 1.0
"""Seconds between looks whether the watched folders are still the same ones."""
DOUBT = 0.3
"""Seconds of quiet after which a broken site is taken for finished, not for half written."""
ATTEMPTS = 3
"""Times that a site is loaded at the start while its files go on changing."""
TICK = 10_000_000
"""Nanoseconds that the clock of file systems may be behind."""
REST = 5.0
"""Most seconds that are rested after a site was loaded, so that a stream of changes leaves time to answer."""


def load(site: str | os.PathLike[str], env: str | None = None, *, reload: bool = True) -> "Live":
    """Return a site as a WSGI application that follows its files.

    `site` is a site file or its folder, `env` one of its environments, `production` where nothing is said and it is
    declared. Raises SiteError with all problems when the site is broken or cannot be read.
    """
    live = Live(Source(Path(site), env))
    if warnings := live.version.problems:
        logger.warning("%s: %s\n\n%s", live.source.file, count(warnings), draw_text(warnings))
    for line, _ in opening(live.version.app):
        logger.warning("%s", line.strip())
    _log(live)
    if is_copied_unseen():
        live.begin_with_first_request(reload=reload)
    elif reload:
        live.watch(tends=True)
    else:
        tend(live.version.app)
    return live


def _log(live: "Live") -> None:
    """Write the log as the site file says, and a line for each request where it asks for them."""
    from declweb.serving.logs import AccessLog, take_over  # noqa: PLC0415 # for programs of others alone

    site = live.version.site
    if site is not None:
        take_over(site.logging, live.source.folder)
        if site.logging.access:
            live.wrap(AccessLog)


class Live(Tested):
    """The newest good version of a site, as a WSGI application.

    With `shows_problems` it starts broken too, and shows the problems in the browser for as long as there are any.
    """

    def __init__(self, source: Source, *, shows_problems: bool = False) -> None:
        self.source = source
        self._shows_problems = shows_problems
        self._scope = Scope(outermost({source.folder}))
        self._seen: int | None = None
        self._doubted: Version | None = None
        self._told: object = None
        self._speaks = True
        self._tends = False
        self._thread: Thread | None = None
        self._stop = Event()
        self._lock = RLock()
        self.version = self._load_settled()
        self._until = self.version.loaded.until
        if self.version.app is None and not shows_problems:
            raise SiteError(self.version.problems)
        self._around: Callable[[WSGIApplication], WSGIApplication] = fitted
        self._shown: WSGIApplication = self._around(self.version.app or _page(self.version, None))
        self._answer: WSGIApplication = self._shown
        _lives.add(self)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request with the newest good version."""
        return self._answer(environ, start_response)

    @property
    def app(self) -> App:
        """The newest good version."""
        if self.version.app is None:
            raise SiteError(self.version.problems)
        return self.version.app

    def url_for(self, endpoint: str, **values: object) -> str:
        """Return an address of the site, as Flask's url_for does."""
        return self.app.url_for(endpoint, **values)

    def watch(self, *, speaks: bool = True, tends: bool = False) -> None:
        """Follow the files from now on; only where it `speaks` the log tells of what becomes of the site.

        A process that answers visitors `tends` to what the site stores.
        """
        with self._lock:
            self._speaks = speaks
            self._tends = tends
            if tends:
                tend(self.version.app)
            self._answer = self._shown
            if self._thread is None:
                self._thread = Thread(target=self._keep_new, name="declweb-reload", daemon=True)
                self._thread.start()

    def wrap(self, around: "Callable[[WSGIApplication], WSGIApplication]") -> None:
        """Put something around each version of the site."""
        self._around = lambda application: around(fitted(application))
        self._show(self.app)

    def stop(self) -> None:
        """Stop following the files."""
        self._stop.set()

    def refresh(self) -> None:
        """Load the site again if its files have changed; a broken one is kept in mind only."""
        with self._lock:
            seen = state(self._scope).number
            if seen == self._seen and not self._is_due():
                return
            self._seen = seen
            self._until = None
            try:
                version = tried(self.source, self.source.load(), refuses=True)
            except (Exception, SystemExit):
                logger.exception("%s could not be loaded; the last good version goes on", self.source.file)
                return
            self._until = version.loaded.until
            self._follow(version)
            if version.app is None:
                self._doubted = version
                if self.version.app is not None:
                    self.version.app.forget()
            else:
                self._adopt(version, version.app)

    def _is_due(self) -> bool:
        """Tell whether the site has become another one by itself: the day of a page has come."""
        return self._until is not None and datetime.now(UTC) >= self._until

    def _show(self, application: "WSGIApplication") -> None:
        self._shown = self._answer = self._around(application)

    def _load_settled(self) -> Version:
        """Load the site, and again while files change meanwhile: what needs no look is known only afterwards."""
        attempts = 0
        while True:
            began = time.time_ns() - TICK
            version = self.source.load()
            self._scope = self._scope_of(version)
            seen = state(self._scope)
            self._seen = seen.number
            attempts += 1
            if seen.newest < began or attempts == ATTEMPTS:
                return tried(self.source, version)

    def _follow(self, version: Version) -> None:
        """Look at the files that a version was made of from now on, and load once more: nobody saw them meanwhile."""
        scope = self._scope_of(version)
        if scope != self._scope:
            self._scope, self._seen = scope, None

    def _scope_of(self, version: Version) -> Scope:
        """Return the files that a version was made of; a broken one may not have got to all of them.

        The folder is looked at by the name it was given, so that a link which comes to lead elsewhere is a change.
        """
        loaded, folder = version.loaded, self.source.folder
        watched = loaded.watched if version.app else loaded.watched | self._scope.roots
        elsewhere = (path for path in watched if not real_path(path).is_relative_to(real_path(folder)))
        apart = loaded.apart
        return Scope(outermost((folder, *elsewhere)), outermost(apart.folders), apart.files, apart.written)

    def _adopt(self, version: Version, app: App) -> None:
        was, self.version = self.version, version
        self._doubted = self._told = None
        self._show(app)
        if self._tends:
            tend(app)
        self._tell(logging.INFO, "%s is live: %s", self.source.file, version.urls)
        if version.problems and version.problems != was.problems:
            self._tell(logging.WARNING, "%s\n\n%s", count(version.problems), draw_text(version.problems))
        if _set_at_start(was) != _set_at_start(version):
            self._tell(logging.WARNING, "what [server] and [logging] say holds from the next start on")

    def _give_up(self, broken: Version) -> None:
        """Take a broken version for what its author meant."""
        with self._lock:
            self._doubted = None
            if self._told == broken.problems:
                return
            self._told = broken.problems
            text = draw_text([problem for problem in broken.problems if problem.is_error or problem.code == FAILED])
            self._tell(logging.ERROR, "%s is broken; the last good version goes on\n\n%s", self.source.file, text)
            if self._shows_problems:
                self._show(_page(broken, self.version.app))

    def _tell(self, level: int, message: str, *arguments: object) -> None:
        if self._speaks:
            logger.log(level, message, *arguments)

    def _keep_new(self) -> None:
        """Refresh whenever files change, until told to stop."""
        stop = self._stop
        while not stop.is_set():
            scope = self._scope
            with Watch(scope) as watch:
                self._refresh_and_rest(stop)
                while not stop.is_set() and self._scope == scope and watch.is_sound():
                    doubted = self._doubted
                    if watch.wait(DOUBT if doubted else PATIENCE, stop) or self._is_due():
                        self._refresh_and_rest(stop)
                    elif doubted:
                        self._give_up(doubted)

    def _refresh_and_rest(self, stop: Event) -> None:
        began = time.monotonic()
        self.refresh()
        stop.wait(min(REST, time.monotonic() - began))

    # --- copies of the process ----------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Let a load that is under way end, and none begin."""
        self._lock.acquire()

    def release(self) -> None:
        """Let loads begin again."""
        self._lock.release()

    def begin_anew(self) -> None:
        """Begin to follow the files with the first request, in the copy of a process: its threads are not copied."""
        self._lock = RLock()
        if self._thread is not None:
            self._thread, self._stop = None, Event()
            self._answer = self._catch_up

    def begin_with_first_request(self, *, reload: bool) -> None:
        """Begin nothing before the first request: this process will be copied, and its copies are not told of it."""
        self._answer = self._catch_up if reload else self._tend_and_answer

    def _tend_and_answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with self._lock:
            self._answer = self._shown
            tend(self.version.app)
        return self._answer(environ, start_response)

    def _catch_up(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with self._lock:
            self.refresh()
            self.watch(tends=True)
        return self._answer(environ, start_response)


def _page(broken: Version, last_good: App | None) -> "WSGIApplication":
    from declweb.serving.problem_page import ProblemPage  # noqa: PLC0415 # for broken sites alone

    return ProblemPage(broken.problems, last_good)


def _set_at_start(version: Version) -> object:
    return version.site and (version.site.server, version.site.logging)


_lives: WeakSet[Live] = WeakSet()
_held: list[Live] = []


def _hold_all() -> None:
    """Let every load end before the process is copied: its other half would be missing in the copy."""
    _held[:] = _lives
    for live in _held:
        live.hold()


def _release_all() -> None:
    for live in _held:
        live.release()


def _begin_all_anew() -> None:
    for live in _lives:
        live.begin_anew()


os.register_at_fork(before=_hold_all, after_in_parent=_release_all, after_in_child=_begin_all_anew)
