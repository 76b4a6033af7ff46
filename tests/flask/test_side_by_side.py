"""Flask and declweb answer the same requests; docs/flask.md says what differs, and why."""

import pytest
from side_by_side import EVERYWHERE, KINDS, Answers, Behaviour, Difference, as_value, behaviours, concerns, observed

SECTIONS = [behaviour for behaviour in behaviours() if behaviour.requests]
GENERAL = next(behaviour for behaviour in behaviours() if behaviour.title == EVERYWHERE).differences

sections = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)


def everything() -> list[Answers]:
    return [answers for section in SECTIONS for answers in observed(section.title)]


@sections
def test_declared_site_answers_as_flask_does(section: Behaviour) -> None:
    for answers in observed(section.title):
        listed = [one for one in (*GENERAL, *section.differences) if concerns(one, answers)]
        unlisted = answers.differences() - {part for one in listed for part in one.parts}
        assert not unlisted, (
            f"{answers.request}: {sorted(unlisted)}\nFlask: {answers.theirs.status}\n{answers.theirs.headers}"
            f"{answers.theirs.get_data(as_text=True)}\ndeclweb: {answers.ours.status}\n{answers.ours.headers}"
            f"{answers.ours.get_data(as_text=True)}"
        )


@sections
def test_status_is_the_one_the_page_tells(section: Behaviour) -> None:
    told = {answers.request: answers.status for answers in observed(section.title)}
    assert {answers.request: answers.ours.status_code for answers in observed(section.title)} == told


@sections
def test_listed_difference_is_one(section: Behaviour) -> None:
    for difference in section.differences:
        found = [answers for answers in observed(section.title) if concerns(difference, answers)]
        assert found, f"{section.title} has no request {difference.requests}"
        assert difference.parts <= found[0].differences(), f"{difference.requests}: {found[0].differences()}"
        assert difference.reason


@pytest.mark.parametrize("listed", GENERAL, ids=lambda listed: f"{listed.requests}: {min(listed.parts)}")
def test_general_difference_is_one(listed: Difference) -> None:
    assert listed.requests in KINDS
    found = frozenset[str]().union(*(one.differences() for one in everything() if concerns(listed, one)))
    assert listed.parts <= found
    assert listed.reason


def test_json_values_are_the_same() -> None:
    values = [answers for answers in everything() if answers.ours.mimetype == "application/json"]
    compared = [answers for answers in values if answers.method == "GET"]
    assert compared
    for answers in compared:
        assert as_value(answers.theirs) == as_value(answers.ours)


def test_page_compares_enough() -> None:
    assert len(everything()) >= 150
    assert len({answers.theirs.status_code for answers in everything()}) >= 10
