"""An authenticator as a person holds it, made from nothing but what the enrolment says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pyotp

from tests.support.session_client import PASSWORD, Clock, bearer


@dataclass
class Authenticator:
    secret: str
    clock: Clock

    def code(self, *, steps: int = 0) -> str:
        moment: datetime = self.clock.now + steps * timedelta(seconds=30)
        return pyotp.TOTP(self.secret).at(moment)

    def wrong(self) -> str:
        """A code of none of the steps around."""
        near = {self.code(steps=step) for step in range(-3, 4)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777") if code not in near)


async def begun(client: httpx.AsyncClient, tokens: dict[str, Any], clock: Clock) -> Authenticator:
    answer = await client.post("/v1/me/second-factor", json={"password": PASSWORD}, headers=bearer(tokens))
    assert answer.status_code == 200, answer.text
    return Authenticator(answer.json()["secret"], clock)


async def enrolled(client: httpx.AsyncClient, tokens: dict[str, Any], clock: Clock) -> tuple[Authenticator, list[str]]:
    """With its recovery codes. The clock stands a minute later, so that the code that confirmed it is over."""
    authenticator = await begun(client, tokens, clock)
    answer = await client.post("/v1/me/second-factor/confirmation", json={"code": authenticator.code()}, headers=bearer(tokens))
    assert answer.status_code == 200, answer.text
    clock.now += timedelta(minutes=1)
    codes: list[str] = answer.json()["recovery_codes"]
    return authenticator, codes
