"""The worklist and `waiting_for` over HTTP: what waits for whom at each step, and who is named."""

from typing import Any

import pytest

from app.domain.assignments import Position
from app.usecases.assignments import assign
from app.usecases.demo import DemoPerson
from tests.support.calendars import at
from tests.support.office import SAMBOJA, TEAM, Office, Run
from tests.support.people import SINCE
from tests.support.replies import made, refused
from tests.support.shared_office import fresh

PEOPLE = ("camat", "sekretaris", "tim1", "tim2", "tim3", "staf", "admin", "auditor", "camat.muarajawa")
TEAM_PART = [("step", "tim_penyusun")]
TURN: dict[int, dict[str, list[tuple[str, str]]]] = {
    1: {"camat": [("step", "camat")]},
    2: {"sekretaris": [("step", "sekretaris")]},
    3: {"tim1": TEAM_PART, "tim2": TEAM_PART},
    4: {"sekretaris": [("step", "sekretaris")], "tim1": TEAM_PART, "tim2": TEAM_PART},
    5: {"camat": [("step", "camat")]},
    6: {"sekretaris": [("step", "sekretaris")], "tim1": TEAM_PART, "tim2": TEAM_PART},
    7: {"staf": [("step", "staf")], "sekretaris": [("initial", "sekretaris")], "camat": [("signature", "camat")]},
}
NAMES = {
    "camat": ["Wiraja Tanumaheswara"],
    "sekretaris": ["Sekarlintang Purnawarsa"],
    "tim_penyusun": ["Bimantara Laksonojati", "Melatirini Kusumawijana"],
    "staf": ["Ningrumsari Adiwilaga"],
}


async def tasks_of(office: Office, username: str, run: Run | None = None) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = made(await (await office.as_(username)).get("/v1/tasks"), 200)["items"]
    return [item for item in items if run is None or item["instance"]["id"] == run.id]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.mark.parametrize("step", TURN)
async def test_each_step_waits_for_its_people(office: Office, step: int) -> None:
    run = await fresh(office, at_step=step)
    found = {username: [(t["kind"], t["role"]) for t in await tasks_of(office, username, run)] for username in PEOPLE}
    assert found == {username: TURN[step].get(username, []) for username in PEOPLE}
    shown = await run.get("auditor")
    lines = list(dict.fromkeys(line for lines in TURN[step].values() for line in lines))
    assert [(line["kind"], line["role"], line["people"]) for line in shown["waiting_for"]] == [(k, r, NAMES[r]) for k, r in lines]
    active = shown["steps"][step - 1]
    assert {line["since"] for line in shown["waiting_for"] if line["kind"] == "step"} == {active["started_at"]}


async def test_a_task_tells_all_that_is_needed_to_begin(office: Office) -> None:
    run = await fresh(office, at_step=7)
    (task,) = await tasks_of(office, "camat", run)
    shown = await run.get()
    assert task["instance"] | {"period": None} == {
        "id": run.id,
        "title": "Pengumpulan data",
        "procedure": shown["procedure"],
        "office": {"code": SAMBOJA, "name": "Kecamatan Samboja"},
        "period": None,
    }
    assert (task["step"], task["round"], task["slot"], task["ready"], task["document_id"]) == (7, 1, "laporan_ditandatangani", False, None)
    assert (task["due_at"], task["deadline_state"]) == (shown["steps"][6]["due_at"], "on_time")
    uploaded = made(await run.upload("staf", "laporan_ditandatangani"))
    (task,) = await tasks_of(office, "camat", run)
    assert (task["ready"], task["document_id"]) == (True, uploaded["id"])
    made(await run.mark("camat", "laporan_ditandatangani", "signatures"))
    assert await tasks_of(office, "camat", run) == []


async def test_a_task_of_an_earlier_round_is_not_ready(office: Office) -> None:
    run = await fresh(office, at_step=7)
    await run.fill(7)
    made(await run.act("staf", "return", step=7, to_step=6, reason="Lampiran kurang."))
    assert await tasks_of(office, "camat", run) == []
    await run.take(6)
    (task,) = await tasks_of(office, "camat", run)
    assert (task["round"], task["ready"], task["document_id"]) == (2, False, None)


async def test_a_sign_off_takes_the_task_from_the_whole_part(office: Office) -> None:
    run = await fresh(office, at_step=4)
    await run.fill(4)
    made(await run.act("tim2", "complete", step=4))
    assert (await tasks_of(office, "tim1", run), await tasks_of(office, "tim2", run)) == ([], [])
    assert [line["role"] for line in (await run.get())["waiting_for"]] == ["sekretaris"]


async def test_a_claim_is_seen_by_the_others(office: Office) -> None:
    run = await fresh(office, at_step=4)
    made(await run.act("tim1", "claim", step=4))
    found = {name: [(t["claimed_by"], t["claimed_by_me"]) for t in await tasks_of(office, name, run)] for name in ("tim1", "tim2", "sekretaris")}
    assert found == {"tim1": [(NAMES["tim_penyusun"][0], True)], "tim2": [(NAMES["tim_penyusun"][0], False)], "sekretaris": [(None, False)]}


