"""The timeliness report over HTTP, on work that was really done while the clock moved, and recounted by hand."""

from typing import Any

import pytest
from sqlalchemy import text

import app.usecases.timeliness
from app.usecases.demo import DemoPerson
from tests.support.calendars import at
from tests.support.contract import check_answer
from tests.support.office import KEY, MUARA_JAWA, SAMBOJA, TEAM, Office, Run
from tests.support.replies import made
from tests.web.test_frame_errors import problem

PATH = "/v1/reports/timeliness"
COUNTS = ("finished", "on_time", "late", "returned", "still_open", "still_open_overdue")
LATE = {"late_reason": "Camat rapat di kabupaten."}


async def reported(office: Office, username: str = "auditor", /, **query: Any) -> dict[str, Any]:
    answer = await (await office.as_(username)).get(PATH, params={name.rstrip("_"): value for name, value in query.items()})
    check_answer("getTimelinessReport", answer)
    found: dict[str, Any] = made(answer, 200)
    return found


async def counted(office: Office, username: str = "auditor", /, **query: Any) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """By what it is grouped by: finished, on time, late, returned, still open, of these overdue."""
    found = await reported(office, username, **query)
    return {tuple(map(_plain, (item[name] for name in found["group_by"]))): tuple(item[name] for name in COUNTS) for item in found["items"]}


def _plain(dimension: Any) -> Any:
    if not isinstance(dimension, dict):
        return dimension
    year, quarter = dimension.get("year"), dimension.get("quarter")
    return dimension.get("key") or dimension.get("code") or (f"{year}-Q{quarter}" if quarter else f"{year}")


async def finish(run: Run, step: int, moment: str, **more: Any) -> None:
    await run.office.at(at(moment))
    await run.take(step, **more)


async def three_first_steps(office: Office) -> list[Run]:
    """All begin on a Monday at 07:30 with half an hour for step 1; they take 10, 50 and 90 minutes of it."""
    runs = [await Run.start(office, quarter=quarter) for quarter in (1, 2, 3)]
    await finish(runs[0], 1, "2027-01-04 07:40")
    await finish(runs[1], 1, "2027-01-04 08:20", **LATE)
    await finish(runs[2], 1, "2027-01-04 09:00", **LATE)
    return runs


async def test_counts_and_percentiles_of_one_step(each_office: Office) -> None:
    await three_first_steps(each_office)
    found = await reported(each_office, step=1)
    (item,) = found.pop("items")
    assert found == {
        "from": "2027-01-01",
        "to": "2027-12-31",
        "unit": "step",
        "group_by": ["procedure", "step"],
        "judged_at": "2027-01-04T09:00:00+08:00",
    }
    assert item["procedure"] == {"key": KEY, "version": item["procedure"]["version"], "title": "Pengumpulan Data Kinerja"}
    assert item["activity"].startswith("Memerintahkan")
    assert [item[name] for name in ("step", "role", "role_label", "office", "period")] == [1, None, None, None, None]
    assert [item[name] for name in COUNTS] == [3, 1, 2, 0, 0, 0]
    assert (item["on_time_percent"], item["unmeasured"], item["allowance"]) == ("33.33", 0, {"value": 30, "unit": "minute"})
    assert item["used"]["office_minutes"] == {"median": "50.0", "p90": "82.0"}
    assert item["lateness"]["office_minutes"] == {"median": "40.0", "p90": "56.0"}
    assert item["used"]["working_days"] == item["lateness"]["working_days"] == {"median": "0.0", "p90": "0.0"}


async def test_what_is_still_open_stays_in_sight(each_office: Office) -> None:
    """Step 2 has an hour: at 08:45 the first of three is overdue, and stays so when it is suspended; the others are not when they are."""
    runs = await three_first_steps(each_office)
    await each_office.at(at("2027-01-04 09:15"))
    assert await counted(each_office, group_by="step") == {(1,): (3, 1, 2, 0, 0, 0), (2,): (0, 0, 0, 0, 3, 1)}
    for run in runs[:2]:
        made(await run.act("camat", "suspend", reason="Banjir."))
    await each_office.at(at("2027-01-05 09:15"))
    assert (await counted(each_office, step=2))[KEY, 2] == (0, 0, 0, 0, 3, 2)
    assert (await counted(each_office, step=2, from_="2030-01-01"))[KEY, 2] == (0, 0, 0, 0, 3, 2)
    assert (await counted(each_office, group_by="role", step=2))[("sekretaris",)] == (0, 0, 0, 0, 1, 1)
    assert (await reported(each_office, step=2))["items"][0]["on_time_percent"] is None


