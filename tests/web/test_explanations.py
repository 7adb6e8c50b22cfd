"""Why a round is due when it is, over HTTP: recounted by today's calendar, or not at all; and how its due time was moved."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.calendars import DayOff, Layer
from app.domain.events import NewEvent
from app.store import instances as store
from app.store.procedures import ProcedureCache
from app.usecases.recomputing import recompute_batch
from tests.support.calendars import add_layer, at
from tests.support.office import SAMBOJA, Office, Run
from tests.support.replies import made
from tests.web.test_no_office_time import forget_the_hours


async def deadlines(run: Run, *, language: str = "id", explain: bool = True) -> dict[str, Any]:
    client = await run.office.as_("auditor")
    asked = {"explain": "true"} if explain else {}
    answer = await client.get(f"/v1/instances/{run.id}/deadlines", params=asked, headers={"Accept-Language": language})
    found: dict[str, Any] = made(answer, 200)
    return found


async def rounds(run: Run, **how: Any) -> dict[tuple[int, int], dict[str, Any]]:
    return {(item["step"], item["round"]): item for item in (await deadlines(run, **how))["items"]}


def skipped(item: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(day["date"][5:], day["code"], day["reason"]) for day in item["explanation"]["skipped"]]


async def no_office_hours_on(office: Office, *days: date) -> None:
    async with office.database.write() as connection:
        await add_layer(connection, SAMBOJA, Layer(days_off=tuple(DayOff(day, "local", "Banjir") for day in days)))


# ── what is explained ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "reasons"),
    [
        ("id", ("Isra Mikraj Nabi Muhammad", "Sabtu", "Minggu")),
        ("en", ("Public holiday: Isra Mikraj Nabi Muhammad", "Saturday", "Sunday")),
    ],
)
async def test_the_active_step_says_what_led_to_its_due_time(own_office: Office, language: str, reasons: tuple[str, str, str]) -> None:
    run = await (await Run.start(own_office)).until(3)
    item = (await rounds(run, language=language))[3, 1]
    holiday, saturday, sunday = reasons
    assert item["due_at"] == "2027-01-12T16:00:00+08:00"
    assert skipped(item) == [("01-05", "public", holiday), ("01-09", "weekend", saturday), ("01-10", "weekend", sunday)]
    assert [used["from"][:16] for used in item["explanation"]["used"]] == [f"2027-01-{day}T07:30" for day in ("06", "07", "08", "11", "12")]
    assert item["explanation"]["used"][-1]["to"] == item["due_at"]
    assert (item["explanation"]["warnings"], item["explanation_missing"], item["history"]) == ([], None, [])


async def test_nothing_is_explained_unasked(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(2)
    for item in (await deadlines(run, explain=False))["items"]:
        assert (item["explanation"], item["explanation_missing"], item["history"]) == (None, None, None)


async def test_closed_rounds_are_explained_by_the_pauses_of_their_own_time(each_office: Office) -> None:
    """Step 3 ends early; a pause of step 4 before the day on which step 3 had been due moved nothing of step 3."""
    run = await (await Run.start(each_office)).until(3)
    await each_office.at(at("2027-01-06 15:00"))
    made(await run.act("camat", "suspend", reason="Banjir."))
    await each_office.at(at("2027-01-07 08:00"))
    assert skipped((await rounds(run))[3, 1])[0][0] == "01-05"  # paused: by the pauses so far, of which there is none
    made(await run.act("camat", "resume"))
    await run.take(3)
    made(await run.act("camat", "suspend", reason="Banjir lagi."))
    await each_office.at(at("2027-01-11 08:00"))
    made(await run.act("camat", "resume"))
    found = await rounds(run)
    assert {key: item["explanation_missing"] for key, item in found.items()} == dict.fromkeys([(1, 1), (2, 1), (3, 1), (4, 1)])
    third, fourth = found[3, 1], found[4, 1]
    assert third["due_at"] == third["explanation"]["used"][-1]["to"] == "2027-01-13T16:00:00+08:00"
    assert ("01-06", "paused", "Ditangguhkan") in skipped(third)
    assert ("01-07", "paused", "Ditangguhkan") not in skipped(third)
    assert fourth["due_at"] == fourth["explanation"]["used"][-1]["to"] == "2027-01-13T16:00:00+08:00"
    assert [day for day, code, _ in skipped(fourth) if code == "paused"] == ["01-07", "01-08"]


async def test_what_was_cancelled_while_it_was_suspended_is_explained_as_it_was_due(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(3)
    made(await run.act("camat", "suspend", reason="Banjir."))
    await own_office.at(at("2027-01-08 09:00"))
    made(await run.act("camat", "cancel", reason="Salah periode."))
    item = (await rounds(run))[3, 1]
    assert item["due_at"] == item["explanation"]["used"][-1]["to"] == "2027-01-12T16:00:00+08:00"


# ── what is not ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_calendar_that_leads_elsewhere_explains_nothing(each_office: Office) -> None:
    run = await (await Run.start(each_office)).until(3)
    assert (await run.get())["recomputing"] is False
    await no_office_hours_on(each_office, date(2027, 1, 11))
    found = await rounds(run)
    assert (found[3, 1]["explanation"], found[3, 1]["explanation_missing"]) == (None, "calendar_changed")
    assert found[3, 1]["due_at"] == "2027-01-12T16:00:00+08:00"
    assert found[1, 1]["explanation"]["used"] == [{"from": "2027-01-04T07:30:00+08:00", "to": "2027-01-04T08:00:00+08:00"}]
    assert found[1, 1]["explanation_missing"] is None
    assert (await run.get())["recomputing"] is True


async def test_without_office_hours_nothing_can_be_explained(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(2)
    await forget_the_hours(own_office)
    found = await deadlines(run)
    assert [(item["explanation"], item["explanation_missing"]) for item in found["items"]] == [(None, "calendar_changed")] * 2
    assert (found["forecast_end_at"], found["forecast"], found["lateness"]["against_plan"]) == (None, [], None)
    shown = await run.get()
    assert (shown["lkjip_due_on"], shown["lkjip_risk"], shown["recomputing"]) == ("2027-02-28", None, True)


# ── how it was moved ────────────────────────────────────────────────────────────────────────────────────────────────


async def told(run: Run, now: datetime, *data: dict[str, Any]) -> None:
    """Those recomputations in the instance's log."""
    async with run.office.database.write() as connection:
        unresolved = await store.load(connection, UUID(run.id))
        assert unresolved is not None
        procedure = await ProcedureCache().get(connection, unresolved.facts.procedure_key, unresolved.facts.procedure_version)
        before = unresolved.with_procedure(procedure).instance
        events = [NewEvent("deadline.recomputed", found) for found in data]
        after, rows = store.advanced(before, before, events=events, actor={}, now=now)
        await store.save(connection, before, after, beside=[rows])