@pytest.mark.parametrize("action", ["suspend", "cancel"])
async def test_nothing_waits_while_nothing_runs(office: Office, action: str) -> None:
    run = await fresh(office, at_step=3)
    made(await run.act("camat", action, reason="Banjir."))
    assert [await tasks_of(office, username, run) for username in PEOPLE] == [[] for _ in PEOPLE]
    assert (await run.get())["waiting_for"] == []
    if action == "suspend":
        made(await run.act("camat", "resume"))
        assert len(await tasks_of(office, "tim1", run)) == 1


async def test_another_member_gets_the_task_of_who_left(office: Office) -> None:
    run = await fresh(office, at_step=3)
    team = {"members": [{"username": "tim2"}, {"username": "tim3"}]}
    made(await run.act("sekretaris", "change_team", team=team, reason="Mutasi."))
    found = {username: len(await tasks_of(office, username, run)) for username in ("tim1", "tim2", "tim3")}
    assert found == {"tim1": 0, "tim2": 1, "tim3": 1}


# ── offices whose clock moves ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_most_urgent_comes_first_page_by_page(each_office: Office) -> None:
    """Step 3 takes five days, step 1 half an hour; pages of one lose and repeat nothing."""
    runs = [await Run.start(each_office, quarter=quarter) for quarter in (1, 2, 3)]
    await runs[0].until(5)
    await each_office.at(at("2027-01-04 07:50"))
    client = await each_office.as_("camat")
    whole = [item["instance"]["id"] for item in await tasks_of(each_office, "camat")]
    assert whole == [*sorted((runs[1].id, runs[2].id)), runs[0].id]
    paged, path = [], "/v1/tasks?limit=1"
    while path:
        answer = await client.get(path)
        page = made(answer, 200)
        paged += [item["instance"]["id"] for item in page["items"]]
        cursor = page["page"]["next_cursor"]
        assert (cursor is None) is ("Link" not in answer.headers)
        path = f"/v1/tasks?limit=1&cursor={cursor}" if cursor else ""
    assert paged == whole


@pytest.mark.parametrize(("moment", "state"), [("2027-01-04 07:50", "on_time"), ("2027-01-04 07:55", "due_soon"), ("2027-01-04 08:01", "overdue")])
async def test_a_task_tells_how_its_deadline_stands(own_office: Office, moment: str, state: str) -> None:
    await Run.start(own_office)
    await own_office.at(at(moment))
    assert [task["deadline_state"] for task in await tasks_of(own_office, "camat")] == [state]


async def test_who_stands_in_has_the_task_too_and_signs_as_such(own_office: Office) -> None:
    await own_office.enrol(DemoPerson("plh", "Kirana Wibawamukti", ("camat", "pegawai")), capacity="plh")
    run = await Run.start(own_office)
    assert [t["role"] for t in await tasks_of(own_office, "plh")] == ["camat"]
    assert (await run.get())["waiting_for"][0]["people"] == ["Kirana Wibawamukti", "Wiraja Tanumaheswara"]
    await run.fill(1)
    taken = made(await run.act("plh", "complete", step=1))
    assert taken["transition"]["actor"]["label"] == "Plh. Camat"
    assert taken["transition"]["actor"]["capacity"] == "plh"


async def test_a_member_who_left_the_office_learns_nothing_more(each_office: Office) -> None:
    """Membership alone shows nothing: what the office owns does not exist for whom it no longer employs."""
    run = await with_a_member_who_leaves(each_office)
    assert len(await tasks_of(each_office, "pindah", run)) == 1
    await each_office.at(at("2027-01-06 09:00"))
    client = await each_office.as_("pindah")
    assert (await client.get(f"/v1/instances/{run.id}")).status_code == 404
    assert await tasks_of(each_office, "pindah") == []


async def test_a_member_who_only_audits_now_has_no_task_and_performs_nothing(each_office: Office) -> None:
    run = await with_a_member_who_leaves(each_office)
    async with each_office.database.write() as connection:
        await assign(connection, each_office.clock(), "pindah", position=Position(SAMBOJA, "auditor", SINCE))
    await each_office.at(at("2027-01-06 09:00"))
    token = await each_office.token("pindah", permissions=[f"{SAMBOJA}:auditor"])
    async with each_office.client(Authorization=f"Bearer {token}") as auditor:
        shown = made(await auditor.get(f"/v1/instances/{run.id}"), 200)
        assert not any(action["allowed"] for action in shown["actions"])
        assert made(await auditor.get("/v1/tasks"), 200)["items"] == []
        answer = await auditor.post(f"/v1/instances/{run.id}/transitions", json={"action": "complete", "step": 3})
        assert refused(answer) == (403, ["not_a_performer", "output_missing"])


async def with_a_member_who_leaves(office: Office) -> Run:
    """At step 3; `pindah` works here until tomorrow."""
    run = await (await Run.start(office)).until(2)
    await office.enrol(DemoPerson("pindah", "Rimbawan Sasmitaputra", ("pegawai",)), valid_to=at("2027-01-05 09:00").date())
    team = TEAM | {"members": [{"username": "pindah"}, {"username": "tim1"}]}
    made(await run.act("sekretaris", "complete", step=2, team=team))
    return run