async def test_the_day_is_that_of_the_end_in_the_offices_own_zone(each_office: Office) -> None:
    """07:40 on the 4th in Samboja is still the 3rd in UTC; 23:30 is the 4th there, and the 5th where the sun rises earlier."""
    runs = [await Run.start(each_office, quarter=quarter) for quarter in (1, 2)]
    await finish(runs[0], 1, "2027-01-04 07:40")
    await finish(runs[1], 1, "2027-01-04 23:30", **LATE)
    days = {"the 3rd": "2027-01-03", "the 4th": "2027-01-04", "the 5th": "2027-01-05"}
    found = {name: await counted(each_office, group_by="step", step=1, from_=day, to=day) for name, day in days.items()}
    assert found == {"the 3rd": {}, "the 4th": {(1,): (2, 1, 1, 0, 0, 0)}, "the 5th": {}}
    async with each_office.database.write() as connection:
        await connection.execute(text("UPDATE office SET time_zone = 'Asia/Jayapura' WHERE code = :code"), {"code": SAMBOJA})
    found = {name: await counted(each_office, group_by="step", step=1, from_=day, to=day) for name, day in days.items()}
    assert found == {"the 3rd": {}, "the 4th": {(1,): (1, 1, 0, 0, 0, 0)}, "the 5th": {(1,): (1, 0, 1, 0, 0, 0)}}


async def test_a_returned_step_counts_as_a_round_of_its_own(each_office: Office) -> None:
    """Step 5 is returned late to step 4, which is then done again; in days: two each."""
    run = await (await Run.start(each_office)).until(5)
    await each_office.at(at("2027-01-11 09:00"))  # a Monday; step 5 was due on the 7th, since the 5th is a day off
    made(await run.act("camat", "return", step=5, to_step=4, reason="Belum lengkap."))
    await finish(run, 4, "2027-01-12 10:00")
    await finish(run, 5, "2027-01-12 11:00")
    found = await counted(each_office, group_by="step")
    assert {step: found[step,] for step in (4, 5, 6)} == {4: (2, 2, 0, 0, 0, 0), 5: (2, 1, 1, 1, 0, 0), 6: (0, 0, 0, 0, 1, 0)}
    (item,) = (await reported(each_office, step=5))["items"]
    assert item["lateness"]["working_days"] == {"median": "2.0", "p90": "2.0"}
    parts = await counted(each_office, group_by="step,role")
    assert parts[4, "sekretaris"] == parts[4, "tim_penyusun"] == (2, 2, 0, 0, 0, 0), "those of the first round were made void by the return"
    assert parts[5, "camat"] == (1, 1, 0, 0, 0, 0), "a return is no sign-off"


async def test_each_role_is_judged_by_its_own_time(each_office: Office) -> None:
    """Step 6 has an hour from 08:00 on: the Sekretaris needs 20 minutes, the team 100."""
    run = await (await Run.start(each_office)).until(6)
    await each_office.at(at("2027-01-04 07:50"))
    await run.fill(6)
    made(await run.act("sekretaris", "complete", step=6))
    assert await counted(each_office, group_by="role", step=6) == {("tim_penyusun",): (0, 0, 0, 0, 1, 0)}, "nothing of an open round is finished"
    await each_office.at(at("2027-01-04 09:10"))
    made(await run.act("tim1", "complete", step=6, **LATE))
    found = await reported(each_office, group_by="role", step=6)
    assert (found["unit"], [item["role_label"] for item in found["items"]]) == ("part", ["Sekretaris", "Tim Penyusun"])
    assert [[item[name] for name in COUNTS[:3]] for item in found["items"]] == [[1, 1, 0], [1, 0, 1]]
    assert [item["used"]["office_minutes"]["median"] for item in found["items"]] == ["20.0", "100.0"]
    assert [item["lateness"]["office_minutes"] for item in found["items"]] == [None, {"median": "40.0", "p90": "40.0"}]
    assert (await counted(each_office, step=6))[KEY, 6] == (1, 0, 1, 0, 0, 0), "the step as a whole was late"
    assert await counted(each_office, group_by="office", role="sekretaris", step=6) == {(SAMBOJA,): (1, 1, 0, 0, 0, 0)}


