"""Wrong people over HTTP: at each step each of them is refused with the right code, and nobody elsewhere sees that there is anything."""

from typing import Any
from uuid import uuid4

import pytest

from app.usecases.demo import DemoPerson
from tests.support.office import COURSE, KEY, SAMBOJA, TEAM, Office, Run
from tests.support.replies import codes, made, refused
from tests.support.shared_office import fresh, nothing_saved

PEOPLE = ("camat", "sekretaris", "tim1", "tim2", "tim3", "staf", "admin", "auditor")
PERFORMERS = {1: "camat", 2: "sekretaris", 3: "tim1 tim2", 4: "sekretaris tim1 tim2", 5: "camat", 6: "sekretaris tim1 tim2", 7: "staf"}
NOBODY_HERE = "camat.muarajawa"


def wrong_people(step: int) -> list[str]:
    return [name for name in PEOPLE if name not in PERFORMERS[step].split()]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.mark.parametrize("step", range(1, 8))
async def test_each_wrong_person_is_refused_at_each_step(office: Office, step: int) -> None:
    run = await fresh(office, at_step=step)
    await run.fill(step)
    for username in PEOPLE:
        await office.as_(username)
    async with nothing_saved(office):
        for username in wrong_people(step):
            team = {"team": TEAM} if step == 2 else {}
            assert refused(await run.act(username, "complete", step=step, **team)) == (403, ["not_a_performer"]), username
            assert refused(await run.act(username, "claim", step=step)) == (403, ["not_a_performer"]), username
            slot = (*COURSE[step][0], "draf_tim")[0]
            assert (await run.upload(username, slot)).status_code == 403, username


@pytest.mark.parametrize("username", ["tim1", "tim3", "staf", "admin", "auditor"])
async def test_who_does_not_control_neither_suspends_nor_cancels(office: Office, username: str) -> None:
    run = await fresh(office, at_step=3)
    for action in ("suspend", "cancel"):
        assert refused(await run.act(username, action, reason="Banjir.")) == (403, ["not_in_control"])
    assert refused(await run.act(username, "resume")) == (403, ["not_in_control", "not_suspended"])
    assert refused(await run.act(username, "change_team", team=TEAM, reason="Mutasi.")) == (403, ["not_in_control"])


@pytest.mark.parametrize("username", [name for name in PEOPLE if name != "camat"])
async def test_only_who_performs_step_one_starts(office: Office, username: str) -> None:
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2099}, "title": "Pengumpulan data"}
    assert refused(await (await office.as_(username)).post("/v1/instances", json=body)) == (403, ["may_not_start"])


async def test_only_the_role_that_a_slot_names_marks_it(office: Office) -> None:
    run = await fresh(office, at_step=7)
    await run.upload("staf", "laporan_ditandatangani")
    for username in PEOPLE:
        if username != "sekretaris":
            assert refused(await run.mark(username, "laporan_final", "initials")) == (403, ["may_not_mark"]), username
        if username not in {"camat", "staf"}:
            assert refused(await run.mark(username, "laporan_ditandatangani", "signatures")) == (403, ["may_not_mark"]), username
    assert codes(await run.mark("staf", "laporan_ditandatangani", "signatures")) == ["may_not_mark", "signer_is_uploader"]
    made(await run.mark("sekretaris", "laporan_final", "initials"))
    made(await run.mark("camat", "laporan_ditandatangani", "signatures"))


# ── what another office owns does not exist ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("step", range(1, 8))
async def test_a_camat_of_elsewhere_sees_nothing_at_any_step(office: Office, step: int) -> None:
    run = await fresh(office, at_step=step)
    assert refused(await run.act(NOBODY_HERE, "complete", step=step)) == (404, ["not_found"])
    client = await office.as_(NOBODY_HERE)
    assert refused(await client.get(f"/v1/instances/{run.id}")) == (404, ["not_found"])
    assert made(await client.get("/v1/tasks"), 200)["items"] == []


