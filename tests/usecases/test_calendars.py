"""How a change of a calendar is judged, and what it leaves behind; on both databases."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from app.domain.calendars import DayOff, ReportDate
from app.domain.calendars.changes import (
    Change,
    Import,
    add_row,
    change_row,
    import_rows,
    put_year_list,
    remove_row,
    set_report_date,
    unset_report_date,
)
from app.domain.people import Actor, Holding
from app.domain.preconditions import Expected
from app.domain.problems import Invalid, NotVisible, PreconditionRequired, Refused, Stale
from app.domain.retries import StoredAnswer
from app.store.calendars import CalendarCache, load_calendar
from app.store.database import Database
from app.store.events import EVENT
from app.store.offices import OFFICE
from app.store.procedures import ProcedureCache
from app.usecases.acts import Act, Shelf
from app.usecases.calendars import Changed, change_calendar, change_calendar_at_the_server, seed_calendar, view_calendar
from tests.support.calendars import layer_of
from tests.support.people import KUTAI, MUARA_JAWA, NOW, SAMBOJA, seed

BELOW_KUTAI = frozenset({KUTAI, SAMBOJA, MUARA_JAWA})
SHELF = Shelf(ProcedureCache(), CalendarCache())
TUESDAY = DayOff(date(2027, 1, 12), "local", "Hari jadi", source="SK Bupati")
VERSION = Expected(frozenset({2}))


def holder(role: str, office: str, covers: frozenset[str]) -> Actor:
    return Actor(uuid7(), None, role, role.title(), (Holding(office, role, "definitive", covers),))


ADMIN, ADMIN_OF_SAMBOJA = holder("admin", KUTAI, BELOW_KUTAI), holder("admin", SAMBOJA, frozenset({SAMBOJA}))
CAMAT = holder("camat", SAMBOJA, frozenset({SAMBOJA}))


@pytest.fixture
async def offices(database: Database) -> Database:
    """Kutai closes on a Tuesday: so version 2 there and below."""
    await seed(database)
    await at_the_server(database, KUTAI, add_row(TUESDAY))
    return database


async def at_the_server(database: Database, code: str, change: Change, **options: Any) -> Changed:
    async with database.write() as connection:
        return await change_calendar_at_the_server(connection, SHELF, NOW, office_code=code, change=change, reason="edited", **options)


async def asked(database: Database, change: Change, *, code: str = SAMBOJA, actor: Actor = ADMIN, **options: Any) -> Changed:
    """What the answer was made of."""
    seen: list[Changed] = []

    def show(changed: Changed) -> StoredAnswer:
        seen.append(changed)
        return StoredAnswer(200)

    expected = options.pop("expected", VERSION)
    async with database.write() as connection:
        act = Act(connection=connection, shelf=SHELF, actor=actor, now=NOW, expected=expected)
        await change_calendar(act, code, change, reason="edited", show=show, **options)
    return seen[0]


async def row_of(database: Database, code: str) -> UUID:
    async with database.read() as connection:
        found = (await layer_of(connection, code)).days_off[0].id
    assert found is not None
    return found


async def left(database: Database) -> tuple[int, dict[str, int], int]:
    """How many events there are, the versions, and how many days off Samboja itself says."""
    async with database.read() as connection:
        events = await connection.scalar(select(func.count()).select_from(EVENT))
        versions = {row.code: row.calendar_version for row in await connection.execute(select(OFFICE.c.code, OFFICE.c.calendar_version))}
        return events or 0, versions, len((await layer_of(connection, SAMBOJA)).days_off)


async def test_a_change_is_told_by_whom_and_moves_the_calendars_below(offices: Database) -> None:
    before = (await left(offices))[1]
    found = await asked(offices, add_row(replace(TUESDAY, day=date(2027, 1, 13))), code=KUTAI)
    (row,) = found.difference.added.days_off
    assert (row.office, row.id is not None, found.inherited.version, found.recomputing, found.effect) == (KUTAI, True, 3, False, None)
    after = (await left(offices))[1]
    assert {code for code in after if after[code] != before[code]} == BELOW_KUTAI
    async with offices.read() as connection:
        last = select(EVENT.c.id, EVENT.c.actor, EVENT.c.data).where(EVENT.c.office_code == KUTAI).order_by(EVENT.c.sequence.desc()).limit(1)
        told = (await connection.execute(last)).one()
        assert (told.actor["account_id"], told.actor["role"], told.data["reason"]) == (str(ADMIN.account_id), "admin", "edited")
        assert told.data["added"]["days_off"][0]["id"] == str(row.id)
        changed_by = (await connection.execute(select(OFFICE.c.calendar_changed_by).where(OFFICE.c.code.in_(BELOW_KUTAI)))).scalars().all()
        assert changed_by == [told.id] * 3
        assert not (await load_calendar(connection, SAMBOJA)).is_working_day(row.day)


async def test_what_makes_no_difference_makes_no_event_and_no_version(offices: Database) -> None:
    before, row = await left(offices), await row_of(offices, KUTAI)
    for change in (change_row("days_off", row, {"name": TUESDAY.name}), import_rows(Import([("", TUESDAY)]))):
        found = await asked(offices, change, code=KUTAI)
        assert (bool(found.difference), found.inherited.version) == (False, 2)
    assert await left(offices) == before


async def test_a_dry_run_is_answered_alike_and_saves_nothing(offices: Database) -> None:
    before = await left(offices)
    for found in (await asked(offices, add_row(TUESDAY), dry_run=True), await at_the_server(offices, SAMBOJA, add_row(TUESDAY), dry_run=True)):
        assert (found.inherited.version, found.difference.added.days_off) == (3, (TUESDAY,))
        assert found.effect is not None
        assert (found.effect.examined, found.effect.moved) == (0, 0)
    assert await left(offices) == before


@pytest.mark.parametrize("dry_run", [True, False])
async def test_what_a_caller_does_not_see_is_not_there(offices: Database, dry_run: bool) -> None:
    row = await row_of(offices, KUTAI)
    await at_the_server(offices, MUARA_JAWA, add_row(TUESDAY))
    neighbours = await row_of(offices, MUARA_JAWA)
    for code, change, actor in (
        (KUTAI, add_row(replace(TUESDAY, kind="working")), ADMIN_OF_SAMBOJA),
        ("99", add_row(TUESDAY), ADMIN),
        (SAMBOJA, remove_row("days_off", neighbours), ADMIN),
        (SAMBOJA, remove_row("days_off", uuid7()), ADMIN),
        (SAMBOJA, remove_row("seasons", row), ADMIN),
        (SAMBOJA, unset_report_date(2026), ADMIN),
    ):
        with pytest.raises(NotVisible):
            await asked(offices, change, code=code, actor=actor, dry_run=dry_run)
    async with offices.read() as connection:
        with pytest.raises(NotVisible):
            await view_calendar(connection, ADMIN_OF_SAMBOJA, KUTAI)
        assert (await view_calendar(connection, CAMAT, SAMBOJA)).version == 2


@pytest.mark.parametrize("dry_run", [True, False])
async def test_all_that_speaks_against_it_is_said(offices: Database, dry_run: bool) -> None:
    """The caller's own first; an inherited row names the nearest office that says it."""
    row, before = await row_of(offices, KUTAI), await left(offices)
    for actor, codes in ((CAMAT, ["permission_missing", "inherited_row"]), (ADMIN_OF_SAMBOJA, ["inherited_row"])):
        with pytest.raises(Refused) as refused:
            await asked(offices, change_row("days_off", row, {"name": ""}), actor=actor, dry_run=dry_run)
        assert [refusal.code for refusal in refused.value.refusals] == codes
        assert KUTAI in refused.value.refusals[-1].message("id")
    with pytest.raises(Refused) as refused:
        await asked(offices, add_row(TUESDAY), actor=CAMAT, dry_run=dry_run)
    assert [refusal.code for refusal in refused.value.refusals] == ["permission_missing"]
    with pytest.raises(Invalid):
        await asked(offices, add_row(TUESDAY), code=KUTAI, dry_run=dry_run)
    assert await left(offices) == before


