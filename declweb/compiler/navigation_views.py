"""`navigation`: the folders of written pages as templates see them.

Owns what a template may ask of a page's or a folder's place among the others. Knows no template.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from declweb.compiler.page_notes import current_prefix, note
from declweb.context import current
from declweb.http.paths import escaped
from declweb.pages.page_set import Branch

if TYPE_CHECKING:
    from declweb.compiler.page_views import PageView, PageViews


class NavigationView:
    """A page or a folder in the navigation."""

    __slots__ = ("_branch", "_language", "_views")

    def __init__(self, branch: Branch, language: str, views: "PageViews") -> None:
        self._branch = branch
        self._language = language
        self._views = views

    @property
    def title(self) -> str:
        """The page's title, or the folder's name."""
        return self._branch.title

    @property
    def url(self) -> str | None:
        """The page's address; None for a folder without a page."""
        page = self._branch.page
        return current_prefix() + escaped(page.address) if page else None

    @property
    def page(self) -> "PageView | None":
        """The page; None for a folder without one."""
        return self._views.view(self._branch.page) if self._branch.page else None

    @property
    def children(self) -> "Navigation":
        """What is in the folder."""
        return Navigation(self._branch.path, self._language, self._views)

    @property
    def is_current(self) -> bool:
        """Whether it is the page that is shown."""
        page = self._branch.page
        context = current.get(None)
        return bool(page and context and context.path == page.address)

    @property
    def is_open(self) -> bool:
        """Whether the page that is shown is in this folder, or is this page."""
        context = current.get(None)
        return self.is_current or bool(context and context.path.startswith(self._branch.start))


class Navigation(Sequence[NavigationView]):
    """What the navigation has in a folder: by `order`, then by title."""

    __slots__ = ("_folder", "_language", "_views")

    def __init__(self, folder: str, language: str, views: "PageViews") -> None:
        self._folder = folder
        self._language = language
        self._views = views

    def _asked(self) -> tuple[Branch, ...]:
        note("tree", self._language, self._folder)
        branches = self._views.set.tree.get((self._language, self._folder), ())
        return tuple(branch for branch in branches if self._views.is_seen(branch.start))

    def __len__(self) -> int:
        return len(self._asked())

    def __iter__(self) -> Iterator[NavigationView]:
        return (NavigationView(branch, self._language, self._views) for branch in self._asked())

    @overload
    def __getitem__(self, index: int) -> NavigationView: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[NavigationView, ...]: ...

    def __getitem__(self, index: int | slice) -> NavigationView | tuple[NavigationView, ...]:
        return tuple(self)[index]
