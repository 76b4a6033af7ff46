"""A name in a session."""

from declweb import flash, redirect, render_template_string, request, session, url_for

PAGE = """<!doctype html>
<html lang="en">
<title>Members</title>
{% for category, message in get_flashed_messages(with_categories=true) %}<p class="{{ category }}">{{ message }}</p>
{% endfor %}
{% if session.username %}
<p>Logged in as {{ session.username }}</p>
<form method="post" action="{{ url_for('logout') }}"><button>Log out</button></form>
{% else %}
<form method="post" action="{{ url_for('login') }}">
  <label>Name <input name="username" required></label>
  <button>Log in</button>
</form>
{% endif %}
</html>
"""


def index():
    return render_template_string(PAGE)


def show_login():
    return render_template_string(PAGE)


def log_in():
    session.clear()
    session["username"] = request.form["username"]
    session.permanent = True
    flash("You were successfully logged in", "success")
    return redirect(url_for("index"))


def logout():
    session.pop("username", None)
    flash("Good bye", "info")
    return redirect(url_for("index"))
