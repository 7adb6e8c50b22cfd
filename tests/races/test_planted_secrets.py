"""A one-time secret is used at the moment when its account is given more, or its issuer is sent away."""

from typing import Any

import httpx
import pytest

from tests.support.administering import ABOVE, KUTAI, account, give, to_account
from tests.support.office import Office
from tests.support.replies import made
from tests.support.together import after, together

AUDITOR = {"office": KUTAI, "role": "auditor", "valid_from": "2027-01-04"}


async def use(office: Office, secret: str) -> httpx.Response:
    async with office.client() as client:
        body = {"username": "ratna", "one_time_secret": secret, "new_password": "kapal biru di teluk"}
        return await client.post("/v1/auth/password-resets", json=body)


async def meanwhile(office: Office, what: str) -> httpx.Response:
    if what == "given more":
        return await give(office, "ratna", who=ABOVE.username, **AUDITOR)
    more: dict[str, Any] = {"json": {}}
    return await to_account(office, "admin", "close", who=ABOVE.username, **more)


@pytest.mark.parametrize("what", ["given more", "issuer closed"])
@pytest.mark.parametrize("later", [0, 0.03, 0.2])
async def test_either_comes_first_and_afterwards_the_secret_is_nothing(office: Office, what: str, later: float) -> None:
    await office.enrol(ABOVE)
    await account(office)
    secret = made(await to_account(office, "ratna", "password-reset"), 200)["one_time_secret"]
    used, happened = await together(after(later, use(office, secret)), meanwhile(office, what))
    assert used.status_code in {204, 401}, used.text
    assert happened.status_code in {200, 201}, happened.text
    assert (await use(office, secret)).status_code == 401