async def test_a_sign_off_that_a_new_version_made_void_is_not_counted(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(6)
    await run.fill(6)
    made(await run.act("sekretaris", "complete", step=6))
    await own_office.at(at("2027-01-04 07:40"))
    made(await run.upload("sekretaris", "laporan_final", b"%PDF-1.7 baru"))
    await own_office.at(at("2027-01-04 07:50"))
    made(await run.act("sekretaris", "complete", step=6))
    made(await run.act("tim1", "complete", step=6))
    found = await reported(own_office, group_by="role", step=6)
    assert [(item["role"], item["finished"], item["used"]["office_minutes"]["median"]) for item in found["items"]] == [
        ("sekretaris", 1, "20.0"),
        ("tim_penyusun", 1, "20.0"),
    ]


async def test_what_is_cancelled_is_neither_late_nor_in_time(own_office: Office) -> None:
    run = await Run.start(own_office)
    made(await run.act("camat", "cancel", reason="Salah periode."))
    assert (await reported(own_office))["items"] == []


async def test_quarters_stand_apart(each_office: Office) -> None:
    await three_first_steps(each_office)
    by_period = await counted(each_office, group_by="period", step=1)
    assert by_period == {("2026-Q1",): (1, 1, 0, 0, 0, 0), ("2026-Q2",): (1, 0, 1, 0, 0, 0), ("2026-Q3",): (1, 0, 1, 0, 0, 0)}
    assert await counted(each_office, group_by="period,step", period="2026-Q2", step=1) == {("2026-Q2", 1): (1, 0, 1, 0, 0, 0)}
    assert await counted(each_office, procedure="sop-lain") == {}


async def test_a_period_is_reported_though_its_work_goes_on_into_the_next_year(own_office: Office) -> None:
    """Nobody who asks about a quarter means only what of it was finished since January."""
    await own_office.at(at("2026-12-28 07:30"))
    run = await Run.start(own_office, quarter=4)
    await finish(run, 1, "2026-12-28 07:40")
    await finish(run, 2, "2027-01-04 08:20", **LATE)
    found = await reported(own_office, period="2026-Q4")
    assert (found["from"], found["to"], [item["finished"] for item in found["items"]]) == ("2026-01-01", "2027-12-31", [1, 1, 0])
    assert [item["finished"] for item in (await reported(own_office, period="2026-Q4", from_="2027-01-01"))["items"]] == [1, 0]
    assert [(await reported(own_office, period="2100"))[day] for day in ("from", "to")] == ["2100-01-01", "2101-12-31"]


async def test_two_offices_do_not_mix(each_office: Office) -> None:
    await each_office.enrol(DemoPerson("auditor.kutai", "Auditor Kutai", ("auditor",), "64.02"))
    await three_first_steps(each_office)
    camat = await each_office.as_("camat.muarajawa")
    body = {"procedure": KEY, "office": MUARA_JAWA, "period": {"year": 2026, "quarter": 1}}
    made(await camat.post("/v1/instances", json=body))
    ours, theirs = {(SAMBOJA, 1): (3, 1, 2, 0, 0, 0), (SAMBOJA, 2): (0, 0, 0, 0, 3, 1)}, {(MUARA_JAWA, 1): (0, 0, 0, 0, 1, 0)}
    by_office = {"group_by": "office,step"}
    assert await counted(each_office, "camat", **by_office) == ours
    assert await counted(each_office, "camat.muarajawa", **by_office) == theirs
    assert await counted(each_office, "auditor.kutai", **by_office) == ours | theirs
    assert await counted(each_office, "auditor.kutai", office=SAMBOJA, **by_office) == ours
    assert await counted(each_office, "auditor.kutai", office="64.02", **by_office) == {}
    assert await counted(each_office, "auditor.kutai", office="64.02", below="true", **by_office) == ours | theirs
    assert await counted(each_office, "auditor.kutai", office=MUARA_JAWA, below="true", **by_office) == theirs
    (item,) = (await reported(each_office, "camat.muarajawa", group_by="office"))["items"]
    assert item["office"] == {"code": MUARA_JAWA, "name": "Kecamatan Muara Jawa"}
    for code in (MUARA_JAWA, "64.02", "99.99.99"):
        for below in ("true", "false"):
            answer = await (await each_office.as_("camat")).get(PATH, params={"office": code, "below": below})
            problem(answer, 404, "not_found")


async def test_rounds_from_before_they_were_measured_are_counted_only(own_office: Office) -> None:
    run = (await three_first_steps(own_office))[2]
    async with own_office.database.write() as connection:
        statement = (
            "UPDATE step_round SET used_minutes = NULL, used_days = NULL, late_minutes = NULL, late_days = NULL WHERE instance_id = :id AND step = 1"
        )
        await connection.execute(text(statement), {"id": run.id.replace("-", "")})
    (item,) = (await reported(own_office, step=1))["items"]
    assert [item[name] for name in ("finished", "late", "unmeasured")] == [3, 2, 1]
    assert item["used"]["office_minutes"] == {"median": "30.0", "p90": "46.0"}
    assert item["lateness"]["office_minutes"] == {"median": "20.0", "p90": "20.0"}


async def test_an_allowance_is_said_where_all_share_it(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(6)
    for group_by, said in (("procedure", [None]), ("office,period", [None]), ("role", [None, None, None])):
        items = (await reported(own_office, group_by=group_by))["items"]
        assert [item["allowance"] for item in items] == said
        assert {item["activity"] for item in items} == {None}
    items = (await reported(own_office, group_by="step"))["items"]
    assert [item["allowance"]["value"] for item in items] == [30, 1, 5, 2, 2, 1]
    assert (await run.get())["steps"][5]["activity"] == items[5]["activity"]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"from": "2027-02-01", "to": "2027-01-31"}, "?to", "before_from"),
        ({"from": "2010-01-01", "to": "2027-01-31"}, "?to", "too_long"),
        ({"from": "20270101"}, "?from", "not_a_date"),
        ({"to": "2027-02-30"}, "?to", "not_a_date"),
        ({"to": "9999-12-31"}, "?to", "not_on_a_calendar"),
        ({"group_by": "procedure,jabatan"}, "?group_by", "pattern_mismatch"),
        ({"group_by": ""}, "?group_by", "pattern_mismatch"),
        ({"period": "2026-Q5"}, "?period", "pattern_mismatch"),
        ({"step": "0"}, "?step", "too_small"),
        ({"below": "mungkin"}, "?below", "not_a_boolean"),
    ],
)
async def test_what_cannot_be_asked(office: Office, query: dict[str, str], pointer: str, code: str) -> None:
    for path, operation in ((PATH, "getTimelinessReport"), (f"{PATH}/export", "downloadTimelinessReport")):
        answer = await (await office.as_("auditor")).get(path, params=query)
        check_answer(operation, answer)
        assert (answer.status_code, [(error["pointer"], error["code"]) for error in answer.json()["errors"]]) == (422, [(pointer, code)])


async def test_too_many_rows_are_refused_and_never_cut(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await three_first_steps(own_office)
    for limit in ("MOST_GROUPS", "MOST_KINDS"):
        with monkeypatch.context() as patched:
            patched.setattr(app.usecases.timeliness, limit, 1)
            answer = await (await own_office.as_("auditor")).get(PATH, params={"group_by": "period,step"})
        check_answer("getTimelinessReport", answer)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_many_groups")
    assert len((await reported(own_office, group_by="period,step"))["items"]) == 6


async def test_who_sees_nothing_is_told_nothing(own_office: Office) -> None:
    await own_office.enrol(DemoPerson("nothing", "Tidak Ada", (), SAMBOJA))
    await three_first_steps(own_office)
    assert (await reported(own_office, "nothing"))["items"] == []


async def test_the_team_counts_once_while_several_are_waited_for(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(3)
    assert len((await run.get())["team"]) == len(TEAM["members"]) == 2
    assert await counted(own_office, group_by="role", step=3) == {("tim_penyusun",): (0, 0, 0, 0, 1, 0)}
