"""What a verification finds where an office's calendar in the tables is not that of the log."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from app.domain.calendars import ReportDate
from app.domain.calendars.changes import Change, Import, change_row, import_rows, remove_row, unset_report_date
from app.domain.calendars.entries import ScheduleEntry, SeasonEntry
from app.domain.calendars.values import DayOff
from app.domain.events import NewEvent
from app.store.calendars import CalendarCache
from app.store.events import append_office_events, office_stream
from app.store.procedures import ProcedureCache
from app.store.tables import DayOffRow, ReportDateRow, SeasonRow, WorkScheduleRow, table
from app.usecases.acts import Shelf
from app.usecases.calendars import change_calendar_at_the_server
from tests.support.audit import events_of, found_anywhere, rewritten, slipped_in, taken_away
from tests.support.calendars import layer_of
from tests.support.office import MONDAY, MUARA_JAWA, SAMBOJA, Office, open_office

STREAM, ROOT = office_stream(SAMBOJA), "ID"
DAY_OFF, REPORT_DATE = table(DayOffRow), table(ReportDateRow)
ROWS = Import(
    [("", DayOff(date(2027, 1, 12), "local", "Hari jadi", False, "SK Camat", "1/2027"))],
    [("", SeasonEntry("banjir", date(2027, 2, 1), date(2027, 2, 5), True, "BPBD"))],
    [("", ScheduleEntry(date(2027, 1, 1), "banjir", [[["08:00", "12:00"]]] * 7, "SK Camat"))],
    [("", ReportDate(2026, date(2027, 2, 15)))],
)


async def change(office: Office, wanted: Change, *, code: str = SAMBOJA) -> None:
    shelf = Shelf(ProcedureCache(), CalendarCache())
    async with office.database.write() as connection:
        await change_calendar_at_the_server(connection, shelf, MONDAY, office_code=code, change=wanted, reason="edited")


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        await change(opened, import_rows(ROWS))
        yield opened


async def end(office: Office) -> int:
    return len(await events_of(office, STREAM))


REWRITTEN: list[tuple[Any, list[dict[str, Any]]]] = [
    (
        DayOffRow,
        [
            {"day": date(2027, 1, 13)},
            {"kind": "working"},
            {"name": "Lain"},
            {"provisional": True},
            {"source": "SK lain"},
            {"decree": "2/2027"},
            {"decree": None},
        ],
    ),
    (
        SeasonRow,
        [
            {"name": "kering"},
            {"starts_on": date(2027, 1, 31)},
            {"ends_on": date(2027, 2, 6)},
            {"provisional": False},
            {"source": ""},
        ],
    ),
    (
        WorkScheduleRow,
        [
            {"season": None},
            {"season": "kering"},
            {"valid_from": date(2027, 1, 2)},
            {"valid_to": date(2027, 1, 2)},
            {"week": [[["08:00", "12:01"]]] * 7},
            {"week": [[]] * 7},
            {"week": ["kapan saja"]},
            {"week": {"senin": []}},
            {"source": "SK lain"},
        ],
    ),
    (ReportDateRow, [{"due_on": date(2027, 2, 16)}, {"margin_days": 4}]),
]


@pytest.mark.parametrize(("rows", "changes"), REWRITTEN, ids=lambda value: getattr(value, "__tablename__", ""))
async def test_a_row_rewritten_is_found(office: Office, rows: Any, changes: list[dict[str, Any]]) -> None:
    sequence, here = await end(office), (table(rows).c.office_code == SAMBOJA,)
    assert await found_anywhere(office) == []
    for changed in changes:
        async with rewritten(office, rows, here, **changed):
            assert await found_anywhere(office) == [(STREAM, sequence, "calendar_differs")], changed
    async with taken_away(office, rows, here):
        assert await found_anywhere(office) == [(STREAM, sequence, "calendar_missing")]
    async with rewritten(office, rows, here, office_code=MUARA_JAWA):
        codes = {stream: code for stream, _, code in await found_anywhere(office)}
        assert codes == {STREAM: "calendar_missing", office_stream(MUARA_JAWA): "calendar_unknown"}
    assert await found_anywhere(office) == []


SLIPPED_IN: list[tuple[Any, dict[str, Any]]] = [
    (DayOffRow, {"id": uuid7(), "day": date(2027, 1, 13)}),
    (SeasonRow, {"id": uuid7()}),
    (WorkScheduleRow, {"id": uuid7(), "valid_from": date(2027, 6, 1)}),
    (ReportDateRow, {"year": 2027}),
]


@pytest.mark.parametrize(("rows", "other"), SLIPPED_IN, ids=lambda value: getattr(value, "__tablename__", ""))
async def test_a_row_that_no_event_tells_of_is_found(office: Office, rows: Any, other: dict[str, Any]) -> None:
    """A holiday more, and every deadline over it is a day later."""
    async with slipped_in(office, rows, (table(rows).c.office_code == SAMBOJA,), **other):
        assert await found_anywhere(office) == [(STREAM, await end(office) + 1, "calendar_unknown")]
    assert await found_anywhere(office) == []


async def test_the_seeded_calendar_is_held_against_its_event(office: Office) -> None:
    for rows in (DayOffRow, SeasonRow, WorkScheduleRow):
        national = (table(rows).c.office_code == ROOT,)
        async with rewritten(office, rows, national, source="Lain"):
            assert [(stream, code) for stream, _, code in await found_anywhere(office)] == [(office_stream(ROOT), "calendar_differs")]
        async with taken_away(office, rows, national):
            assert [(stream, code) for stream, _, code in await found_anywhere(office)] == [(office_stream(ROOT), "calendar_missing")]
    assert await found_anywhere(office) == []


async def test_a_row_is_as_it_was_last_told(office: Office) -> None:
    async with office.database.read() as connection:
        layer = await layer_of(connection, SAMBOJA)
    day, season, hours = layer.days_off[0], layer.seasons[0], layer.schedules[0]
    assert day.id is not None
    assert season.id is not None
    assert hours.id is not None
    await change(office, change_row("days_off", day.id, {"name": "Hari jadi kecamatan", "kind": "working"}))
    await change(office, change_row("schedules", hours.id, {"week": [[]] * 7, "valid_to": date(2027, 12, 31)}))
    assert await found_anywhere(office) == []
    async with rewritten(office, DayOffRow, (DAY_OFF.c.id == day.id,), name="Hari jadi"):
        assert await found_anywhere(office) == [(STREAM, await end(office) - 1, "calendar_differs")]
    await change(office, remove_row("seasons", season.id))
    await change(office, unset_report_date(2026))
    assert await found_anywhere(office) == []
    again = Import(report_dates=[("", ReportDate(2026, date(2027, 2, 20)))])
    await change(office, import_rows(again))
    assert await found_anywhere(office) == []
    async with rewritten(office, ReportDateRow, (REPORT_DATE.c.office_code == SAMBOJA,), due_on=date(2027, 2, 15)):
        assert await found_anywhere(office) == [(STREAM, await end(office), "calendar_differs")]


async def counted_only(office: Office) -> None:
    """As an older version told it: how many rows there were, and nothing else."""
    event = NewEvent("calendar.changed", {"reason": "seeded", "schedules": 0, "seasons": 0, "days_off": 2})
    async with office.database.write() as connection:
        await append_office_events(connection, MUARA_JAWA, MONDAY, actor=None, events=[event])


async def test_rows_that_an_older_event_only_counted_are_let_be(office: Office) -> None:
    """Until an event tells of one: then it is as that says, or gone."""
    old, stream, there = uuid7(), office_stream(MUARA_JAWA), {"office_code": MUARA_JAWA, "kind": "local", "name": "Lama"}
    async with office.database.write() as connection:
        await connection.execute(
            insert(DAY_OFF), [{"id": old, "day": date(2027, 1, 12), **there}, {"id": uuid7(), "day": date(2027, 1, 13), **there}]
        )
    assert await found_anywhere(office) == [(stream, len(await events_of(office, stream)) + 1, "calendar_unknown")]
    await counted_only(office)
    assert await found_anywhere(office) == []

    await change(office, change_row("days_off", old, {"name": "Lama sekali"}), code=MUARA_JAWA)
    assert await found_anywhere(office) == []
    told = len(await events_of(office, stream))
    async with rewritten(office, DayOffRow, (DAY_OFF.c.id == old,), name="Lain"):
        assert await found_anywhere(office) == [(stream, told, "calendar_differs")]
    async with taken_away(office, DayOffRow, (DAY_OFF.c.id == old,)):
        assert await found_anywhere(office) == [(stream, told, "calendar_missing")]

    async with office.database.read() as connection:
        (row,) = (await connection.execute(select(DAY_OFF).where(DAY_OFF.c.id == old))).mappings()
    await change(office, remove_row("days_off", old), code=MUARA_JAWA)
    assert await found_anywhere(office) == []
    async with office.database.write() as connection:
        await connection.execute(insert(DAY_OFF).values(dict(row)))
    assert await found_anywhere(office) == [(stream, told + 2, "calendar_unknown")]
