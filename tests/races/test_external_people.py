"""People of another issuer who come at once: a whole office on its first morning, one person on several devices, a revocation meanwhile."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.store.accounts import ACCOUNT
from app.store.assignments import ASSIGNMENT
from tests.support.evidence import faults
from tests.support.external_people import Door, configured, held, vacate
from tests.support.foreign_issuer import SUBJECT, foreign_issuer
from tests.support.office import SAMBOJA, open_office
from tests.support.together import outcomes, together

PEGAWAI, STAF = "64.02.13:pegawai", "64.02.13:staf"


@pytest.fixture
async def door(postgres_office_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    with foreign_issuer() as issuer:
        async with open_office(postgres_office_url, tmp_path, ALUR_ISSUERS_FILE=str(configured(tmp_path, issuer))) as office:
            yield Door(office, issuer)


async def scalar(door: Door, statement: Any) -> Any:
    async with door.office.database.read() as connection:
        return await connection.scalar(statement)


async def living(door: Door, subject: str = SUBJECT) -> Counter[str]:
    """The assignments that stand, by role."""
    mine = (ASSIGNMENT.c.account_id == ACCOUNT.c.id, ACCOUNT.c.subject == subject, ASSIGNMENT.c.revoked_at.is_(None))
    async with door.office.database.read() as connection:
        return Counter(await connection.scalars(select(ASSIGNMENT.c.role).where(*mine)))


async def test_one_newcomer_eight_times_is_one_account(door: Door) -> None:
    for number in range(10):
        token = door.token("samboja-dua", sub=f"person-{number}")
        answers = await together(*(door.ask("GET", "/v1/me", token) for _ in range(8)))
        assert outcomes(answers) == {(200, ""): 8}
        assert await living(door, f"person-{number}") == {"staf": 1, "pegawai": 1}
    assert await scalar(door, select(func.count()).where(ACCOUNT.c.issuer.is_not(None)).select_from(ACCOUNT)) == 10
    assert await faults(door.office, []) == []


async def test_an_office_that_comes_in_on_its_first_morning_all_comes_in(door: Door) -> None:
    answers = await together(*(door.me("samboja-dua", sub=f"person-{number}") for number in range(30)))
    assert outcomes(answers) == {(200, ""): 30}
    assert len({answer.json()["username"] for answer in answers}) == 30
    assert all(held(answer.json()) == [PEGAWAI, STAF] for answer in answers)
    assert await faults(door.office, []) == []


async def test_two_tokens_that_say_different_things_leave_what_the_later_one_says(door: Door) -> None:
    for number in range(10):
        subject = f"person-{number}"
        await door.me("samboja-dua", later=-20, sub=subject)
        earlier, later = door.token("samboja-dua", "pengawas", later=-10, sub=subject), door.token("samboja-staf", sub=subject)
        answers = await together(*(door.ask("GET", "/v1/me", token) for token in (earlier, later) * 4))
        assert outcomes(answers) == {(200, ""): 8}
        assert held((await door.ask("GET", "/v1/me", later)).json()) == [STAF]
        assert await living(door, subject) == {"staf": 1}
    assert await faults(door.office, []) == []


async def test_what_is_revoked_while_new_tokens_come_stays_revoked(door: Door) -> None:
    admin = await door.office.as_("admin")
    for number in range(10):
        subject = f"person-{number}"
        await door.me("samboja-staf", later=-20, sub=subject)
        mine = select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.account_id == ACCOUNT.c.id, ACCOUNT.c.subject == subject)
        assignment_id = await scalar(door, mine)
        tokens = [door.token("samboja-staf", *more, sub=subject, later=-later) for later, more in enumerate([("pengawas",), ()])]
        first, *_ = await together(
            admin.post(f"/v1/assignments/{assignment_id}/revoke", json={}), *(door.ask("GET", "/v1/me", token) for token in tokens * 2)
        )
        assert first.is_success, first.text
        assert "staf" not in await living(door, subject)
        assert STAF not in await door.holds("samboja-staf", later=5, sub=subject)
    assert await faults(door.office, []) == []


async def test_a_vacant_post_is_filled_once_whoever_comes_first(door: Door) -> None:
    await vacate(door.office)
    admin = await door.office.as_("admin")
    given = {"username": "tim1", "office": SAMBOJA, "role": "camat", "valid_from": "2027-01-01"}
    for number in range(10):
        people = [f"person-{number}-{which}" for which in range(3)]
        *_, local = await together(*(door.me("samboja-camat", sub=sub) for sub in people), admin.post("/v1/assignments", json=given))
        assert local.status_code in {201, 409}
        holding = [sub for sub in people if (await living(door, sub))["camat"]]
        assert len(holding) + local.is_success == 1
        await vacate(door.office)
    assert await faults(door.office, []) == []
