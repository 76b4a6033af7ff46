import pytest

from declweb.http.answer import as_it_is, status_line


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (200, "200 OK"),
        (304, "304 Not Modified"),
        (404, "404 Not Found"),
        (413, "413 Content Too Large"),
        (416, "416 Range Not Satisfiable"),
        (422, "422 Unprocessable Content"),
        (599, "599 Unknown"),
    ],
)
def test_status_lines_are_those_of_rfc_9110(status: int, line: str) -> None:
    assert status_line(status) == line


def test_nothing_is_finished_by_default() -> None:
    headers = [("A", "b")]
    assert as_it_is(200, True, headers) is headers  # the shape of Finish
