"""The tokens of machines over HTTP: how they are got, what they open, and when they stop."""

from datetime import timedelta
from typing import get_args
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from app.domain.assignments import Position
from app.domain.permissions import SCOPES
from app.store.assignments import add_assignment
from app.store.sessions import SERVICE_ACCOUNT, SESSION
from app.web.schemas.service_accounts import Scope
from tests.support.contract import check_answer
from tests.support.machines import let_in, machine
from tests.support.office import SAMBOJA, Office
from tests.support.shared_office import fresh
from tests.web.test_frame_errors import problem

PATH = "/v1/service-accounts"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def token_for(office: Office, credentials: dict[str, str]) -> httpx.Response:
    async with office.client() as stranger:
        answer = await stranger.post("/v1/auth/service-tokens", json=credentials)
    check_answer("issueServiceToken", answer)
    return answer


async def test_a_machine_lets_itself_in_for_minutes_and_reads(office: Office) -> None:
    known, run = await machine(office, scopes=["instances:read", "deadlines:read"]), await fresh(office)
    answer = await token_for(office, known.credentials)
    assert answer.status_code == 201
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scopes"}
    assert (answer.json()["expires_in"], answer.json()["scopes"]) == (600, ["instances:read", "deadlines:read"])
    claims = office.app.state.session_terms.tokens.verify(answer.json()["access_token"], office.clock())
    assert (list(claims.roles), list(claims.permissions)) == ([], [f"{SAMBOJA}:integration"])
    reader = office.client(Authorization=f"Bearer {answer.json()['access_token']}")
    assert (await reader.get(f"/v1/instances/{run.id}")).json()["id"] == run.id
    shown = (await (await office.as_("admin")).get(f"{PATH}/{known.id}")).json()
    assert shown["last_used_at"] is not None
    await reader.aclose()


async def test_unknown_wrong_revoked_over_and_without_a_secret_are_answered_alike(office: Office) -> None:
    known = await machine(office)
    revoked, over = await machine(office), await machine(office, days=1)
    await (await office.as_("admin")).post(f"{PATH}/{revoked.id}/revoke")
    async with office.database.write() as connection:
        await connection.execute(
            update(SERVICE_ACCOUNT).where(SERVICE_ACCOUNT.c.account_id == over.id).values(expires_at=office.clock() - timedelta(seconds=1))
        )
    tries = [
        {"client_id": "svc-tidak-ada", "client_secret": known.secret},
        {"client_id": "Dasbor ß", "client_secret": "x"},
        {"client_id": "camat", "client_secret": "x"},
        {"client_id": known.client_id, "client_secret": known.secret + "x"},
        {"client_id": known.client_id, "client_secret": "0" * 64},
        revoked.credentials,
        over.credentials,
    ]
    answers = [await token_for(office, credentials) for credentials in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.json()["code"], answer.json()["detail"]) for answer in answers}) == 1
    assert answers[0].json()["code"] == "bad_credentials"
    assert answers[0].json()["detail"].startswith("client_id atau client_secret tidak cocok")


async def test_a_machine_does_not_sign_in_as_a_person(office: Office) -> None:
    known = await machine(office)
    async with office.client() as stranger:
        for password in (known.secret, "!"):
            answer = await stranger.post("/v1/auth/sessions", json={"username": known.client_id, "password": password})
            problem(answer, 401, "bad_credentials")


async def test_guessing_a_secret_slows_down_and_who_knows_it_elsewhere_comes_in(own_office: Office) -> None:
    known = await machine(own_office)
    guesses = [await token_for(own_office, known.credentials | {"client_secret": "salah"}) for _ in range(7)]
    assert [answer.status_code for answer in guesses] == [401] * 6 + [429]
    assert int(guesses[-1].headers["retry-after"]) >= 1
    assert (await token_for(own_office, known.credentials)).status_code == 429
    elsewhere = httpx.AsyncClient(transport=httpx.ASGITransport(own_office.app, client=("192.0.2.9", 1)), base_url="http://alur.example")
    assert (await elsewhere.post("/v1/auth/service-tokens", json=known.credentials)).status_code == 201
    own_office.clock.forward(seconds=10)
    assert (await token_for(own_office, known.credentials)).status_code == 201
    await elsewhere.aclose()


