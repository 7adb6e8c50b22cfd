"""Deadlines over HTTP while the clock moves: pages by state, late sign-offs, and the clock that stands still."""

from typing import Any

import pytest

from tests.support.calendars import at
from tests.support.office import KEY, SAMBOJA, Office, Run
from tests.support.replies import made, refused

STATES = ("on_time", "due_soon", "overdue")


async def listed(at_office: Office, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = made(await (await at_office.as_("auditor")).get("/v1/deadlines", params=query), 200)["items"]
    return items


async def pages(office: Office) -> dict[str, list[str]]:
    """Per state the deadlines on its page; each says so of itself."""
    found = {}
    for state in STATES:
        items = await listed(office, state=state)
        assert {item["deadline_state"] for item in items} <= {state}
        found[state] = [item["instance"]["id"] for item in items]
    return found


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2027-01-04 07:52", "on_time"),
        ("2027-01-04 07:52:30", "due_soon"),
        ("2027-01-04 08:00", "due_soon"),
        ("2027-01-04 08:00:01", "overdue"),
        ("2027-06-01 08:00", "overdue"),
    ],
)
async def test_a_running_step_stands_on_exactly_one_page(own_office: Office, moment: str, state: str) -> None:
    run = await Run.start(own_office)
    await own_office.at(at(moment))
    assert await pages(own_office) == {name: [run.id] if name == state else [] for name in STATES}
    assert (await run.get())["steps"][0]["deadline_state"] == state
    assert [item["deadline_state"] for item in await listed(own_office)] == [state]
    summary = made(await (await own_office.as_("camat")).get("/v1/instances"), 200)["items"][0]
    assert (summary["deadline_state"], summary["due_at"]) == (state, "2027-01-04T08:00:00+08:00")


@pytest.mark.parametrize(("suspended_at", "state"), [("2027-01-04 07:55", "paused"), ("2027-01-04 08:00", "paused"), ("2027-01-04 08:05", "overdue")])
async def test_a_suspended_step_is_on_no_page_unless_it_was_overdue(each_office: Office, suspended_at: str, state: str) -> None:
    run = await Run.start(each_office)
    await each_office.at(at(suspended_at))
    made(await run.act("camat", "suspend", reason="Banjir."))
    await each_office.at(at("2027-01-09 09:00"))
    assert await pages(each_office) == {name: [run.id] if name == state else [] for name in STATES}
    assert [item["deadline_state"] for item in await listed(each_office)] == [state]
    assert (await run.get())["steps"][0]["deadline_state"] == state


async def test_those_due_first_come_first_page_by_page(each_office: Office) -> None:
    runs = [await Run.start(each_office, quarter=quarter) for quarter in (1, 2, 3, 4)]
    await runs[0].until(5)
    await runs[2].until(3)
    whole = [item["instance"]["id"] for item in await listed(each_office)]
    assert whole == [*sorted((runs[1].id, runs[3].id)), runs[0].id, runs[2].id]
    client, path, paged = await each_office.as_("auditor"), "/v1/deadlines?limit=1", list[str]()
    while path:
        answer = await client.get(path)
        paged += [item["instance"]["id"] for item in made(answer, 200)["items"]]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert paged == whole


async def test_filters_narrow_the_page(own_office: Office) -> None:
    runs = [await Run.start(own_office, quarter=quarter) for quarter in (1, 2)]
    await runs[0].until(4)
    await runs[0].fill(4)
    made(await runs[0].act("tim1", "complete", step=4))
    waiting = {role: [item["instance"]["id"] for item in await listed(own_office, role=role)] for role in ("camat", "sekretaris", "tim_penyusun")}
    assert waiting == {"camat": [runs[1].id], "sekretaris": [runs[0].id], "tim_penyusun": []}
    assert len(await listed(own_office, office=SAMBOJA, procedure=KEY)) == 2
    assert await listed(own_office, procedure="sop-lain") == []
    client = await own_office.as_("auditor")
    assert refused(await client.get("/v1/deadlines", params={"state": "late"})) == (422, ["invalid_request"])


async def test_a_role_finds_what_waits_for_it_while_suspended_too(each_office: Office) -> None:
    """Suspended steps have no tasks; whoever performs them and has not signed off is still the one they wait for."""
    overdue, paused = [await (await Run.start(each_office, quarter=quarter)).until(4) for quarter in (1, 2)]
    await overdue.fill(4)
    made(await overdue.act("sekretaris", "complete", step=4))
    made(await paused.act("camat", "suspend", reason="Banjir."))
    await each_office.at(at("2027-01-08 09:00"))  # step 4 was due on the 7th
    made(await overdue.act("camat", "suspend", reason="Banjir."))

    async def found(**query: str) -> dict[str, list[str]]:
        roles = ("camat", "sekretaris", "tim_penyusun", "nobody", '"$.')
        return {role: [item["instance"]["id"] for item in await listed(each_office, role=role, **query)] for role in roles}

    nothing: dict[str, list[str]] = {role: [] for role in ("camat", "sekretaris", "tim_penyusun", "nobody", '"$.')}
    assert await found(state="overdue") == nothing | {"tim_penyusun": [overdue.id]}
    assert await found() == nothing | {"sekretaris": [paused.id], "tim_penyusun": sorted((overdue.id, paused.id))}
    assert await found(state="on_time") == nothing


