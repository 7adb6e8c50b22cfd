"""Secrets asked for, used and ended at once: never two that work, never a token left over."""

import asyncio

import httpx

from app.domain.permissions import ADMIN
from app.usecases.demo import DemoPerson
from tests.support.course import SAMBOJA
from tests.support.machines import Machine, machine
from tests.support.office import Office
from tests.support.together import outcomes, together

ROUNDS = 10


async def token(office: Office, known: Machine, secret: str) -> httpx.Response:
    async with office.client() as stranger:
        return await stranger.post("/v1/auth/service-tokens", json={"client_id": known.client_id, "client_secret": secret})


async def read_with(office: Office, answer: httpx.Response) -> int:
    async with office.client(Authorization=f"Bearer {answer.json()['access_token']}") as reader:
        return (await reader.get("/v1/instances")).status_code


async def test_of_the_secrets_asked_for_at_once_one_works(office: Office) -> None:
    await office.enrol(DemoPerson("admin2", "Admin Kedua", (ADMIN,), SAMBOJA))
    admins = [await office.as_(name) for name in ("admin", "admin2")]
    for _ in range(ROUNDS):
        known = await machine(office)
        path = f"/v1/service-accounts/{known.id}/secret"
        answers = await together(*(admin.post(path) for admin in admins for _ in range(2)))
        given = [answer.json()["client_secret"] for answer in answers if answer.is_success]
        assert outcomes(answers).keys() <= {(201, ""), (409, "concurrent_change")}
        assert len(given) >= 1
        assert sum([(await token(office, known, secret)).is_success for secret in given]) == 1


async def test_no_token_outlives_the_secret_that_it_was_got_with(office: Office) -> None:
    admin = await office.as_("admin")
    for round_ in range(ROUNDS):
        known = await machine(office)
        act = ("secret", "revoke")[round_ % 2]

        async def ended(path: str = f"/v1/service-accounts/{known.id}/{act}", pause: float = 0.001 * round_) -> httpx.Response:
            await asyncio.sleep(pause)
            return await admin.post(path)

        *tokens, end = await together(*(token(office, known, known.secret) for _ in range(4)), ended())
        assert end.is_success
        assert {answer.status_code for answer in tokens} <= {201, 401}
        assert {await read_with(office, answer) for answer in tokens if answer.is_success} <= {401}
        assert (await token(office, known, known.secret)).status_code == 401
