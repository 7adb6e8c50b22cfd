"""The same collisions on SQLite, where one write connection takes all acts in turn: the same answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.office import KEY, SAMBOJA, Office, Run, open_office
from tests.support.prepared import prepared
from tests.support.together import all_equal, outcomes, replays, together

INSTANCES = 10


@pytest.fixture
async def office(sqlite_office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(sqlite_office_url, tmp_path) as opened:
        yield opened


async def events_of(run: Run, kind: str) -> int:
    answer = await (await run.office.as_("auditor")).get(f"/v1/instances/{run.id}/events", params={"limit": 200})
    return sum(event["type"] == kind for event in answer.json()["items"])


async def is_intact(office: Office) -> bool:
    return bool((await (await office.as_("auditor")).get("/v1/audit/verify")).json()["intact"])


async def test_of_eight_who_complete_one_step_exactly_one_does(office: Office) -> None:
    for run in await prepared(office, INSTANCES, step=1):
        answers = await together(*(run.act("camat", "complete", step=1) for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 1, (409, "wrong_step"): 7}
        assert await events_of(run, "step.signed_off") == await events_of(run, "step.completed") == 1
    assert await is_intact(office)


async def test_two_performers_who_sign_at_once_complete_the_step_together(office: Office) -> None:
    for run in await prepared(office, INSTANCES, step=4):
        answers = await together(*(run.act(name, "complete", step=4) for name in ("sekretaris", "tim1", "tim2", "sekretaris") * 2))
        assert outcomes(answers)[201, ""] == 2
        assert outcomes(answers).keys() <= {(201, ""), (409, "already_signed_off"), (409, "wrong_step")}
        assert (await run.get())["current_step"] == 5
    assert await is_intact(office)


async def test_eight_with_one_key_are_one_act_and_eight_equal_answers(office: Office) -> None:
    for run in await prepared(office, INSTANCES, step=1):
        answers = await together(*(run.act("camat", "complete", headers={"Idempotency-Key": run.id}, step=1) for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 8}
        assert (all_equal(answers), replays(answers)) == (True, 7)
        assert await events_of(run, "step.completed") == 1


async def test_of_eight_starts_one_makes_the_instance(office: Office) -> None:
    camat = await office.as_("camat")

    async def start(year: int, headers: dict[str, str]) -> httpx.Response:
        body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": year}, "title": "Pengumpulan data"}
        return await camat.post("/v1/instances", json=body, headers=headers)

    answers = await together(*(start(2030, {}) for _ in range(8)))
    assert outcomes(answers) == {(201, ""): 1, (409, "instance_already_open"): 7}
    answers = await together(*(start(2031, {"Idempotency-Key": "once"}) for _ in range(8)))
    assert outcomes(answers) == {(201, ""): 8}
    assert (all_equal(answers), replays(answers)) == (True, 7)


async def test_a_new_version_meets_the_last_sign_off(office: Office) -> None:
    for run in await prepared(office, INSTANCES, step=4, signed=["sekretaris"]):
        uploaded, signed = await together(run.upload("sekretaris", "konsep_laporan", b"%PDF-1.7 baru"), run.act("tim1", "complete", step=4))
        assert signed.status_code == 201
        at = (await run.get())["current_step"]
        assert (uploaded.status_code, at) in {(201, 4), (403, 5)}
    assert await is_intact(office)
