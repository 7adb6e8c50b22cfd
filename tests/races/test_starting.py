"""Eight who start the same procedure for the same office and period: one instance."""

import httpx
from sqlalchemy import text

from tests.support.evidence import faults
from tests.support.office import KEY, SAMBOJA, Office, Run
from tests.support.together import all_equal, outcomes, replays, together

PERIODS = 20


async def start(office: Office, year: int, key: str | None = None) -> httpx.Response:
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": year, "quarter": 1}, "title": "Pengumpulan data"}
    return await (await office.as_("camat")).post("/v1/instances", json=body, headers=None if key is None else {"Idempotency-Key": key})


async def counted(office: Office) -> tuple[int, int]:
    """Instances, and events of type instance.started."""
    async with office.database.read() as connection:
        row = (
            await connection.execute(text("SELECT (SELECT count(*) FROM instance), (SELECT count(*) FROM event WHERE type = 'instance.started')"))
        ).one()
    return row[0], row[1]


async def test_of_eight_starts_one_makes_the_instance(office: Office) -> None:
    await office.as_("camat")
    runs = []
    for year in range(2000, 2000 + PERIODS):
        answers = await together(*(start(office, year) for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 1, (409, "instance_already_open"): 7}
        made = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
        runs.append(Run(office, {"id": made}))
    assert await counted(office) == (PERIODS, PERIODS)
    assert await faults(office, runs) == []


async def test_eight_starts_with_one_key_are_one_instance_and_eight_equal_answers(office: Office) -> None:
    await office.as_("camat")
    for year in range(2000, 2000 + PERIODS):
        answers = await together(*(start(office, year, f"once {year}") for _ in range(8)))
        assert outcomes(answers) == {(201, ""): 8}
        assert all_equal(answers)
        assert replays(answers) == 7
        assert len({answer.headers["Location"] for answer in answers}) == 1
    assert await counted(office) == (PERIODS, PERIODS)


async def test_eight_starts_for_eight_periods_are_eight_instances(office: Office) -> None:
    await office.as_("camat")
    for first in range(2000, 2000 + 5 * 8, 8):
        answers = await together(*(start(office, year) for year in range(first, first + 8)))
        assert outcomes(answers) == {(201, ""): 8}
    assert await counted(office) == (40, 40)