async def test_every_way_in_is_closed_to_who_is_elsewhere(office: Office) -> None:
    run = await fresh(office, at_step=2)
    document = made(await (await office.as_("camat")).get(f"/v1/instances/{run.id}/documents"), 200)["items"][0]["id"]
    client = await office.as_(NOBODY_HERE)
    for path in ("", "/transitions", "/comments", "/events", "/documents", "/deadlines"):
        assert refused(await client.get(f"/v1/instances/{run.id}{path}")) == (404, ["not_found"]), path
    for path in ("", "/versions/1/content"):
        assert refused(await client.get(f"/v1/documents/{document}{path}")) == (404, ["not_found"]), path
    posts: dict[str, Any] = {
        f"/v1/instances/{run.id}/transitions": {"action": "cancel", "reason": "Iseng."},
        f"/v1/instances/{run.id}/comments": {"body": "Halo."},
        f"/v1/documents/{document}/versions/1/initials": {"kind": "hierarchical"},
        f"/v1/documents/{document}/versions/1/signatures": {"kind": "wet"},
        "/v1/instances": {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2098}},
        "/v1/deadlines/calculate": {"office": SAMBOJA, "starts_at": "2027-01-04T07:30:00+08:00", "duration": {"value": 1, "unit": "hour"}},
        f"/v1/procedures/{KEY}/plan": {"office": SAMBOJA, "starts_at": "2027-01-04T07:30:00+08:00"},
    }
    for path, body in posts.items():
        assert refused(await client.post(path, json=body)) == (404, ["not_found"]), path
    assert refused(await run.upload(NOBODY_HERE, "draf_tim")) == (404, ["not_found"])
    assert refused(await client.post(f"/v1/instances/{run.id}/transitions", json={"action": "explode"})) == (404, ["not_found"])
    for path in ("/v1/instances", "/v1/deadlines"):
        assert refused(await client.get(path, params={"office": SAMBOJA})) == (404, ["not_found"])
        assert made(await client.get(path), 200)["items"] == []


async def test_what_is_elsewhere_and_what_is_nowhere_get_the_same_answer(office: Office) -> None:
    run = await fresh(office)
    client = await office.as_(NOBODY_HERE)
    answers = [(await client.get(f"/v1/instances/{found}")).json() for found in (run.id, str(uuid4()))]
    for answer in answers:
        del answer["request_id"]
    assert answers[0] == answers[1]


async def test_everyone_of_the_office_reads(office: Office) -> None:
    run = await fresh(office, at_step=4)
    shown = {username: await run.get(username) for username in PEOPLE}
    assert {len(found["steps"]) for found in shown.values()} == {7}
    assert [len(found["actions"]) for found in shown.values()] == [7] * len(PEOPLE)
    for reader in ("tim3", "admin", "auditor"):
        assert not any(action["allowed"] for action in shown[reader]["actions"])


async def test_a_stranger_is_asked_who_they_are_before_anything_else(office: Office) -> None:
    async with office.client() as client:
        for path in (f"/v1/instances/{uuid4()}", "/v1/tasks", "/v1/deadlines", "/v1/instances?limit=0"):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Bearer")


async def test_runs_are_of_one_office_each(office: Office) -> None:
    """The Camat of elsewhere starts there, and Samboja does not see it."""
    body = {"procedure": KEY, "office": "64.02.14", "period": {"year": 2026, "quarter": 1}}
    theirs = made(await (await office.as_(NOBODY_HERE)).post("/v1/instances", json=body))
    for username in PEOPLE:
        assert (await (await office.as_(username)).get(f"/v1/instances/{theirs['id']}")).status_code == 404
    run = Run(office, theirs)
    assert refused(await run.act("camat", "complete", step=1)) == (404, ["not_found"])
    made(await run.upload(NOBODY_HERE, "draf_tim"))


async def test_an_office_above_reads_and_does_not_stand_in(own_office: Office) -> None:
    """The same role at the regency: all is seen, nothing may be done, and nothing waits there."""
    await own_office.enrol(DemoPerson("kabupaten", "Jagat Wiranegara", ("camat", "sekretaris", "staf"), "64.02"))
    run = await (await Run.start(own_office)).until(5)
    shown = await run.get("kabupaten")
    assert [(action["action"], action["allowed"]) for action in shown["actions"]] == [(a["action"], False) for a in shown["actions"]]
    assert refused(await run.act("kabupaten", "complete", step=5)) == (403, ["not_a_performer", "output_missing"])
    assert refused(await run.act("kabupaten", "suspend", reason="Perlu.")) == (403, ["not_in_control"])
    client = await own_office.as_("kabupaten")
    assert made(await client.get("/v1/tasks"), 200)["items"] == []
    assert [item["id"] for item in made(await client.get("/v1/instances", params={"office": SAMBOJA}), 200)["items"]] == [run.id]
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2030}}
    assert refused(await client.post("/v1/instances", json=body)) == (403, ["may_not_start"])
    assert (await run.get())["waiting_for"][0]["people"] == ["Wiraja Tanumaheswara"]
