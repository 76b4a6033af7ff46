"""Templates: the sandbox they run in, the budget of a rendering, and what a template says before it is rendered.

Knows Jinja and nothing else: no site file, no WSGI, no disk.
"""

from declweb.templating.budget import Budget, OverBudget
from declweb.templating.closures import Closure, FreeUse, closure, free_uses, names_used, visitor_reasons
from declweb.templating.environment import Environment, Template, render
from declweb.templating.errors import BrokenTemplate, RenderError, TemplateError, Unsafe
from declweb.templating.facts import Facts, Reference, UrlFor, Use
from declweb.templating.links import Link
from declweb.templating.positions import Spot
from declweb.templating.undefined import Missing, recording

__all__ = [
    "BrokenTemplate",
    "Budget",
    "Closure",
    "Environment",
    "Facts",
    "FreeUse",
    "Link",
    "Missing",
    "OverBudget",
    "Reference",
    "RenderError",
    "Spot",
    "Template",
    "TemplateError",
    "Unsafe",
    "UrlFor",
    "Use",
    "closure",
    "free_uses",
    "names_used",
    "recording",
    "render",
    "visitor_reasons",
]
