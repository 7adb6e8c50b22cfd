"""The clock on demand, through HTTP: for whom it looks, what it tells, that it tells it once; and what an act tells before it."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.recomputing import recomputed
from tests.support.machines import let_in, machine
from tests.support.office import MONDAY, MUARA_JAWA, SAMBOJA, Office, Run, open_office

DUE = MONDAY + timedelta(minutes=30)
"""Of step 1."""


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Fresh for each test: the clock looks at everything there is."""
    async with open_office(office_url, tmp_path) as opened:
        yield opened


async def check(office: Office, username: str = "admin") -> dict[str, Any]:
    answer = await (await office.as_(username)).post("/v1/deadlines/check")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def seen(*, due_soon: int = 0, missed: int = 0, remaining: bool = False) -> dict[str, Any]:
    return {"recomputed": 0, "due_soon": due_soon, "missed": missed, "remaining": remaining}


async def told(run: Run) -> list[dict[str, Any]]:
    found = (await (await run.office.as_("camat")).get(f"/v1/instances/{run.id}/events?limit=200")).json()["items"]
    return [event for event in found if event["type"].startswith("deadline.")]


async def test_each_is_told_once_and_never_early(office: Office) -> None:
    run = await Run.start(office)
    version = (await run.get())["version"]
    await office.at(MONDAY + timedelta(minutes=22))
    assert await check(office) == seen()
    await office.at(MONDAY + timedelta(minutes=23))
    assert await check(office) == seen(due_soon=1)
    assert await check(office) == seen()
    await office.at(DUE)
    assert await check(office) == seen()
    await office.at(DUE + timedelta(seconds=1))
    assert await check(office) == seen(missed=1)
    assert await check(office) == seen()
    soon, missed = await told(run)
    camat = {"role": "camat", "accounts": [str(office.accounts["camat"])], "level": 1}
    assert (soon["type"], soon["actor"], soon["at"]) == ("deadline.due_soon", None, "2027-01-03T23:53:00+00:00")
    assert soon["data"] == {
        "step": 1,
        "round": 1,
        "due_at": "2027-01-04T08:00:00+08:00",
        "due_soon_at": "2027-01-04T07:52:30+08:00",
        "tell": [camat],
    }
    assert (missed["type"], missed["actor"], missed["at"]) == ("deadline.missed", None, "2027-01-04T00:00:01+00:00")
    assert missed["data"] == {"step": 1, "round": 1, "due_at": "2027-01-04T08:00:00+08:00", "tell": [camat]}
    assert (await run.get())["version"] == version


async def test_after_an_outage_of_days_both_are_told_in_their_order_and_once(office: Office) -> None:
    run = await Run.start(office)
    await office.at(MONDAY + timedelta(days=9))
    assert await check(office) == seen(due_soon=1, missed=1)
    assert await check(office) == seen()
    assert [event["type"] for event in await told(run)] == ["deadline.due_soon", "deadline.missed"]


async def test_an_act_tells_first_and_the_clock_nothing_more(office: Office) -> None:
    run = await Run.start(office)
    await run.fill(1)
    await office.at(DUE + timedelta(minutes=5))
    preview = await run.act("camat", "complete", step=1, late_reason="Rapat.", dry_run=True)
    assert preview.status_code == 200
    assert await told(run) == []
    assert (await run.act("camat", "complete", step=1, late_reason="Rapat.")).status_code == 201
    soon, missed = await told(run)
    assert (soon["type"], soon["actor"], missed["type"], missed["actor"]) == ("deadline.due_soon", None, "deadline.missed", None)
    assert soon["sequence"] + 1 == missed["sequence"]
    assert await check(office) == seen()
    verdict = (await (await office.as_("auditor")).get("/v1/audit/verify")).json()
    assert verdict["broken"] == []


async def test_what_is_suspended_one_second_after_it_was_due_was_missed_and_stays_so(office: Office) -> None:
    run = await Run.start(office)
    await office.at(DUE + timedelta(seconds=1))
    assert (await run.act("camat", "suspend", reason="Banjir.")).status_code == 201
    assert [event["type"] for event in await told(run)] == ["deadline.due_soon", "deadline.missed"]
    await office.at(MONDAY + timedelta(days=3))
    assert await check(office) == seen()
    assert (await run.act("camat", "resume")).status_code == 201
    assert await check(office) == seen()
    assert (await run.get())["steps"][0]["deadline_state"] == "overdue"


