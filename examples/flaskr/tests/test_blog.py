"""Read, write, change and delete; each only what is one's own."""

import pytest


def test_index(client, auth):
    text = client.get("/").get_data(as_text=True)
    assert "Log In" in text
    assert "Register" in text
    auth.login()
    text = client.get("/").get_data(as_text=True)
    assert "Log Out" in text
    assert "test title" in text
    assert "by test on 2018-01-01" in text
    assert "test\nbody" in text
    assert 'href="/1/update"' in text


@pytest.mark.parametrize("path", ["/create", "/1/update", "/1/delete"])
def test_login_required(client, database, path):
    response = client.post(path)
    assert response.status_code == 302
    assert response.headers["Location"] == "/auth/login"


def test_author_required(client, auth, database):
    database.execute("UPDATE post SET author_id = 2 WHERE id = 1")
    database.commit()
    auth.login()
    assert client.post("/1/update").status_code == 403
    assert client.post("/1/delete").status_code == 403
    assert "/1/update" not in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/2/update", "/2/delete"])
def test_exists_required(client, auth, path):
    auth.login()
    response = client.post(path)
    assert response.status_code == 404
    assert "Post id 2 doesn&#x27;t exist." in response.get_data(as_text=True)


def test_create(client, auth, database):
    auth.login()
    assert client.get("/create").status_code == 200
    client.post("/create", data={"title": "created", "body": ""})
    assert database.execute("SELECT COUNT(id) FROM post").fetchone() == (2,)


def test_update(client, auth, database):
    auth.login()
    assert "test title" in client.get("/1/update").get_data(as_text=True)
    client.post("/1/update", data={"title": "updated", "body": ""})
    assert database.execute("SELECT title FROM post WHERE id = 1").fetchone() == ("updated",)


@pytest.mark.parametrize("path", ["/create", "/1/update"])
def test_create_update_validate(client, auth, path):
    auth.login()
    response = client.post(path, data={"title": "", "body": ""})
    assert "Title is required." in response.get_data(as_text=True)


def test_delete(client, auth, database):
    auth.login()
    assert client.post("/1/delete").headers["Location"] == "/"
    assert database.execute("SELECT * FROM post WHERE id = 1").fetchone() is None


def test_written_markup_is_text(client, auth):
    auth.login()
    client.post("/create", data={"title": "<script>alert(1)</script>", "body": "<b>"})
    text = client.get("/").get_data(as_text=True)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
