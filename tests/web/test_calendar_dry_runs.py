"""A dry run of every change of a calendar: judged as the real call, answered in its shape, and nothing is saved."""

import json
from typing import Any

import pytest

from tests.support.authorization_calendars import CALENDARS
from tests.support.calendar_rows import CLOSURE, AtCalendar, at_calendar, calendar_names, calendar_of
from tests.support.cells import Row
from tests.support.contract import check_answer, operations
from tests.support.office import SAMBOJA, Office, Run
from tests.support.shared_office import nothing_saved
from tests.web.test_frame_errors import problem

WRITES = [row for row in CALENDARS if row.send]
DRY = {"dry_run": "true"}


async def ask(office: Office, row: Row, names: dict[str, str], who: str = "admin", **more: Any) -> Any:
    path, method, _ = operations()[row.operation]
    sent = dict(row.send) | more
    answer = await (await office.as_(who)).request(method, path.format_map(names), **sent)
    check_answer(row.operation, answer)
    return answer


def nameless(body: dict[str, Any]) -> dict[str, Any]:
    """Without what a dry run cannot know: the ids of new rows, and the effect that it alone tells."""
    found: dict[str, Any] = json.loads(json.dumps(body))
    for rows in found["added"].values():
        for row in rows:
            row.pop("id", None)
    return found | {"effect": None}


@pytest.mark.parametrize("row", WRITES, ids=lambda row: row.name)
async def test_it_says_what_the_real_call_would_and_saves_nothing(each_office: Office, row: Row) -> None:
    names = {"office_code": SAMBOJA} | await calendar_names(each_office)
    at = await at_calendar(each_office)
    before = (await at.read("getCalendar"), await at.read("listDaysOff", "/days-off", own="true"))
    headers = dict(row.send.get("headers", {})) | {"Idempotency-Key": "kering"}
    async with nothing_saved(each_office):
        dry = [await ask(each_office, row, names, headers=headers) for _ in range(2)]
    assert {answer.status_code for answer in dry} == {200}
    assert all("idempotency-replayed" not in answer.headers and "etag" not in answer.headers for answer in dry)
    assert dry[0].json()["effect"] == {"examined": 0, "complete": True, "moved": 0, "items": []}
    assert (await at.read("getCalendar"), await at.read("listDaysOff", "/days-off", own="true")) == before
    real = await ask(each_office, row, names, headers=headers, params={})
    assert real.status_code == (201 if operations()[row.operation][1] == "post" else 200)
    assert real.json()["effect"] is None
    assert nameless(dry[0].json()) == nameless(real.json())


@pytest.mark.parametrize("row", WRITES, ids=lambda row: row.name)
async def test_it_is_refused_as_the_real_call_is(own_office: Office, row: Row) -> None:
    names = {"office_code": SAMBOJA} | await calendar_names(own_office)
    headers = dict(row.send.get("headers", {}))
    tried: list[tuple[str, dict[str, Any]]] = [
        ("camat", {}),
        ("auditor", {}),
        ("camat.muarajawa", {}),
        ("admin", {"headers": headers | {"If-Match": '"1.0123456789abcdef"'}}),
        ("admin", {"headers": {name: value for name, value in headers.items() if name != "If-Match"}}),
        ("admin", {"json": {"aneh": 1}} if "content" not in row.send else {"content": b"aneh"}),
    ]
    for who, change in tried:
        await own_office.as_(who)
        async with nothing_saved(own_office):
            dry = await ask(own_office, row, names, who, **change)
        if dry.status_code == 200:
            continue  # If-Match is optional here, or there is no body
        real = await ask(own_office, row, names, who, **(change | {"params": {}}))
        told = [{key: value for key, value in answer.json().items() if key != "request_id"} for answer in (dry, real)]
        assert told[0] == told[1]
        assert real.status_code >= 400


async def test_it_tells_which_deadlines_would_move(each_office: Office) -> None:
    run = await (await Run.start(each_office)).until(3)
    step = (await run.get())["steps"][2]
    assert step["due_at"] == "2027-01-12T16:00:00+08:00"
    at = await at_calendar(each_office)
    closure = CLOSURE | {"date": "2027-01-11"}
    async with nothing_saved(each_office):
        effect = (await at.change("createDayOff", "/days-off", closure, params=DRY))["effect"]
    assert (effect["examined"], effect["complete"], effect["moved"]) == (1, True, 1)
    assert effect["items"] == [
        {
            "instance_id": run.id,
            "title": "Pengumpulan data",
            "office": {"code": SAMBOJA, "name": "Kecamatan Samboja"},
            "step": 3,
            "round": 1,
            "from": "2027-01-12T16:00:00+08:00",
            "to": "2027-01-13T16:00:00+08:00",
        }
    ]
    assert (await run.get())["steps"][2]["due_at"] == step["due_at"]
    assert not (await at.read("getCalendar"))["recomputing"]
    assert (await at.change("createDayOff", "/days-off", closure))["recomputing"]
    assert (await at.read("getCalendar"))["recomputing"]
    assert (await (await at_calendar(each_office, "camat")).read("getCalendar"))["recomputing"]


async def test_where_there_are_no_hours_left_the_deadline_would_stay(own_office: Office) -> None:
    await (await Run.start(own_office)).until(3)
    at: AtCalendar = await at_calendar(own_office)
    closed = {day: [] for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}
    rows = [{"valid_from": "2027-01-05", "season": season, "week": closed} for season in (None, "ramadan")]
    effect = (await at.change("importCalendar", "/import", {"schedules": rows}, params=DRY))["effect"]
    assert [item["to"] for item in effect["items"]] == [None]


async def test_a_dry_run_of_a_stranger_is_of_nothing(own_office: Office) -> None:
    client = await own_office.as_("camat.muarajawa")
    problem(await client.post(f"{calendar_of()}/days-off", json=CLOSURE, params=DRY), 404, "not_found")
