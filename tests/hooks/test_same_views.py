"""The same views answer under Flask and under declweb; docs/flask-views.md says what differs, and why."""

import re

import pytest
from same_views import observed, sections
from side_by_side import EVERYWHERE, KINDS, Answers, Behaviour, Difference, concerns

SECTIONS = [section for section in sections() if section.requests]
GENERAL = next(section for section in sections() if section.title == EVERYWHERE).differences

each_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)


def everything() -> list[Answers]:
    return [answers for section in SECTIONS for answers in observed(section.title)]


@each_section
def test_view_answers_as_under_flask(section: Behaviour) -> None:
    wrong = []
    for answers in observed(section.title):
        listed = [one for one in (*GENERAL, *section.differences) if concerns(one, answers)]
        unlisted = answers.differences() - {part for one in listed for part in one.parts}
        if unlisted:
            wrong.append(
                f"{answers.request}: {sorted(unlisted)}\nFlask: {answers.theirs.status}\n{answers.theirs.headers}"
                f"{answers.theirs.get_data()[:500]!r}\ndeclweb: {answers.ours.status}\n{answers.ours.headers}"
                f"{answers.ours.get_data()[:500]!r}"
            )
    assert not wrong, "\n\n".join(wrong)


@each_section
def test_status_is_the_one_the_page_tells(section: Behaviour) -> None:
    told = {answers.request: answers.status for answers in observed(section.title) if answers.status}
    assert {each.request: each.ours.status_code for each in observed(section.title) if each.status} == told


@each_section
def test_listed_difference_is_one(section: Behaviour) -> None:
    for difference in section.differences:
        found = [answers for answers in observed(section.title) if concerns(difference, answers)]
        assert found, f"{section.title} has no request {difference.requests}"
        assert difference.parts <= frozenset[str]().union(*(one.differences() for one in found)), difference
        assert difference.reason


@pytest.mark.parametrize("listed", GENERAL, ids=lambda listed: f"{listed.requests}: {min(listed.parts)}")
def test_general_difference_is_one(listed: Difference) -> None:
    assert listed.requests in KINDS
    found = frozenset[str]().union(*(one.differences() for one in everything() if concerns(listed, one)))
    assert listed.parts <= found
    assert listed.reason


def test_page_compares_enough() -> None:
    views = {name for section in SECTIONS for name in re.findall(r"^handler = \"(\w+)\"", section.site, re.MULTILINE)}
    assert len(views) >= 60
    assert len(everything()) >= 300