async def test_a_token_outlives_neither_its_minutes_nor_the_account(own_office: Office) -> None:
    brief = await machine(own_office, days=0.002)
    token = (await token_for(own_office, brief.credentials)).json()
    assert token["expires_in"] == 172
    reader, lasting = await let_in(own_office, brief), await let_in(own_office, await machine(own_office))
    assert (await reader.get("/v1/me")).status_code == 200
    own_office.clock.forward(seconds=200)
    problem(await reader.get("/v1/me"), 401, "session_ended")
    assert (await lasting.get("/v1/me")).status_code == 200
    own_office.clock.forward(seconds=500)
    assert (await lasting.get("/v1/me")).status_code == 401
    for client in (reader, lasting):
        await client.aclose()


@pytest.mark.parametrize("act", ["secret", "revoke"])
async def test_a_new_secret_or_the_end_acts_on_the_next_request(office: Office, act: str) -> None:
    known = await machine(office)
    reader = await let_in(office, known)
    assert (await reader.get("/v1/instances")).status_code == 200
    answer = await (await office.as_("admin")).post(f"{PATH}/{known.id}/{act}")
    assert answer.status_code < 300
    problem(await reader.get("/v1/instances"), 401, "session_ended")
    problem(await token_for(office, known.credentials), 401, "bad_credentials")
    await reader.aclose()


async def test_what_is_revoked_or_over_gets_no_secret_and_is_revoked_once(office: Office) -> None:
    known, over, admin = await machine(office), await machine(office), await office.as_("admin")
    async with office.database.write() as connection:
        await connection.execute(update(SERVICE_ACCOUNT).where(SERVICE_ACCOUNT.c.account_id == over.id).values(expires_at=office.clock()))
    problem(await admin.post(f"{PATH}/{over.id}/secret"), 409, "service_account_over")
    assert (await admin.post(f"{PATH}/{over.id}/revoke")).status_code == 200
    key = {"Idempotency-Key": str(uuid4())}
    revoked = await admin.post(f"{PATH}/{known.id}/revoke", headers=key)
    check_answer("revokeServiceAccount", revoked)
    assert (revoked.json()["active"], revoked.json()["has_secret"]) == (False, False)
    assert (await admin.post(f"{PATH}/{known.id}/revoke", headers=key)).json() == revoked.json()
    for act in ("secret", "revoke"):
        problem(await admin.post(f"{PATH}/{known.id}/{act}"), 409, "service_account_over")


async def test_a_token_leaves_no_refresh_token_behind(office: Office) -> None:
    known = await machine(office)
    await token_for(office, known.credentials)
    async with office.database.read() as connection:
        (session,) = await connection.execute(select(SESSION.c.expires_at, SESSION.c.created_at).where(SESSION.c.account_id == known.id))
    assert session.expires_at - session.created_at == timedelta(seconds=600)


async def test_a_person_with_the_permission_of_machines_performs_nothing(own_office: Office) -> None:
    """It cannot be given to one; a row written by hand makes nobody a machine with scopes, and takes away what a person may do."""
    run = await fresh(own_office)
    now = own_office.clock()
    async with own_office.database.write() as connection:
        account = own_office.accounts["camat"]
        await add_assignment(connection, now, uuid4(), account_id=account, position=Position(SAMBOJA, "integration", now.date()))
    token = await own_office.token("camat", roles=[f"{SAMBOJA}:camat"], permissions=[f"{SAMBOJA}:integration"])
    camat = own_office.client(Authorization=f"Bearer {token}")
    problem(await camat.post(f"/v1/instances/{run.id}/transitions", json={"action": "suspend", "reason": "Banjir."}), 403, "not_for_machines")
    problem(await camat.get(f"/v1/instances/{run.id}"), 403, "scope_missing")
    await camat.aclose()


def test_every_scope_is_in_the_document() -> None:
    assert set(get_args(Scope)) == set(SCOPES)


async def test_each_attempt_is_a_line_with_its_outcome_and_no_secret(office: Office) -> None:
    known = await machine(office)
    with capture_logs() as lines:
        for credentials in (
            known.credentials,
            known.credentials | {"client_secret": "salah-sekali"},
            {"client_id": "rahasia-saya", "client_secret": "x"},
        ):
            await token_for(office, credentials)
    proofs = [(line["outcome"], line["account"]) for line in lines if line["event"] == "service_token"]
    assert proofs == [("ok", str(known.id)), ("bad_credentials", str(known.id)), ("bad_credentials", None)]
    assert not any(secret in str(lines) for secret in (known.secret, "salah-sekali", "rahasia-saya"))
