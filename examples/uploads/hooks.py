"""Take a picture, keep it under a safe name, show it."""

from pathlib import Path

from declweb import (
    current_app,
    flash,
    redirect,
    render_template,
    request,
    secure_filename,
    send_from_directory,
    url_for,
)

KINDS = {"png", "jpg", "jpeg", "gif"}


def folder():
    found = Path(current_app.root_path, current_app.config["UPLOAD_FOLDER"])
    found.mkdir(parents=True, exist_ok=True)
    return found


def upload():
    if request.method == "POST":
        file = request.files["the_file"]
        name = secure_filename(file.filename)
        if name.rpartition(".")[2].lower() not in KINDS:
            flash("Please choose a picture.")
            return redirect(url_for("upload"))
        file.save(folder() / name)
        return redirect(url_for("picture", name=name))
    return render_template("upload.html")


def picture(name):
    return send_from_directory(folder(), name)
