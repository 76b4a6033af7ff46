"""Passwords that are guessed: how often, how quickly, and what that costs others."""

import hashlib
from pathlib import Path
from threading import Barrier, Event, Lock, Thread
from typing import Any

import pytest
from cases import strict_client
from staff import SITE, posted, site
from visiting import (
    PASSWORD,
    basic,
    quick_hash,
    said,
)
from werkzeug.test import TestResponse

from declweb.app import App
from declweb.compiler import signing_in
from declweb.http import passwords
from declweb.http.passwords import is_right
from declweb.model.users import Scrypt
from declweb.storage import Rate, sign_ins


@pytest.mark.parametrize("name", ["anna", "eve", "nobody_yet"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_every_guess_costs_the_same(one: App, name: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[tuple[Any, ...]] = []
    scrypt = hashlib.scrypt

    def counted(written: bytes, **cost: Any) -> bytes:
        worked.append((cost["n"], cost["r"], cost["p"]))
        return scrypt(written, **cost)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    with posted(strict_client(one), user=name, password=password):
        pass
    assert worked == [(2**14, 8, 1)]


def test_what_a_guess_costs_tells_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = quick_hash().replace("scrypt:16384:8:1", "scrypt:16384:8:3")
    text = SITE.replace(quick_hash(), known, 1)
    worked: list[int] = []

    def noted(_written: bytes, **cost: Any) -> bytes:
        worked.append(cost["p"])
        return b""

    monkeypatch.setattr(hashlib, "scrypt", noted)
    found = []
    for version in ("one", "two"):
        client = strict_client(site(tmp_path / version, text))
        worked.clear()
        for number in range(40):
            posted(client, user=f"nobody{number}", password="wrong").close()
        found.append(worked.copy())
    assert found[0] == found[1]
    assert set(found[0]) == {1, 3}


def test_only_so_many_are_worked_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running_now, most = Lock(), [0], [0]
    together = Barrier(passwords.AT_ONCE)

    def slow(_password: str, _cost: Scrypt) -> str:
        with lock:
            running_now[0] += 1
            most[0] = max(most[0], running_now[0])
        together.wait(60)
        with lock:
            running_now[0] -= 1
        return ""

    monkeypatch.setattr(passwords, "_digest", slow)
    expected = Scrypt.find(quick_hash())
    assert expected is not None
    threads = [Thread(target=is_right, args=("x", expected)) for _ in range(4 * passwords.AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == passwords.AT_ONCE


def test_who_gets_no_turn_is_told_to_come_again(app: App, monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    monkeypatch.setattr(passwords, "_turns", type("Taken", (), {"acquire": staticmethod(lambda timeout: False)})())
    answer = posted(strict_client(app), user="anna", password=PASSWORD)
    assert "Nobody can sign in at the moment" in said(answer)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_guessing_from_one_address_is_held_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_ins, "PER_ADDRESS", Rate(4, 900))
    client = strict_client(app)

    def tries(name: str, password: str, address: str = "192.0.2.1") -> TestResponse:
        overrides = {"REMOTE_ADDR": address}
        return client.post("/login", data={"user": name, "password": password}, environ_overrides=overrides)

    for number in range(4):
        with tries(f"user{number}", "wrong") as answer:
            assert answer.status_code == 401
    answer = tries("anna", PASSWORD)
    assert "too many wrong passwords" in said(answer)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901
    with tries("anna", PASSWORD, "192.0.2.7") as elsewhere:
        assert elsewhere.status_code == 303


def test_who_says_that_there_is_a_proxy_is_held_up_as_well(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_ins, "PER_CROWD", Rate(5, 900))
    client = strict_client(app)

    def tries(name: str, password: str, **headers: str) -> int:
        overrides = {"REMOTE_ADDR": "192.0.2.1"}
        data = {"user": name, "password": password}
        with client.post("/login", data=data, headers=headers, environ_overrides=overrides) as answer:
            return answer.status_code

    for number in range(5):
        assert tries(f"user{number}", "wrong", **{"X-Forwarded-For": f"203.0.113.{number}"}) == 401
    assert tries("anna", PASSWORD, **{"X-Forwarded-For": "203.0.113.99"}) == 429
    assert tries("anna", PASSWORD) == 303


@pytest.mark.parametrize(
    ("url", "is_told"),
    [
        ("http://blackbird.example", True),
        ("https://blackbird.example", False),
        ("http://localhost:8000", False),
        ("http://192.168.1.7", False),
    ],
)
@pytest.mark.parametrize("by", ["login", "basic"])
def test_a_password_over_http_is_told_once(  # noqa: PLR0913 # two of them are fixtures
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    by: str,
    *,
    is_told: bool,
) -> None:
    monkeypatch.setattr(signing_in, "_warned", Event())
    text = SITE.replace('allow = ["staff", "ben"]', f'allow = ["staff", "ben"]\nby = "{by}"')
    client = strict_client(site(tmp_path, text.replace('url = "https://blackbird.example"', "")))
    for _ in range(2):
        if by == "login":
            client.post("/login", data={"user": "anna", "password": "wrong"}, base_url=url).close()
        else:
            client.get("/staff/plan", headers={"Authorization": basic("anna", "wrong")}, base_url=url).close()
    assert [record.name for record in caplog.records if "came over http" in record.message] == [
        "declweb.users"
    ] * is_told


def test_guessing_for_one_account_is_held_up_from_everywhere_but_home(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "PER_ACCOUNT", Rate(3, 900))
    client = strict_client(app)

    def tries(address: str, password: str) -> int:
        with client.post(
            "/login", data={"user": "Anna", "password": password}, environ_overrides={"REMOTE_ADDR": address}
        ) as answer:
            return answer.status_code

    assert tries("192.0.2.1", PASSWORD) == 303
    for number in range(3):
        assert tries(f"198.51.100.{number}", "wrong") == 401
    assert tries("198.51.100.99", PASSWORD) == 429
    assert tries("192.0.2.1", PASSWORD) == 303


def test_basic_is_held_up_and_worked_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = "known to this test alone"  # what was right once is remembered as long as the process runs
    text = SITE.replace(quick_hash(), quick_hash(words))
    app = site(tmp_path, text.replace('allow = ["staff", "ben"]', 'allow = ["staff", "ben"]\nby = "basic"'))
    client, worked, scrypt = strict_client(app), [0], hashlib.scrypt

    def counted(written: bytes, **cost: Any) -> bytes:
        worked[0] += 1
        return scrypt(written, **cost)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    for _ in range(5):
        assert "ben reads" in said(client.get("/staff/plan", headers={"Authorization": basic("ben", words)}))
    assert worked == [1]
    monkeypatch.setattr(sign_ins, "PER_ACCOUNT", Rate(3, 900))
    for _ in range(3):
        with client.get("/staff/plan", headers={"Authorization": basic("eve", PASSWORD)}) as answer:
            assert answer.status_code == 401
    with client.get("/staff/plan", headers={"Authorization": basic("eve", PASSWORD)}) as answer:
        assert answer.status_code == 429
        assert "Retry-After" in answer.headers
    assert "ben reads" in said(client.get("/staff/plan", headers={"Authorization": basic("ben", words)}))
