"""People of another issuer have their password and their second factor there: none of either is made, tried or changed here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app.outside.passwords import hash_password
from app.store.accounts import ACCOUNT
from app.store.throttling import FAILURE
from tests.support.external_people import Door, configured
from tests.support.foreign_issuer import SUBJECT, foreign_issuer
from tests.support.office import open_office
from tests.support.replies import refused

PASSWORD = "kapal biru di teluk"
PROOFS = {
    "/v1/me/password": {"current_password": "salah", "new_password": PASSWORD},
    "/v1/me/second-factor": {"password": "salah"},
    "/v1/me/second-factor/confirmation": {"code": "123456"},
    "/v1/me/second-factor/recovery-codes": {"code": "123456"},
    "/v1/me/second-factor/removal": {"code": "123456"},
}


@pytest.fixture
async def door(office_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    with foreign_issuer() as issuer:
        async with open_office(office_url, tmp_path, ALUR_ISSUERS_FILE=str(configured(tmp_path, issuer))) as office:
            yield Door(office, issuer)


@pytest.mark.parametrize("path", PROOFS)
async def test_they_are_told_so_and_nothing_is_counted(door: Door, path: str) -> None:
    token = door.token("samboja-camat")
    for _ in range(8):
        assert refused(await door.ask("POST", path, token, json=PROOFS[path])) == (409, ["account_of_issuer"])
    async with door.office.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(FAILURE)) == 0


async def test_not_even_a_password_in_the_database_signs_them_in(door: Door) -> None:
    username = (await door.me("samboja-camat")).json()["username"]
    whose = update(ACCOUNT).where(ACCOUNT.c.subject == SUBJECT)
    async with door.office.database.write() as connection:
        await connection.execute(whose.values(password_hash=await hash_password(PASSWORD)))
    async with door.office.client() as client:
        answer = await client.post("/v1/auth/sessions", json={"username": username, "password": PASSWORD})
    assert refused(answer) == (401, ["bad_credentials"])
