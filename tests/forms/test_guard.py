"""What speaks for a machine, and what does not."""

import pytest

from declweb.forms.guard import Written, fill_time, judge

MESSAGE = Written("message", "textarea", "Do you bake on Sundays? We would like to come by with the children.")


def text(words: str, kind: str = "textarea", name: str = "message") -> Written:
    return Written(name, kind, words)


@pytest.mark.parametrize(
    ("honeypot", "seconds", "texts", "reasons", "holds"),
    [
        ((), None, [MESSAGE], (), False),
        (("",), 30.0, [MESSAGE], (), False),
        ((" ",), None, [MESSAGE], (), False),
        (("x",), None, [MESSAGE], ("honeypot",), True),
        ((), 0.8, [MESSAGE], ("fast 0.8",), False),
        ((), 2.0, [MESSAGE], (), False),
        ((), None, [text("See https://a.example and www.b.example")], (), False),
        ((), None, [text("https://a.example " * 3)], ("links 3",), False),
        ((), None, [text("https://a.example " * 30)], ("links 30",), False),
        ((), 1.0, [text("https://a.example " * 30)], ("fast 1.0", "links 30"), True),
        ((), None, [text("http://a.example", "text", "name")], ("link-in name",), False),
        ((), None, [text("Buy my pills", "text", "name"), text("buy MY  pills")], ("same name message",), False),
        ((), None, [text("Ann", "text", "name"), text("Ann")], (), False),
    ],
)  # fmt: skip
def test_signs(
    honeypot: tuple[str, ...], seconds: float | None, texts: list[Written], reasons: tuple[str, ...], *, holds: bool
) -> None:
    verdict = judge(honeypot, seconds, texts)
    assert verdict.reasons == reasons
    assert verdict.holds is holds
    assert (verdict.points > 0) is bool(reasons)


@pytest.mark.parametrize(
    ("values", "seconds"),
    [((), None), (("",), None), (("1.5", "9"), 1.5), (("x",), None), (("-1",), None), (("nan",), None)],
)  # fmt: skip
def test_only_a_sensible_fill_time_counts(values: tuple[str, ...], seconds: float | None) -> None:
    assert fill_time(values) == seconds