# ── late sign-offs ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_late_sign_off_says_why_and_stays_visible(each_office: Office) -> None:
    run = await Run.start(each_office)
    await run.fill(1)
    await each_office.at(at("2027-01-04 08:01"))
    assert refused(await run.act("camat", "complete", step=1)) == (422, ["late_reason_missing"])
    assert refused(await run.act("camat", "complete", step=1, late_reason="  ")) == (422, ["late_reason_missing"])
    taken = made(await run.act("camat", "complete", step=1, late_reason="Camat rapat di kabupaten."))
    assert taken["transition"]["late_reason"] == "Camat rapat di kabupaten."
    step = taken["instance"]["steps"][0]
    assert (step["deadline_state"], step["late_reason"]) == ("missed", "Camat rapat di kabupaten.")
    assert step["performers"][0]["sign_offs"][0]["late_reason"] == "Camat rapat di kabupaten."
    deadlines = made(await (await each_office.as_("auditor")).get(f"/v1/instances/{run.id}/deadlines"), 200)
    assert [(d["deadline_state"], d["late_reasons"]) for d in deadlines["items"]] == [("missed", ["Camat rapat di kabupaten."]), ("on_time", [])]
    assert (deadlines["planned_end_at"], deadlines["forecast_end_at"]) == ("2027-01-21T16:00:00+08:00", "2027-01-21T16:00:00+08:00")


async def test_a_late_reason_in_time_is_not_kept(own_office: Office) -> None:
    run = await Run.start(own_office)
    await run.fill(1)
    await own_office.at(at("2027-01-04 08:00"))
    taken = made(await run.act("camat", "complete", step=1, late_reason="Tidak perlu."))
    assert (taken["transition"]["late_reason"], taken["instance"]["steps"][0]["late_reason"]) == (None, None)
    assert taken["instance"]["steps"][0]["deadline_state"] == "met"


async def test_the_planned_end_stays_and_the_forecast_moves(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(3)
    await own_office.at(at("2027-01-18 09:00"))  # step 3 was due on the 12th
    shown = await run.get()
    assert shown["planned_end_at"] == "2027-01-21T16:00:00+08:00"
    assert shown["forecast_end_at"] == "2027-01-27T16:00:00+08:00"  # 20, 22 (a Friday), an hour on the 25th, 27
    assert shown["steps"][2]["deadline_state"] == "overdue"


# ── the clock stands still ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_suspension_over_a_weekend_moves_minutes_by_what_was_left_and_days_by_closing_times(each_office: Office) -> None:
    in_minutes, in_days = await Run.start(each_office, quarter=1), await (await Run.start(each_office, quarter=2)).until(3)
    await each_office.at(at("2027-01-04 07:40"))
    made(await in_minutes.act("camat", "suspend", reason="Banjir."))
    await each_office.at(at("2027-01-08 15:00"))  # a Friday
    made(await in_days.act("sekretaris", "suspend", reason="Banjir."))
    await each_office.at(at("2027-01-11 09:00"))  # Monday
    resumed = [made(await run.act("camat", "resume"))["instance"] for run in (in_minutes, in_days)]
    assert resumed[0]["steps"][0]["due_at"] == "2027-01-11T09:20:00+08:00"
    assert resumed[1]["steps"][2]["due_at"] == "2027-01-13T16:00:00+08:00"  # one closing time: Friday's
    assert [found["steps"][number]["deadline_state"] for found, number in zip(resumed, (0, 2), strict=True)] == ["on_time", "on_time"]
    assert [item["due_at"] for item in await listed(each_office)] == ["2027-01-11T09:20:00+08:00", "2027-01-13T16:00:00+08:00"]
    tasks = made(await (await each_office.as_("tim1")).get("/v1/tasks"), 200)["items"]
    assert [task["due_at"] for task in tasks] == ["2027-01-13T16:00:00+08:00"]


async def test_a_weekend_alone_moves_no_day(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(3)
    await own_office.at(at("2027-01-08 17:00"))
    made(await run.act("camat", "suspend", reason="Akhir pekan."))
    await own_office.at(at("2027-01-11 07:00"))
    assert made(await run.act("camat", "resume"))["instance"]["steps"][2]["due_at"] == "2027-01-12T16:00:00+08:00"


async def test_suspended_work_can_be_read_commented_resumed_and_cancelled_and_nothing_else(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(4)
    suspended = made(await run.act("camat", "suspend", reason="Banjir."))["instance"]
    assert (suspended["state"], suspended["current_step"], suspended["steps"][3]["deadline_state"]) == ("suspended", 4, "paused")
    assert refused(await run.act("tim1", "claim", step=4)) == (409, ["instance_suspended"])
    assert refused(await run.upload("tim1", "konsep_laporan")) == (409, ["instance_suspended"])
    assert refused(await run.act("camat", "suspend", reason="Lagi.")) == (409, ["instance_suspended"])
    made(await (await own_office.as_("tim3")).post(f"/v1/instances/{run.id}/comments", json={"body": "Kapan lanjut?"}))
    assert refused(await run.act("camat", "cancel")) == (422, ["reason_missing"])
    cancelled = made(await run.act("sekretaris", "cancel", reason="Periode salah."))["instance"]
    assert (cancelled["state"], cancelled["steps"][3]["state"], cancelled["steps"][3]["deadline_state"]) == ("cancelled", "cancelled", None)
    assert refused(await run.act("camat", "resume")) == (409, ["instance_closed"])
    again = await Run.start(own_office)  # the period is free again
    assert again.id != run.id