async def test_an_inherited_report_date_is_not_unset_here(offices: Database) -> None:
    for code, day in (("64", 20), (KUTAI, 15)):
        await at_the_server(offices, code, set_report_date(ReportDate(2026, date(2027, 2, day))))
    with pytest.raises(Refused) as refused:
        await asked(offices, unset_report_date(2026), expected=Expected(frozenset({4})))
    assert [(refusal.code, refusal.params["office"]) for refusal in refused.value.refusals] == [("inherited_row", KUTAI)]
    await at_the_server(offices, SAMBOJA, set_report_date(ReportDate(2026, date(2027, 2, 10))))
    await asked(offices, unset_report_date(2026), expected=Expected(frozenset({5})))
    async with offices.read() as connection:
        assert (await load_calendar(connection, SAMBOJA)).report_date(2026).due_on == date(2027, 2, 15)


async def test_a_change_is_decided_on_the_calendar_in_force(offices: Database) -> None:
    for expected, problem in ((Expected(frozenset({1, 3})), Stale), (Expected(missing=True), PreconditionRequired)):
        with pytest.raises(problem):
            await asked(offices, add_row(TUESDAY), expected=expected)
    await asked(offices, add_row(TUESDAY), code=SAMBOJA)
    with pytest.raises(Stale):
        await asked(offices, add_row(replace(TUESDAY, kind="working")), code=SAMBOJA)


async def test_a_years_list_at_the_nation_keeps_seeding_away(offices: Database) -> None:
    """Also when its days are all gone again: an administrator wanted it so."""
    listed = put_year_list(2026, [("", DayOff(date(2026, 12, 24), "joint_leave", "Cuti bersama Natal", source="SKB"))])
    found = await at_the_server(offices, "ID", listed)
    for remaining in (1, 0):
        async with offices.write() as connection:
            await seed_calendar(connection, NOW, years=[2026])
            layer = await layer_of(connection, "ID")
            assert len(layer.days_off) == remaining
        row = found.difference.added.days_off[0].id
        if remaining and row is not None:
            await at_the_server(offices, "ID", remove_row("days_off", row))
