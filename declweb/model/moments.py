"""Days and moments, as the site file means them: in the site's time zone.

Owns when a day begins. Knows no table.
"""

from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo


def moment(day: date, timezone: str) -> datetime:
    """Return when a day begins in a time zone, or the time it gives; one without an offset is meant there too."""
    zone = _zone(timezone)
    if not isinstance(day, datetime):
        return datetime.combine(day, time(), zone)
    return day if day.tzinfo else day.replace(tzinfo=zone)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
