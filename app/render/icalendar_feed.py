"""Feeds as iCalendar (RFC 5545, RFC 7986): deadlines as events, or as tasks.

Times are UTC, which every calendar program shows at its user's own clock, without a VTIMEZONE. An event lasts no time and makes nobody
busy. Alarms are relative to what is due: absolute ones are not understood everywhere.
"""

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from app.domain.calendar_feeds import Entry, Feed

FORM = 1
"""Raise it when the same feed is written differently from now on: programs then fetch anew what they hold."""

CALENDAR_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(minutes=15)
"""How often programs are asked to look: steps of this SOP take 30 minutes."""

Kind = Literal["events", "tasks"]

_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def fingerprint(feed: Feed, kind: Kind) -> str:
    """The same for the same bytes, and cheaper than they are: who holds them already is answered without writing them."""
    return sha256(f"{FORM} {kind} {feed!r}".encode()).hexdigest()[:32]


def as_icalendar(feed: Feed, kind: Kind) -> bytes:
    from icalendar import Calendar, vText  # noqa: PLC0415 - only a server that has feeds pays for it

    name, description = vText(_text(feed.name)), vText(_text(feed.description))
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Alur//Tenggat//ID")
    calendar.add("calscale", "GREGORIAN")
    for property_name, said in (("name", name), ("x-wr-calname", name), ("description", description), ("x-wr-caldesc", description)):
        calendar.add(property_name, said)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{int(REFRESH.total_seconds() // 60)}M")
    for entry in feed.entries:
        calendar.add_component(_event(entry) if kind == "events" else _task(entry))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry) -> Any:
    from icalendar import Event  # noqa: PLC0415

    event = Event()
    _describe(event, entry, uid=f"{entry.uid}")
    event.add("dtstart", _utc(entry.due_at))
    event.add("status", "TENTATIVE" if entry.paused else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    _alarm(event, entry, related={})
    return event


def _task(entry: Entry) -> Any:
    from icalendar import Todo  # noqa: PLC0415

    task = Todo()
    _describe(task, entry, uid=f"{entry.uid}-todo")
    task.add("due", _utc(entry.due_at))
    task.add("status", "NEEDS-ACTION")
    _alarm(task, entry, related={"RELATED": "END"})
    return task


def _describe(component: Any, entry: Entry, *, uid: str) -> None:
    """A UID of its own for each kind: one program may show both files."""
    component.add("uid", uid)
    component.add("sequence", entry.sequence)
    component.add("dtstamp", _utc(entry.changed_at))
    component.add("last-modified", _utc(entry.changed_at))
    component.add("created", _utc(entry.created_at))
    component.add("summary", _text(entry.summary))
    component.add("description", _text(entry.description))


def _alarm(component: Any, entry: Entry, *, related: dict[str, str]) -> None:
    """When it is due soon, and when it is due; none while the clock stands still."""
    if entry.paused:
        return
    early = entry.due_at - entry.due_soon_at
    if early > timedelta():
        component.add_component(_display(f"Segera jatuh tempo. {entry.summary}", -early, related))
    component.add_component(_display(entry.summary, timedelta(), related))


def _display(words: str, trigger: timedelta, related: dict[str, str]) -> Any:
    from icalendar import Alarm  # noqa: PLC0415

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _text(words))
    alarm.add("trigger", trigger, parameters=related)
    return alarm


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _text(words: str) -> str:
    """Lines end in one way, and what no TEXT may hold (RFC 5545 §3.3.11) becomes a space."""
    return _UNWRITABLE.sub(" ", _LINE_END.sub("\n", words))