async def test_what_a_new_calendar_puts_off_is_withdrawn_and_told_again_when_it_comes(office: Office) -> None:
    run = await Run.start(office)
    await office.at(DUE + timedelta(minutes=1))
    assert await check(office) == seen(due_soon=1, missed=1)
    flood = {"date": "2027-01-04", "kind": "local", "name": "Banjir", "source": "Camat Samboja"}
    answer = await (await office.as_("admin")).post(f"/v1/calendars/{SAMBOJA}/days-off", json=flood)
    assert answer.status_code == 201, answer.text
    assert await check(office) == seen() | {"recomputed": 1}
    assert await check(office) == seen()
    await office.at(DUE + timedelta(days=9))
    assert await check(office) == seen(due_soon=1, missed=1)
    found = await told(run)
    names = ["due_soon", "missed"]
    assert [event["type"].removeprefix("deadline.") for event in found] == [*names, "recomputed", *names]
    assert found[2]["data"]["withdrawn"] == names
    assert (await (await office.as_("auditor")).get("/v1/audit/verify")).json()["broken"] == []


async def test_only_the_offices_that_the_caller_administers_are_looked_at(office: Office) -> None:
    await Run.start(office)
    await office.at(MONDAY + timedelta(days=1))
    elsewhere = await machine(office, offices=(MUARA_JAWA,), scopes=("deadlines:check",))
    async with await let_in(office, elsewhere) as client:
        assert (await client.post("/v1/deadlines/check")).json() == seen()
    mine = await machine(office, scopes=("deadlines:check",))
    async with await let_in(office, mine, **{"Idempotency-Key": "once"}) as client:
        answers = [(await client.post("/v1/deadlines/check")).json() for _ in range(2)]
    assert answers == [seen(due_soon=1, missed=1), seen()]


@pytest.mark.parametrize("username", ["camat", "auditor", "staf"])
async def test_who_administers_nothing_is_refused(office: Office, username: str) -> None:
    answer = await (await office.as_(username)).post("/v1/deadlines/check")
    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (403, "permission_missing")


async def test_a_machine_without_the_scope_is_refused(office: Office) -> None:
    known = await machine(office, scopes=("deadlines:read",))
    async with await let_in(office, known) as client:
        answer = await client.post("/v1/deadlines/check")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


async def test_what_one_request_does_not_reach_remains(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.deadline_checks.BATCHES", 2)
    monkeypatch.setattr("app.web.clock.BATCH", 1)
    runs = [await Run.start(office, year=2026 + number) for number in range(3)]
    await office.at(MONDAY + timedelta(days=1))
    first = await check(office)
    assert first == seen(due_soon=1, missed=1, remaining=True)
    assert await check(office) == seen(due_soon=1, missed=1, remaining=True)
    assert (await check(office))["missed"] == 1
    assert [len(await told(run)) for run in runs] == [2, 2, 2]


async def test_an_instance_that_cannot_be_told_stops_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with it: it is logged, passed over, and the look ends."""
    runs = [await Run.start(office, year=2026 + number) for number in range(5)]
    broken = runs[2].id
    monkeypatch.setattr("app.usecases.clock.tell", failing(broken))
    await office.at(MONDAY + timedelta(days=1))
    assert await check(office) == seen(due_soon=4, missed=4, remaining=True)
    assert await check(office) == seen(remaining=True)
    monkeypatch.undo()
    assert await check(office) == seen(due_soon=1, missed=1)
    assert [len(await told(run)) for run in runs] == [2] * 5


def failing(instance_id: str) -> Callable[..., Any]:
    from app.domain.transitions import tell  # noqa: PLC0415 - what is replaced

    def spoilt(instance: Any, people: Any, now: Any) -> Any:
        if str(instance.id) == instance_id:
            raise ValueError("a defect")
        return tell(instance, people, now)

    return spoilt


async def test_a_recomputation_that_cannot_be_done_stops_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [await Run.start(office, year=2026 + number) for number in range(5)]
    flood = {"date": "2027-01-04", "kind": "local", "name": "Banjir", "source": "Camat Samboja"}
    assert (await (await office.as_("admin")).post(f"/v1/calendars/{SAMBOJA}/days-off", json=flood)).status_code == 201
    broken = runs[2].id

    def spoilt(instance: Any, *rest: Any, **more: Any) -> Any:
        if str(instance.id) == broken:
            raise ValueError("a defect")
        return recomputed(instance, *rest, **more)

    monkeypatch.setattr("app.usecases.recomputing.recomputed", spoilt)
    assert await check(office) == seen(remaining=True) | {"recomputed": 4}
    assert await check(office) == seen(remaining=True)
    await office.at(MONDAY + timedelta(hours=1))
    assert await check(office) == seen(due_soon=1, missed=1, remaining=True)  # by the old calendar, of the one that stands on it
    monkeypatch.undo()
    assert await check(office) == seen() | {"recomputed": 1}
    assert (await told(runs[2]))[-1]["data"]["withdrawn"] == ["due_soon", "missed"]


async def test_a_body_is_not_needed_and_a_get_is_not_allowed(office: Office) -> None:
    client = await office.as_("admin")
    assert (await client.get("/v1/deadlines/check")).status_code == 405
