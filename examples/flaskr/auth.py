"""Who writes in the blog: register, log in, log out."""

import functools

from db import get_db
from werkzeug.security import check_password_hash, generate_password_hash

from declweb import flash, g, redirect, render_template, request, session, url_for


def login_required(view):
    """Let a view be for those who are logged in; send all others to log in."""

    @functools.wraps(view)
    def wrapped(**kwargs):
        if g.user is None:
            return redirect(url_for("auth.login"))
        return view(**kwargs)

    return wrapped


def load_logged_in_user():
    """Find out who asks."""
    user_id = session.get("user_id")
    g.user = None
    if user_id is not None:
        g.user = get_db().execute("SELECT * FROM user WHERE id = ?", (user_id,)).fetchone()


def register():
    """Take a new writer in."""
    if request.method == "POST":
        username = request.form["username"]
        password = request.form["password"]
        error = None
        if not username:
            error = "Username is required."
        elif not password:
            error = "Password is required."
        if error is None:
            db = get_db()
            try:
                db.execute(
                    "INSERT INTO user (username, password) VALUES (?, ?)",
                    (username, generate_password_hash(password)),
                )
                db.commit()
            except db.IntegrityError:
                error = f"User {username} is already registered."
            else:
                return redirect(url_for("auth.login"))
        flash(error)
    return render_template("auth/register.html")


def login():
    """Let a writer in, and remember them."""
    if request.method == "POST":
        user = get_db().execute("SELECT * FROM user WHERE username = ?", (request.form["username"],)).fetchone()
        if user is None:
            error = "Incorrect username."
        elif not check_password_hash(user["password"], request.form["password"]):
            error = "Incorrect password."
        else:
            session.clear()
            session["user_id"] = user["id"]
            return redirect(url_for("index"))
        flash(error)
    return render_template("auth/login.html")


def logout():
    """Forget who was logged in."""
    session.clear()
    return redirect(url_for("index"))
