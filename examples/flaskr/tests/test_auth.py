"""Register, log in, log out."""

import pytest

from declweb import g, session


def test_register(client, database):
    assert client.get("/auth/register").status_code == 200
    response = client.post("/auth/register", data={"username": "a", "password": "a"})
    assert response.headers["Location"] == "/auth/login"
    assert database.execute("SELECT * FROM user WHERE username = 'a'").fetchone() is not None


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("", "", "Username is required."),
        ("a", "", "Password is required."),
        ("test", "test", "already registered"),
    ],
)
def test_register_validate_input(client, database, username, password, message):
    response = client.post("/auth/register", data={"username": username, "password": password})
    assert message in response.get_data(as_text=True)


def test_login(client, auth):
    assert client.get("/auth/login").status_code == 200
    response = auth.login()
    assert response.headers["Location"] == "/"
    with client:
        client.get("/")
        assert session["user_id"] == 1
        assert g.user["username"] == "test"


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [("a", "test", "Incorrect username."), ("test", "a", "Incorrect password.")],
)
def test_login_validate_input(auth, username, password, message):
    assert message in auth.login(username, password).get_data(as_text=True)


def test_logout(client, auth):
    auth.login()
    with client:
        auth.logout()
        assert "user_id" not in session


def test_password_is_stored_as_a_hash(client, database):
    client.post("/auth/register", data={"username": "a", "password": "a secret"})
    (stored,) = database.execute("SELECT password FROM user WHERE username = 'a'").fetchone()
    assert "a secret" not in stored
