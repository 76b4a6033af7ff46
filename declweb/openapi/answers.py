"""What a site answers programs when something is wrong: problems (RFC 9457), as a document describes them.

Owns their schema and their words. Knows neither forms nor endpoints.
"""

from typing import Any

Part = dict[str, Any]

PROBLEM = "application/problem+json"
PROBLEM_SCHEMA: Part = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {"type": "string", "description": "A URI of this kind of problem, or `about:blank`."},
        "title": {"type": "string", "description": "What the status means."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What is wrong, and what would be right."},
        "errors": {
            "type": "array",
            "description": "What is wrong with single fields or parameters.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string", "description": "The name of the field."},
                    "message": {"type": "string", "description": "What is wrong with it, for people."},
                },
            },
        },
    },
    "required": ["type", "title", "status"],
}
RETRY_AFTER: Part = {"Retry-After": {"description": "Seconds after which to try again.", "schema": {"type": "string"}}}


def problem(told: str, **more: Part) -> Part:
    """Return an answer that tells of a problem; `more` are other parts of it, such as headers."""
    return {"description": told, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}, **more}
