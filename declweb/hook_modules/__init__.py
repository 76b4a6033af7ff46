"""The Python of a site: found, imported and looked at while the site is loaded.

Owns where modules may come from, under which names they are imported, and what functions take. Knows neither tables nor
places of the site file.
"""

from declweb.hook_modules.endings import unending
from declweb.hook_modules.functions import NONE, Functions
from declweb.hook_modules.modules import CannotImport, Modules, Spot

__all__ = ["NONE", "CannotImport", "Functions", "Modules", "Spot", "unending"]
