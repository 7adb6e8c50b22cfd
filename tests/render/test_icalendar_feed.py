"""Feeds as bytes, read back with a parser; `tests/contract/test_calendar_programs.py` asks one that others wrote."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from icalendar import Calendar
from icalendar.cal import Component

from app.domain.calendar_feeds import Entry, Feed
from app.render.icalendar_feed import FORM, Kind, as_icalendar, fingerprint
from tests.support.titles import NASTY_TITLES

WITA = timezone(timedelta(hours=8))
DUE = datetime(2027, 1, 12, 16, 0, tzinfo=WITA)
ENTRY = Entry(
    uid=UUID(int=5),
    sequence=12,
    created_at=datetime(2027, 1, 5, 7, 30, tzinfo=WITA),
    changed_at=datetime(2027, 1, 6, 9, 15, 27, 250_000, tzinfo=WITA),
    due_soon_at=DUE - timedelta(hours=26, minutes=30),
    due_at=DUE,
    paused=False,
    summary="Tenggat langkah 3: Menyusun rencana kegiatan (Pengumpulan Data Kinerja)",
    description="Pengumpulan Data Kinerja\nKantor: Kecamatan Samboja",
)
FEED = Feed("Alur: tenggat Kecamatan Samboja", "Tenggat langkah yang sedang berjalan di Kecamatan Samboja.", (ENTRY,))


def component(entry: Entry = ENTRY, kind: Kind = "events") -> Component:
    calendar = Calendar.from_ical(as_icalendar(replace(FEED, entries=(entry,)), kind))
    assert calendar.errors == []
    (found,) = calendar.subcomponents
    return found


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def test_an_event_is_due_at_one_moment_makes_nobody_busy_and_rings_twice() -> None:
    event = component()

    assert event.name == "VEVENT"
    assert (event["UID"], event["SEQUENCE"]) == (f"{ENTRY.uid}", 12)
    assert event["DTSTART"].to_ical() == b"20270112T080000Z"
    assert {"DTEND", "DURATION", "DUE"} & set(event) == set()
    assert event["DTSTAMP"].to_ical() == event["LAST-MODIFIED"].to_ical() == b"20270106T011527Z"
    assert (event["CREATED"].to_ical(), event["STATUS"], event["TRANSP"]) == (b"20270104T233000Z", "CONFIRMED", "TRANSPARENT")
    assert [(alarm["ACTION"], alarm["TRIGGER"].td, alarm["TRIGGER"].params) for alarm in event.subcomponents] == [
        ("DISPLAY", -timedelta(hours=26, minutes=30), {}),
        ("DISPLAY", timedelta(), {}),
    ]
    assert [str(alarm["DESCRIPTION"]) for alarm in event.subcomponents] == [f"Segera jatuh tempo. {ENTRY.summary}", ENTRY.summary]


def test_a_task_has_its_due_time_and_an_identity_of_its_own() -> None:
    task = component(kind="tasks")

    assert (task.name, task["UID"], task["STATUS"]) == ("VTODO", f"{ENTRY.uid}-todo", "NEEDS-ACTION")
    assert task["DUE"].to_ical() == b"20270112T080000Z"
    assert {"DTSTART", "DTEND", "DURATION", "TRANSP"} & set(task) == set()
    assert {alarm["TRIGGER"].params["RELATED"] for alarm in task.subcomponents} == {"END"}


@pytest.mark.parametrize("kind", ["events", "tasks"])
def test_what_is_suspended_does_not_ring(kind: Kind) -> None:
    found = component(replace(ENTRY, paused=True), kind)

    assert found.subcomponents == []
    assert found["STATUS"] == ("TENTATIVE" if kind == "events" else "NEEDS-ACTION")


def test_what_is_due_soon_at_once_rings_once() -> None:
    assert [alarm["TRIGGER"].td for alarm in component(replace(ENTRY, due_soon_at=DUE)).subcomponents] == [timedelta()]


def test_the_calendar_says_what_it_is_and_how_often_to_look() -> None:
    calendar = Calendar.from_ical(as_icalendar(FEED, "events"))

    assert (calendar["VERSION"], calendar["PRODID"], calendar["CALSCALE"]) == ("2.0", "-//Alur//Tenggat//ID", "GREGORIAN")
    assert str(calendar["NAME"]) == str(calendar["X-WR-CALNAME"]) == FEED.name
    assert str(calendar["DESCRIPTION"]) == str(calendar["X-WR-CALDESC"]) == FEED.description
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n" in calendar.to_ical()
    assert calendar["X-PUBLISHED-TTL"] == "PT15M"
    assert "METHOD" not in calendar


def test_a_calendar_in_which_nothing_is_due_is_one_too() -> None:
    assert Calendar.from_ical(as_icalendar(replace(FEED, entries=()), "tasks")).subcomponents == []


@pytest.mark.parametrize(("title", "read"), NASTY_TITLES.values(), ids=NASTY_TITLES.keys())
@pytest.mark.parametrize("kind", ["events", "tasks"])
def test_every_title_comes_out_as_it_went_in(kind: Kind, title: str, read: str) -> None:
    content = as_icalendar(Feed(title, title, (replace(ENTRY, summary=title, description=f"{title}\n{title}"),)), kind)

    for line in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        assert not any(control in line for control in b"\r\n\0\x07\x7f")
        line.decode()  # no character is cut in two
    calendar = Calendar.from_ical(content)
    (found,) = calendar.subcomponents
    assert [unescaped(calendar[name]) for name in ("NAME", "X-WR-CALDESC")] == [read, read]  # RFC 7986 is later than this parser's types
    assert (str(found["SUMMARY"]), str(found["DESCRIPTION"])) == (read, f"{read}\n{read}")
    assert found.subcomponents[1]["DESCRIPTION"] == read


def test_the_same_feed_is_the_same_bytes_wherever_its_times_come_from() -> None:
    elsewhere = replace(ENTRY, **{name: getattr(ENTRY, name).astimezone(UTC) for name in ("created_at", "changed_at", "due_soon_at", "due_at")})

    assert as_icalendar(replace(FEED, entries=(elsewhere,)), "events") == as_icalendar(FEED, "events")


@pytest.mark.parametrize(
    "other",
    [
        replace(FEED, name="Lain"),
        replace(FEED, description="Lain"),
        replace(FEED, entries=()),
        *(replace(FEED, entries=(replace(ENTRY, **changed),)) for changed in ({"sequence": 13}, {"paused": True}, {"due_at": DUE + timedelta(1)})),
    ],
)
def test_whatever_differs_has_another_fingerprint(other: Feed) -> None:
    prints = {fingerprint(feed, kind) for feed in (FEED, other) for kind in ("events", "tasks")}

    assert len(prints) == 4
    assert fingerprint(FEED, "events") == fingerprint(replace(FEED), "events")


def test_who_changes_how_a_feed_is_written_raises_its_form() -> None:
    """Programs hold bytes by their fingerprint, which is not made of the bytes: change both numbers here together."""
    written = sha256(as_icalendar(FEED, "events") + as_icalendar(FEED, "tasks")).hexdigest()[:16]

    assert (FORM, written) == (1, "b88f9e9e784b8d96")
