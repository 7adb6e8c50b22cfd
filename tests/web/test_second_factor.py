"""The second factor over HTTP: enrolled, asked for, passed once, withheld positions, doing without the telephone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.domain.assignments import Position
from app.store.accounts import ACCOUNT
from app.store.credentials import RECOVERY_CODE
from app.store.database import Database
from app.store.events import EVENT
from app.usecases.assignments import assign
from app.usecases.credentials import remove_second_factor
from app.usecases.procedures import seed_catalog
from app.usecases.sessions import SessionTerms
from tests.support.authenticators import begun, enrolled
from tests.support.people import NOW, SAMBOJA, SINCE, session_terms
from tests.support.session_client import PASSWORD, Clock, bearer, client_of, opened, refreshed, signed_in, try_to_sign_in

KUTAI_AUDITOR, CAMAT = "64.02:auditor", "64.02.13:camat"


@pytest.fixture(scope="module")
def terms() -> SessionTerms:
    return session_terms(second_factor=frozenset({"admin", "camat"}))


@pytest.fixture
async def strict(database: Database, terms: SessionTerms, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """On both databases: `camat` holds camat, which needs a second factor, and other positions, which do not."""
    async with await opened(database, terms, clock) as client:
        yield client


async def me(client: httpx.AsyncClient, tokens: dict[str, Any]) -> Any:
    return (await client.get("/v1/me", headers=bearer(tokens))).json()


def roles(shown: Any) -> list[str]:
    return [position["role"] for position in shown["positions"]]


async def post(client: httpx.AsyncClient, path: str, tokens: dict[str, Any], **body: str) -> httpx.Response:
    return await client.post(f"/v1/me/second-factor{path}", json=body, headers=bearer(tokens))


async def test_from_enrolment_to_the_position_that_needs_it(strict: httpx.AsyncClient, clock: Clock, terms: SessionTerms) -> None:
    tokens = await signed_in(strict)
    assert tokens["second_factor"] == "enrolment_needed"
    assert CAMAT not in terms.tokens.verify(tokens["access_token"], clock.now).roles
    before = await me(strict, tokens)
    assert roles(before) == ["sekretaris"]
    assert before["second_factor"] == {"enrolled": False, "passed": False, "needed_for": [CAMAT]}

    authenticator, codes = await enrolled(strict, tokens, clock)
    assert len(codes) == 10
    unlocked = (await refreshed(strict, tokens)).json()
    assert unlocked["second_factor"] == "passed"
    after = await me(strict, unlocked)
    assert roles(after) == ["camat", "sekretaris"]
    assert after["second_factor"] == {"enrolled": True, "passed": True, "needed_for": [CAMAT]}

    without = await try_to_sign_in(strict)
    assert (without.status_code, without.json()["code"]) == (401, "second_factor_required")
    assert without.headers["www-authenticate"] == 'Bearer realm="alur"'
    anew = await signed_in(strict, code=authenticator.code())
    assert anew["second_factor"] == "passed"
    assert roles(await me(strict, anew)) == ["camat", "sekretaris"]


async def test_who_holds_nothing_that_needs_it_is_asked_for_nothing(client: httpx.AsyncClient, sqlite_database: Database, clock: Clock) -> None:
    async with client_of(sqlite_database, session_terms(), clock) as lenient:
        tokens = await signed_in(lenient)
        assert tokens["second_factor"] == "not_needed"
        assert (await me(lenient, tokens))["second_factor"] == {"enrolled": False, "passed": False, "needed_for": []}


async def test_signing_stands_for_every_role_that_signs_by_a_procedure_in_force(sqlite_database: Database, clock: Clock) -> None:
    terms = session_terms(second_factor=frozenset({"signing"}))
    async with await opened(sqlite_database, terms, clock) as client:
        assert (await signed_in(client))["second_factor"] == "not_needed"
        async with sqlite_database.write() as connection:
            await seed_catalog(connection, NOW)
        tokens = await signed_in(client)
        assert tokens["second_factor"] == "enrolment_needed"
        shown = await me(client, tokens)
        assert roles(shown) == ["sekretaris"]
        assert shown["second_factor"]["needed_for"] == [CAMAT]


async def test_a_position_gained_later_is_withheld_at_the_next_refresh(strict: httpx.AsyncClient, database: Database) -> None:
    tokens = await signed_in(strict)
    async with database.write() as connection:
        await assign(connection, NOW, "camat", position=Position(SAMBOJA, "admin", SINCE))
    again = (await refreshed(strict, tokens)).json()
    assert again["second_factor"] == "enrolment_needed"
    shown = await me(strict, again)
    assert shown["second_factor"]["needed_for"] == ["64.02.13:admin", CAMAT]
    assert [permission["permission"] for permission in shown["permissions"]] == ["auditor"]


async def test_enrolling_ends_the_other_sessions_and_is_recorded(strict: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    tokens, elsewhere = await signed_in(strict), await signed_in(strict)
    await enrolled(strict, tokens, clock)
    assert (await strict.get("/v1/me", headers=bearer(elsewhere))).json()["code"] == "session_ended"
    assert (await strict.get("/v1/me", headers=bearer(tokens))).status_code == 200
    async with database.read() as connection:
        event = (await connection.execute(select(EVENT).where(EVENT.c.type == "account.second_factor_enabled"))).one()
    assert event.office_code == SAMBOJA
    assert event.actor["role"] == "self"
    assert event.data == {"account_id": event.actor["account_id"]}


async def test_nothing_of_it_is_readable_in_the_database(strict: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    authenticator, codes = await enrolled(strict, await signed_in(strict), clock)
    async with database.read() as connection:
        account = (await connection.execute(select(ACCOUNT))).one()
        kept = (await connection.execute(select(RECOVERY_CODE.c.code_hash))).scalars().all()
    assert account.totp_pending is None
    assert authenticator.secret not in account.totp_secret
    assert {len(code_hash) for code_hash in kept} == {64}
    assert not any(code.replace("-", "") in str(kept) for code in codes)


async def test_a_code_serves_once(strict: httpx.AsyncClient, clock: Clock) -> None:
    authenticator, _ = await enrolled(strict, await signed_in(strict), clock)
    code = authenticator.code()
    assert (await try_to_sign_in(strict, code=code)).status_code == 201
    again = await try_to_sign_in(strict, code=code)
    assert (again.status_code, again.json()["code"]) == (401, "second_factor_invalid")
    earlier = await try_to_sign_in(strict, code=authenticator.code(steps=-1))
    assert earlier.json()["code"] == "second_factor_invalid"
    clock.now += timedelta(seconds=30)
    assert (await try_to_sign_in(strict, code=authenticator.code())).status_code == 201


async def test_the_code_that_confirmed_an_enrolment_is_used(strict: httpx.AsyncClient, clock: Clock) -> None:
    authenticator, _ = await enrolled(strict, await signed_in(strict), clock)
    clock.now -= timedelta(minutes=1)
    assert (await try_to_sign_in(strict, code=authenticator.code())).json()["code"] == "second_factor_invalid"


async def test_a_recovery_code_serves_once_however_it_is_typed(strict: httpx.AsyncClient, clock: Clock) -> None:
    _, codes = await enrolled(strict, await signed_in(strict), clock)
    assert (await signed_in(strict, code=codes[0].lower().replace("-", " ")))["second_factor"] == "passed"
    assert (await try_to_sign_in(strict, code=codes[0])).json()["code"] == "second_factor_invalid"
    assert (await try_to_sign_in(strict, code=codes[1])).status_code == 201


async def test_new_recovery_codes_void_the_old_ones(strict: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(strict)
    authenticator, old = await enrolled(strict, tokens, clock)
    answer = await post(strict, "/recovery-codes", tokens, code=authenticator.code())
    assert answer.status_code == 200
    new = answer.json()["recovery_codes"]
    assert set(new).isdisjoint(old)
    assert (await try_to_sign_in(strict, code=old[0])).status_code == 401
    assert (await try_to_sign_in(strict, code=new[0])).status_code == 201


async def test_a_wrong_password_lets_nobody_learn_that_there_is_a_second_factor(strict: httpx.AsyncClient, clock: Clock) -> None:
    authenticator, _ = await enrolled(strict, await signed_in(strict), clock)
    for given in ({"password": "wrong"}, {"password": "wrong", "code": authenticator.code()}, {"username": "nobody", "code": "123456"}):
        assert (await try_to_sign_in(strict, **given)).json()["code"] == "bad_credentials"
    assert (await try_to_sign_in(strict, code=authenticator.code())).status_code == 201


async def test_an_enrolment_takes_the_password_again(strict: httpx.AsyncClient) -> None:
    answer = await post(strict, "", await signed_in(strict), password="wrong")
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_password")


async def test_an_enrolment_begun_again_voids_the_first_and_none_counts_unconfirmed(strict: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(strict)
    first, second = await begun(strict, tokens, clock), await begun(strict, tokens, clock)
    assert (await try_to_sign_in(strict)).status_code == 201
    wrong = await post(strict, "/confirmation", tokens, code=first.code())
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_code")
    assert (await post(strict, "/confirmation", tokens, code=second.code())).status_code == 200


async def test_what_the_state_does_not_allow_is_refused(strict: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(strict)
    assert (await post(strict, "/confirmation", tokens, code="123456")).json()["code"] == "second_factor_not_begun"
    assert (await post(strict, "/recovery-codes", tokens, code="123456")).json()["code"] == "second_factor_not_enrolled"
    authenticator, _ = await enrolled(strict, tokens, clock)
    assert (await post(strict, "", tokens, password=PASSWORD)).json()["code"] == "second_factor_enrolled"
    again = await post(strict, "/confirmation", tokens, code=authenticator.code())
    assert (again.status_code, again.json()["code"]) == (409, "second_factor_enrolled")
    assert "sudah terpasang" in again.json()["detail"]


async def test_it_stays_while_a_position_needs_it(strict: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(strict)
    authenticator, _ = await enrolled(strict, tokens, clock)
    refused = await post(strict, "/removal", tokens, code=authenticator.code())
    assert (refused.status_code, refused.json()["code"]) == (409, "second_factor_needed")
    assert refused.json()["detail"] == "Faktor kedua diperlukan selama Anda memegang Camat (64.02.13)."
    assert (await try_to_sign_in(strict, code=authenticator.code())).status_code == 201


async def test_it_is_removed_with_a_code_once_nothing_needs_it(database: Database, clock: Clock) -> None:
    async with await opened(database, session_terms(), clock) as client:
        tokens = await signed_in(client)
        authenticator, _ = await enrolled(client, tokens, clock)
        assert (await post(client, "/removal", tokens, code=authenticator.wrong())).status_code == 422
        assert (await post(client, "/removal", tokens, code=authenticator.code())).status_code == 204
        assert (await me(client, tokens))["second_factor"] == {"enrolled": False, "passed": False, "needed_for": []}
        assert (await signed_in(client))["second_factor"] == "not_needed"
        async with database.read() as connection:
            assert (await connection.execute(select(RECOVERY_CODE))).all() == []


async def test_an_administrators_removal_ends_all_sessions(strict: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    tokens = await signed_in(strict)
    await enrolled(strict, tokens, clock)
    async with database.write() as connection:
        account_id = (await connection.execute(select(ACCOUNT.c.id))).scalar_one()
        assert await remove_second_factor(connection, clock.now, account_id)
    assert (await strict.get("/v1/me", headers=bearer(tokens))).json()["code"] == "session_ended"
    assert (await signed_in(strict))["second_factor"] == "enrolment_needed"


async def test_a_secret_whose_key_is_gone_fits_no_code_but_recovery_codes_do(strict: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    authenticator, codes = await enrolled(strict, await signed_in(strict), clock)
    async with client_of(database, session_terms(), clock) as elsewhere:
        assert (await try_to_sign_in(elsewhere, code=authenticator.code())).json()["code"] == "second_factor_invalid"
        assert (await try_to_sign_in(elsewhere, code=codes[0])).status_code == 201


async def test_wrong_codes_are_throttled_though_the_password_is_right(strict: httpx.AsyncClient, clock: Clock) -> None:
    """And a sign-in without a code in between, which is no failure, does not begin the count anew."""
    authenticator, _ = await enrolled(strict, await signed_in(strict), clock)
    for _ in range(6):
        assert (await try_to_sign_in(strict, code=authenticator.wrong())).json()["code"] == "second_factor_invalid"
        clock.now += timedelta(seconds=1)
        assert (await try_to_sign_in(strict)).json()["code"] == "second_factor_required"
    assert (await try_to_sign_in(strict, code=authenticator.wrong())).status_code == 401
    refused = await try_to_sign_in(strict, code=authenticator.code())
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    clock.now += timedelta(seconds=2)
    assert (await try_to_sign_in(strict, code=authenticator.code())).status_code == 201
