"""What a calendar change would do to the deadlines that run, told before it is saved."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.domain.calendars import Layer
from app.usecases.calendar_effects import Effect, effect_of
from tests.support.calendars import layer_of
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.recomputing import ADDED, AFTER, BEFORE, august_2025, change, closed_on, is_stale, shelf, without_hours


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with august_2025(office_url, tmp_path) as opened:
        yield opened


async def effect(office: Office, layer: Layer, *, code: str = "ID") -> Effect:
    async with office.database.read() as connection:
        before = await layer_of(connection, code)
        return await effect_of(connection, shelf(office), office_code=code, before=before, after=before.with_rows(layer))


async def test_what_a_change_would_move_is_told_before_it(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await Run.start(office, year=2025, quarter=2)
    found = await effect(office, ADDED)
    assert (found.examined, found.complete, found.moved) == (2, True, 1)
    (line,) = found.items
    assert (str(line.instance_id), line.title, line.office_code, line.office_name) == (run.id, "Pengumpulan data", SAMBOJA, "Kecamatan Samboja")
    assert line.after is not None
    assert (line.step, line.round, line.before.isoformat(), line.after.isoformat()) == (3, 1, BEFORE, AFTER)
    assert not await is_stale(office)
    assert (await effect(office, closed_on("2025-09-01"))).moved == 0
    assert await effect(office, closed_on("2025-08-13"), code=MUARA_JAWA) == Effect(0, True, 0, ())


async def test_what_only_an_earlier_change_moves_is_not_put_down_to_the_next(office: Office) -> None:
    await (await Run.start(office, year=2025, quarter=3)).until(3)
    await change(office, ADDED)
    assert (await effect(office, closed_on("2025-09-01"))).moved == 0
    (line,) = (await effect(office, closed_on("2025-08-13"))).items
    assert line.after is not None
    assert (line.before.isoformat(), line.after.isoformat()) == (AFTER, "2025-08-20T16:00:00+08:00")


async def test_a_change_after_which_there_is_no_office_time_is_seen_before_it(office: Office) -> None:
    await Run.start(office, year=2025, quarter=3)
    (line,) = (await effect(office, without_hours(), code=SAMBOJA)).items
    assert line.after is None


async def test_an_effect_looks_at_so_many_and_shows_so_many(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        await Run.start(office, year=2020 + number, quarter=1)
    monkeypatch.setattr("app.usecases.calendar_effects.MOST_EXAMINED", 3)
    monkeypatch.setattr("app.usecases.calendar_effects.MOST_SHOWN", 2)
    found = await effect(office, closed_on("2025-08-11"))
    assert (found.examined, found.complete, found.moved, len(found.items)) == (3, False, 3, 2)
    monkeypatch.setattr("app.usecases.calendar_effects.MOST_EXAMINED", 4)
    assert (await effect(office, closed_on("2025-08-11"))).complete
