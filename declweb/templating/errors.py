"""What can be wrong with a template: one family of exceptions, each knowing its template and line.

Knows nothing of how templates are read, compiled or rendered.
"""


class TemplateError(Exception):
    """Something is wrong with a template; the message is for whoever wrote it."""

    def __init__(self, message: str, template: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.template = template
        self.line = line
        """Counts from 1; None where it is not known."""

    def __str__(self) -> str:
        if self.template is None:
            return self.message
        place = self.template if self.line is None else f"{self.template}:{self.line}"
        return f"{place}: {self.message}"


class BrokenTemplate(TemplateError):
    """A template that cannot be compiled."""

    def __init__(  # noqa: PLR0913 - all but the message are details
        self,
        message: str,
        template: str | None = None,
        line: int | None = None,
        *,
        word: str = "",
        help: str | None = None,  # noqa: A002 - the word of problems
        noticed: int | None = None,
    ) -> None:
        super().__init__(message, template, line)
        self.word = word
        """What stands on the line and is meant, such as `fro`; empty where the whole line is."""
        self.help = help
        self.noticed = noticed
        """Another line that belongs to it: the tag at which it shows that a block before is never closed."""


class RenderError(TemplateError):
    """A template that went wrong while it was rendered; the cause is what Python said."""


class Unsafe(RenderError):
    """A template that asked for what no template may have."""
