"""What is said of SPF, DKIM and DMARC, asked of a real name server."""

import time
from collections.abc import Callable, Mapping

import pytest
from name_server import name_server
from servers import DEADLINE

from declweb.delivery import domain
from declweb.delivery.domain import Asker, Unanswered, Verdict, dkim, dmarc, spf

DOMAIN = "bakery.cafe"
KEY = '"v=DKIM1; k=rsa; p=MIGf"'


def judged(judge: Callable[[str, Asker], Verdict], zone: Mapping[str, list[str]], name: str = DOMAIN) -> Verdict:
    texts = {(name, "TXT"): records for name, records in zone.items()}
    with name_server({(DOMAIN, "A"): ["192.0.2.1"], **texts}) as there:
        return judge(name, Asker(there.address))


GOOD_SPF: list[dict[str, list[str]]] = [
    {DOMAIN: ['"v=spf1 mx ~all"']},
    {DOMAIN: ['"v=spf1" " ip4:192.0.2.0/24 -all"', '"google-site-verification=x"']},
    {DOMAIN: ['"V=SPF1 include:_spf.mail.cafe -all"'], "_spf.mail.cafe": ['"v=spf1 ip4:192.0.2.1 -all"']},
    {DOMAIN: ['"v=spf1 redirect=mail.cafe"'], "mail.cafe": ['"v=spf1 a:mail.cafe/24 -all"']},
    {DOMAIN: ['"v=spf1 a mx ptr exists:%{i}.x.cafe include:%{d}.x.cafe ?all"']},
]


@pytest.mark.parametrize("zone", GOOD_SPF, ids=range(len(GOOD_SPF)))
def test_good_spf(zone: dict[str, list[str]]) -> None:
    verdict = judged(spf, zone)
    assert verdict.help is None
    assert "names who may send" in verdict.message


BAD_SPF: list[tuple[dict[str, list[str]], str]] = [
    ({}, "there is no SPF record"),
    ({DOMAIN: ['"v=spf10 mx -all"']}, "there is no SPF record"),
    ({DOMAIN: ['"v=spf1 mx -all"', '"v=spf1 a -all"']}, "there are 2 of bakery.cafe"),
    ({DOMAIN: ['"v=spf1 +all"']}, "lets anybody send (`+all`)"),
    ({DOMAIN: ['"v=spf1 mx all"']}, "lets anybody send (`all`)"),
    ({DOMAIN: ['"v=spf1 -all"']}, "nobody sends mail for it"),
    ({DOMAIN: ['"v=spf1 include:gone.cafe -all"']}, "it names gone.cafe, which has none"),
    ({DOMAIN: ['"v=spf1 include:bakery.cafe -all"']}, "more than 10 questions"),
    ({DOMAIN: ['"v=spf1 ' + "a " * 11 + '-all"']}, "more than 10 questions"),
]


@pytest.mark.parametrize(("zone", "words"), BAD_SPF, ids=range(len(BAD_SPF)))
def test_bad_spf(zone: dict[str, list[str]], words: str) -> None:
    verdict = judged(spf, zone)
    assert words in verdict.message
    assert verdict.help


def test_questions_of_spf_are_counted_as_receivers_do() -> None:
    zone = {DOMAIN: ['"v=spf1 a mx include:m.cafe ip4:192.0.2.1 -all"'], "m.cafe": ['"v=spf1 a/24 -mx:x.cafe ?all"']}
    assert "(5 of 10 questions)" in judged(spf, zone).message


def test_dkim() -> None:
    found = judged(dkim, {"selector1._domainkey.bakery.cafe": [KEY], "google._domainkey.bakery.cafe": [KEY]})
    assert "(selector selector1, google)" in found.message
    assert found.help is None
    nothing = judged(dkim, {})
    assert "there is no DKIM key" in nothing.message
    assert nothing.help
    other = judged(dkim, {"x7f3._domainkey.bakery.cafe": [KEY]})
    assert "no DKIM key under" in other.message
    assert not other.is_known
    called_back = judged(dkim, {"default._domainkey.bakery.cafe": ['"v=DKIM1; p="']})
    assert not called_back.is_known


DMARC: list[tuple[dict[str, list[str]], str, str, bool]] = [
    ({"_dmarc.bakery.cafe": ['"v=DMARC1; p=reject; rua=mailto:a@bakery.cafe"']}, DOMAIN, "asks for `reject`", True),
    ({"_dmarc.bakery.cafe": ['"v=DMARC1;p=None"']}, DOMAIN, "at _dmarc.bakery.cafe asks for `none`", True),
    ({"_dmarc.bakery.cafe": ['"v=DMARC1; p=none; sp=reject"']}, "web.bakery.cafe", "asks for `reject`", True),
    ({"_dmarc.bakery.cafe": ['"v=DMARC1; p=none"']}, "a.web.bakery.cafe", "asks for `none`", True),
    ({}, DOMAIN, "there is no DMARC record", False),
    ({"_dmarc.cafe": ['"v=DMARC1; p=none"']}, DOMAIN, "there is no DMARC record", False),
    ({"_dmarc.bakery.cafe": ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"']}, DOMAIN, "there are 2", False),
    ({"_dmarc.bakery.cafe": ['"v=DMARC1; p=strict"']}, DOMAIN, "has no `p` that receivers know", False),
]


@pytest.mark.parametrize(("zone", "name", "words", "is_good"), DMARC, ids=range(len(DMARC)))
def test_dmarc(zone: dict[str, list[str]], name: str, words: str, *, is_good: bool) -> None:
    verdict = judged(dmarc, zone, name)
    assert words in verdict.message
    assert (verdict.help is None) is is_good


@pytest.mark.parametrize(
    ("records", "takes"),
    [
        ({("bakery.cafe", "MX"): ["10 mx.bakery.cafe."]}, True),
        ({("bakery.cafe", "A"): ["192.0.2.1"]}, True),
        ({("bakery.cafe", "AAAA"): ["2001:db8::1"]}, True),
        ({("bakery.cafe", "MX"): ["0 ."]}, False),
        ({("bakery.cafe", "TXT"): ["x"]}, False),
        ({("other.cafe", "A"): ["192.0.2.1"]}, None),
    ],
)
def test_where_a_domain_takes_mail(records: dict[tuple[str, str], list[str]], *, takes: bool | None) -> None:
    with name_server(records) as there:
        assert Asker(there.address).takes_mail(DOMAIN) is takes


def test_a_name_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain, "PATIENCE", 0.3)
    with name_server({}, is_silent=True) as there:
        began = time.monotonic()
        with pytest.raises(Unanswered):
            spf(DOMAIN, Asker(there.address))
        assert time.monotonic() - began < DEADLINE


def test_a_domain_in_any_script() -> None:
    with name_server({("xn--bckerei-5wa.cafe", "A"): ["192.0.2.1"]}) as there:
        assert Asker(there.address).takes_mail("bäckerei.cafe")
        assert there.asked[0] == "MX xn--bckerei-5wa.cafe"


@pytest.mark.parametrize("name", ["x..cafe", "x" * 80 + ".cafe"])
def test_names_that_nobody_can_ask_for(name: str) -> None:
    with pytest.raises(Unanswered):
        spf(name, Asker(("127.0.0.1", 9)))
