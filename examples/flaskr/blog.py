"""The posts: read, write, change, delete."""

from auth import login_required
from db import get_db

from declweb import abort, flash, g, redirect, render_template, request, url_for

POSTS = "SELECT post.id, title, body, created, author_id, username FROM post JOIN user ON post.author_id = user.id"


def index():
    """Show all posts, the latest first."""
    posts = get_db().execute(f"{POSTS} ORDER BY created DESC, post.id DESC").fetchall()
    return render_template("blog/index.html", posts=posts)


def get_post(id, check_author=True):
    """Return a post; 404 where there is none, 403 where it is somebody else's."""
    post = get_db().execute(f"{POSTS} WHERE post.id = ?", (id,)).fetchone()
    if post is None:
        abort(404, f"Post id {id} doesn't exist.")
    if check_author and post["author_id"] != g.user["id"]:
        abort(403)
    return post


@login_required
def create():
    """Write a post."""
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            db = get_db()
            db.execute("INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)", (title, body, g.user["id"]))
            db.commit()
            return redirect(url_for("index"))
        flash("Title is required.")
    return render_template("blog/create.html")


@login_required
def update(id):
    """Change a post of one's own."""
    post = get_post(id)
    if request.method == "POST":
        title, body = request.form["title"], request.form["body"]
        if title:
            db = get_db()
            db.execute("UPDATE post SET title = ?, body = ? WHERE id = ?", (title, body, id))
            db.commit()
            return redirect(url_for("index"))
        flash("Title is required.")
    return render_template("blog/update.html", post=post)


@login_required
def delete(id):
    """Delete a post of one's own."""
    get_post(id)
    db = get_db()
    db.execute("DELETE FROM post WHERE id = ?", (id,))
    db.commit()
    return redirect(url_for("index"))
