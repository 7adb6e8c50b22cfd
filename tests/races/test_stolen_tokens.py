"""A thief sends all guesses of a stolen token at once."""

import asyncio

from tests.support.office import Office
from tests.support.together import outcomes


async def test_of_twenty_guesses_at_once_within_a_session_six_are_judged(office: Office) -> None:
    client = await office.as_("tim1")
    guesses = (client.post("/v1/me/second-factor/recovery-codes", json={"code": f"{number:06}"}) for number in range(20))
    seen = outcomes(await asyncio.gather(*guesses))
    assert seen == {(409, "second_factor_not_enrolled"): 6, (429, "too_many_requests"): 14}