async def test_each_round_tells_how_its_due_time_was_moved(each_office: Office) -> None:
    run, change = await (await Run.start(each_office)).until(3), str(uuid4())
    days = [f"2027-01-{day}T16:00:00+08:00" for day in (12, 13, 12)]
    moves = [
        {"step": 3, "round": 1, "from": days[number], "to": days[number + 1], "reason": reason, "change": of}
        for number, (reason, of) in enumerate([("calendar_changed", change), ("office_moved", None)])
    ]
    also = {"due_soon_at": days[0], "calendar_version": 2, "withdrawn": []}
    await told(run, at("2027-01-06 09:00"), *(move | also for move in moves))
    found = await rounds(run)
    assert found[3, 1]["history"] == [
        {"at": "2027-01-06T09:00:00+08:00", "from": days[0], "to": days[1], "reason": "calendar_changed", "change": change},
        {"at": "2027-01-06T09:00:00+08:00", "from": days[1], "to": days[2], "reason": "office_moved", "change": None},
    ]
    assert found[2, 1]["history"] == []


async def test_once_it_is_computed_anew_a_due_time_is_explained_again(each_office: Office) -> None:
    run = await (await Run.start(each_office)).until(3)
    await no_office_hours_on(each_office, date(2027, 1, 11))
    app, now = each_office.app, at("2027-01-06 09:00")
    async with each_office.database.write() as connection:
        await recompute_batch(connection, app.state.shelf, now)
    item = (await rounds(run))[3, 1]
    assert (item["due_at"], item["explanation_missing"]) == ("2027-01-13T16:00:00+08:00", None)
    assert ("01-11", "local", "Banjir") in skipped(item)
    moved = [(found["at"], found["from"], found["to"], found["reason"]) for found in item["history"]]
    assert moved == [("2027-01-06T09:00:00+08:00", "2027-01-12T16:00:00+08:00", "2027-01-13T16:00:00+08:00", "calendar_changed")]
    assert (await run.get())["recomputing"] is False
