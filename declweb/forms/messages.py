"""What visitors are told about their answers, in plain words.

Owns the words, and how they are joined with a field's label so that they fit every label in every language: `Your name:
please fill this in`, `Which cake? Choose one of the answers`. A field's own `message` stands in for all of them.
"""

from declweb.forms.questions import Question
from declweb.translations import Say, mark

ERROR = mark("Error:")
"""What stands before an error, and before the title of a page with errors."""

FILL_IN = mark("please fill this in")
"""What is said of an answer that is missing, where its type has no words of its own."""

MISSING = {
    "email": mark("enter an e-mail address, such as name@example.com"),
    "tel": mark("enter a telephone number, such as +44 20 7946 0000"),
    "url": mark("enter a web address, such as https://example.com"),
    "number": mark("enter a number"),
    "integer": mark("enter a whole number, such as 8"),
    "date": mark("enter a date"),
    "time": mark("enter a time, such as 14:30"),
    "datetime": mark("enter a date and a time"),
    "select": mark("choose one of the answers"),
    "radio": mark("choose one of the answers"),
    "checkbox": mark("please tick this box"),
    "checkboxes": mark("tick at least one box"),
    "file": mark("choose a file"),
    "password": mark("enter a password"),
}
"""What is said of an answer that is missing, by the type of the field."""

WRONG = {
    "email": mark("enter an e-mail address in the usual form, such as name@example.com"),
    "tel": mark("enter a telephone number in the usual form, such as +44 20 7946 0000"),
    "url": mark("enter a web address that begins with https:// or http://, such as https://example.com"),
    "number": mark("enter a number in digits"),
    "integer": mark("enter a whole number in digits, such as 8"),
    "date": mark("enter a date that exists, as year-month-day, such as 2026-12-24"),
    "time": mark("enter a time of day in hours and minutes, such as 14:30"),
    "datetime": mark("enter a date and a time that exist, such as 2026-12-24 14:30"),
}
"""What is said of an answer that cannot be read."""

ONE_OF = mark("choose one of the answers that are offered")
ONLY_ONE = mark("give one answer only")
TOO_LONG = mark("use no more than {most} characters; now there are {count}")
TOO_SHORT = mark("use at least {least} characters; now there are {count}")
OTHER_FORM = mark("write it in the form that is asked for")
AT_LEAST = mark("enter {least} or more")
AT_MOST = mark("enter {most} or less")
BETWEEN = mark("enter a number from {least} to {most}")
NOT_BEFORE = mark("choose {least} or later")
NOT_AFTER = mark("choose {most} or earlier")
WITHIN = mark("choose a date from {least} to {most}")
TIME_WITHIN = mark("choose a time from {least} to {most}")
NO_SEPARATOR = mark("write the number without a separator for thousands")
NO_SUCH_TIME = mark("choose another time: the clocks go forward then, and this one is left out")
TWICE = mark("choose another time: the clocks go back then, and this one comes twice")
UNSTORABLE = mark("take out the signs that cannot be shown or stored, or write it anew")
TOO_LARGE = mark("choose a file of at most {most}")
ONE_FILE = mark("choose one file only")
FILE_GONE = mark("choose the file again: it was kept for an hour, and is no longer there")
FILE_LOST = mark("choose the file again: it could not be kept")
TOO_MANY_FILES = mark("choose no more than {most} files")
NOT_AS_JSON = mark("send files with the form itself, not as JSON")
UNKNOWN = mark("there is no field of this name")
TAKEN = mark("use another one: this is already taken")
SOLD_OUT = mark("choose something else: there are no places left for this")


def told(question: Question, text: str, say: Say, **values: object) -> str:
    """Return what a visitor is told: the field's own message, or its label and what is to be done.

    Texts begin with a word that has a small letter within a sentence, and are no whole sentences.
    """
    return question.message or joined(question.label, say(text).format(**values))


def joined(label: str, text: str) -> str:
    """Return a label and what is said about it as one line."""
    label = label.rstrip(" :*\u00a0")
    if not label:
        return text[:1].upper() + text[1:]
    if label.endswith(("?", "!", ".", "…")):
        return f"{label} {text[:1].upper()}{text[1:]}"
    return f"{label}: {text}"


def beside(label: str, text: str) -> str:
    """Return what is said beside a field, where its label stands already: a text without the label before it."""
    label = label.rstrip(" :*\u00a0")
    start = f"{label} " if label.endswith(("?", "!", ".", "…")) else f"{label}: "
    rest = text.removeprefix(start)
    return rest[:1].upper() + rest[1:] if label and rest and rest != text else text
