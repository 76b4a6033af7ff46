"""The text of a file, in whatever encoding an office program saved it.

Owns the encodings. Knows nothing of lines as rows.
"""

from declweb.redirect_files.words import Wrong


def decoded(data: bytes) -> tuple[str, list[int]]:
    """Return the text of a file and the numbers of the lines that are none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _with_newlines(data.decode("utf-16")), []
        except UnicodeDecodeError:
            pass
    if b"\0" in data:
        raise Wrong("bad-encoding", "this is not a text file", "save it as CSV, in UTF-8")
    try:
        return _with_newlines(data.decode("utf-8-sig")), []
    except UnicodeDecodeError:
        text = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = [_decoded_line(line) for line in text.split(b"\n")]
        return "\n".join(line for line, _ in lines), [n for n, (_, is_text) in enumerate(lines, 1) if not is_text]


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decoded_line(line: bytes) -> tuple[str, bool]:
    for encoding in ("utf-8", "windows-1252"):
        try:
            return line.decode(encoding), True
        except UnicodeDecodeError:
            continue
    return line.decode("utf-8", "replace"), False
