"""declweb serves files as nginx and Caddy do; docs/files.md says what differs, and why."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from beside import (
    EVERYWHERE,
    KINDS,
    Answers,
    Behaviour,
    Difference,
    asked,
    behaviours,
    block,
    caddy,
    concerns,
    declared,
    nginx,
    request_of,
    told_by_server,
    write_files,
)

PEERS = ("nginx", "Caddy")
SECTIONS = [behaviour for behaviour in behaviours() if behaviour.requests]
GENERAL = next(behaviour for behaviour in behaviours() if behaviour.title == EVERYWHERE).differences

sections = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)
peers = pytest.mark.parametrize("peer", PEERS)


@dataclass(frozen=True)
class Observed:
    """What the servers answered, by peer and by section."""

    answers: Mapping[str, Mapping[str, Sequence[Answers]]]

    def all(self, peer: str) -> list[Answers]:
        return [one for section in self.answers[peer].values() for one in section]


def written(site: Path) -> Path:
    write_files(site / "public")
    (site / "site.toml").write_text(block("site.toml"), "utf-8")
    return site


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    folder = tmp_path_factory.mktemp("beside")
    site = written(folder / "site")
    with ExitStack() as stack:
        theirs = {
            "nginx": stack.enter_context(nginx(folder / "nginx", site / "public", block("nginx"))),
            "Caddy": stack.enter_context(caddy(folder / "caddy", site / "public", block("caddy"))),
        }
        ours = stack.enter_context(declared(site))
        lines = {section.title: [line.partition(" → ") for line in section.requests] for section in SECTIONS}
        said = {line: asked(line, ours) for each in lines.values() for line, _, _ in each}
        yield Observed(
            {
                peer: {
                    title: [
                        Answers(
                            line, int(status), request_of(line)[1].decode("latin-1"), asked(line, server), said[line]
                        )
                        for line, _, status in each
                    ]
                    for title, each in lines.items()
                }
                for peer, server in theirs.items()
            }
        )


@sections
@peers
def test_declweb_answers_as_its_peer_does(observed: Observed, section: Behaviour, peer: str) -> None:
    for answers in observed.answers[peer][section.title]:
        listed = [one for one in (*GENERAL, *section.differences) if concerns(one, answers)]
        unlisted = answers.differences() - {part for one in listed for part in one.parts[peer]}
        assert not unlisted, f"{answers.request}: {sorted(unlisted)}\n{peer}: {answers.theirs}\ndeclweb: {answers.ours}"


@sections
def test_status_is_the_one_the_page_tells(observed: Observed, section: Behaviour) -> None:
    told = {answers.request: answers.status for answers in observed.answers["nginx"][section.title]}
    found = {answers.request: answers.ours.status for answers in observed.answers["nginx"][section.title]}
    assert found == told


@sections
def test_listed_difference_is_one(observed: Observed, section: Behaviour) -> None:
    for difference in section.differences:
        assert difference.reason
        asked_for = {request.strip("`") for request in difference.requests.split("<br>")}
        assert asked_for <= {answers.request for answers in observed.answers["nginx"][section.title]}
        for peer, parts in difference.parts.items():
            for answers in observed.answers[peer][section.title]:
                if concerns(difference, answers):
                    assert parts <= answers.differences(), f"{peer}, {answers.request}: {answers.differences()}"


@pytest.mark.parametrize("listed", GENERAL, ids=lambda listed: f"{listed.requests}: {listed.reason[:20]}")
@peers
def test_general_difference_is_one(observed: Observed, listed: Difference, peer: str) -> None:
    assert listed.requests in KINDS
    assert listed.reason
    differing = [one.differences() for one in observed.all(peer) if concerns(listed, one)]
    assert listed.parts[peer] <= frozenset[str]().union(*differing)


def test_page_compares_enough(observed: Observed) -> None:
    assert len(observed.all("nginx")) >= 150
    assert {answers.ours.status for answers in observed.all("nginx")} >= {200, 206, 304, 400, 404, 405, 412, 416}


def test_no_request_makes_declweb_fail(observed: Observed) -> None:
    assert not [answers.request for answers in observed.all("nginx") if answers.ours.status >= 500]


@pytest.mark.parametrize("kind", ["granian", "gunicorn"])
def test_servers_pass_on_what_the_page_tells(tmp_path: Path, kind: str) -> None:
    told = {
        request: on_granian if kind == "granian" else on_gunicorn
        for request, on_granian, on_gunicorn in told_by_server()
    }
    assert len(told) >= 5
    with declared(written(tmp_path / "site"), kind) as server:
        assert {request: asked(request, server).status for request in told} == told
