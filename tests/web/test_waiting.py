"""Positions that the token does not name: whoever lacks one says so, says why, and /v1/me lists them before anything is refused."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, update

from app.outside.passwords import hash_password
from app.store.accounts import ACCOUNT
from app.usecases.demo import DemoPerson
from tests.support.administering import give
from tests.support.authenticators import enrolled
from tests.support.office import KEY, SAMBOJA, WITA, Office, open_office
from tests.support.replies import made, refused
from tests.support.session_client import PASSWORD, bearer, refreshed, signed_in

SAMBOJA_OFFICE = {"code": SAMBOJA, "name": "Kecamatan Samboja"}
CAMAT = {"office": SAMBOJA_OFFICE, "role": "camat", "label": "Camat"}
ADMIN = {"office": SAMBOJA_OFFICE, "role": "admin", "label": "Admin"}
START = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2031, "quarter": 1}}
NEWCOMER = {"username": "pegawai.baru", "name": "Pegawai Baru", "office": SAMBOJA}


@pytest.fixture
async def office(sqlite_office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Outside demo mode: who administers, or signs by a procedure, needs a second factor."""
    async with open_office(sqlite_office_url, tmp_path) as opened:
        yield opened


async def enters(office: Office, username: str, *holds: str) -> dict[str, Any]:
    """Signs in as people do, the Camat of the demo or somebody new. No password is hashed for everybody else."""
    if username not in office.accounts:
        await office.enrol(DemoPerson(username, "Orang Baru", holds))
    async with office.database.write() as connection:
        mine = update(ACCOUNT).where(ACCOUNT.c.username == username)
        await connection.execute(mine.values(password_hash=await hash_password(PASSWORD)))
    async with office.client() as client:
        return await signed_in(client, username=username)


async def asked(office: Office, tokens: dict[str, Any], method: str, path: str, **more: Any) -> httpx.Response:
    async with office.client(**bearer(tokens)) as client:
        return await client.request(method, path, **more)


async def start(office: Office, tokens: dict[str, Any]) -> httpx.Response:
    return await asked(office, tokens, "POST", "/v1/instances", json=START)


async def waits(office: Office, tokens: dict[str, Any]) -> Any:
    return made(await asked(office, tokens, "GET", "/v1/me"), 200)["waiting"]


async def test_a_camat_without_a_second_factor_is_told_so_beside_being_a_pegawai(office: Office) -> None:
    tokens = await enters(office, "camat")
    answer = await start(office, tokens)
    assert refused(answer) == (403, ["may_not_start", "second_factor_missing"])
    assert answer.json()["code"] == "may_not_start"
    assert "Camat (64.02.13) memerlukan faktor kedua: pasang dahulu" in answer.json()["detail"]
    assert await waits(office, tokens) == [CAMAT | {"reason": "second_factor"}]

    async with office.client() as client:
        await enrolled(client, tokens, office.clock)
        answer = await start(office, tokens)
        assert refused(answer) == (403, ["may_not_start", "position_waiting"])
        assert "Camat (64.02.13) belum ada di dalam token Anda: segarkan token" in answer.json()["detail"]
        assert await waits(office, tokens) == [CAMAT | {"reason": "refresh"}]
        tokens = made(await refreshed(client, tokens), 200)
    assert await waits(office, tokens) == []
    assert (await start(office, tokens)).status_code == 201


async def test_an_admin_who_holds_nothing_else_is_refused_the_same_way_before_and_after_enrolling(office: Office) -> None:
    tokens = await enters(office, "admin.baru", "admin")
    calls = [("POST", "/v1/accounts", {"json": NEWCOMER}), ("GET", f"/v1/offices/{SAMBOJA}", {}), ("GET", "/v1/accounts", {})]
    for method, path, more in calls:
        assert refused(await asked(office, tokens, method, path, **more)) == (403, ["second_factor_missing"]), path
    async with office.client() as client:
        await enrolled(client, tokens, office.clock)
        for method, path, more in calls:
            assert refused(await asked(office, tokens, method, path, **more)) == (403, ["position_waiting"]), path
        assert await waits(office, tokens) == [ADMIN | {"reason": "refresh"}]
        tokens = made(await refreshed(client, tokens), 200)
    assert (await asked(office, tokens, "POST", "/v1/accounts", json=NEWCOMER)).status_code == 201


async def test_whoever_was_appointed_since_the_token_was_issued_is_told_to_refresh(office: Office) -> None:
    tokens = await enters(office, "kepala.seksi", "pegawai")
    assert await waits(office, tokens) == []
    assert refused(await start(office, tokens)) == (403, ["may_not_start"])
    today = office.clock().astimezone(WITA).date().isoformat()
    made(await give(office, "kepala.seksi", role="camat", capacity="plh", valid_from=today, valid_to=today))
    answer = await start(office, tokens)
    assert refused(answer) == (403, ["may_not_start", "position_waiting"])
    assert "Plh. Camat (64.02.13)" in answer.json()["detail"]
    (shown,) = await waits(office, tokens)
    assert (shown["label"], shown["reason"]) == ("Plh. Camat", "second_factor")  # signing needs one, as the procedures in force say
    async with office.client() as client:
        tokens = made(await refreshed(client, tokens), 200)
    assert refused(await start(office, tokens)) == (403, ["may_not_start", "second_factor_missing"])


async def test_whoever_holds_nothing_at_all_waits_for_nothing(office: Office) -> None:
    """What they may not see does not exist; their own account they see, and it is not theirs to change."""
    tokens = await enters(office, "tamu")
    assert await waits(office, tokens) == []
    assert refused(await asked(office, tokens, "GET", f"/v1/offices/{SAMBOJA}")) == (404, ["not_found"])
    own = f"/v1/accounts/{office.accounts['tamu']}"
    answer = await asked(office, tokens, "PATCH", own, json={"name": "Lain"}, headers={"If-Match": "*"})
    assert refused(answer) == (403, ["not_to_yourself", "permission_missing"])
    assert "Perlu izin admin." in answer.json()["detail"]


async def test_others_are_refused_as_ever(office: Office) -> None:
    tokens = await enters(office, "pegawai.lama", "pegawai")
    assert refused(await start(office, tokens)) == (403, ["may_not_start"])
    assert refused(await asked(office, tokens, "GET", "/v1/audit/verify")) == (403, ["permission_missing"])


async def test_who_is_refused_costs_one_statement_to_know(office: Office) -> None:
    tokens = await enters(office, "camat")
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(office.database._reader.sync_engine, "before_cursor_execute", note)
    answer = await asked(office, tokens, "GET", "/v1/service-accounts")
    event.remove(office.database._reader.sync_engine, "before_cursor_execute", note)
    assert refused(answer) == (403, ["permission_missing", "second_factor_missing"])
    assert len([statement for statement in statements if "FROM session" in statement]) == 1
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [("/v1/service-accounts", "Perlu izin admin / auditor."), ("/v1/audit/verify", "Perlu izin auditor / admin.")],
)
async def test_a_permission_that_is_missing_everywhere_is_missing_at_no_office(office: Office, path: str, words: str) -> None:
    answer = await (await office.as_("staf")).get(path)
    assert refused(answer) == (403, ["permission_missing"])
    assert answer.json()["detail"] == words
