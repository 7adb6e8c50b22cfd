"""Feeds made and revoked at once: never more than may be, never a 500, and one revocation counts."""

from sqlalchemy import func, select

from app.store.calendar_feeds import FEED
from app.store.events import EVENT
from tests.support.office import Office
from tests.support.together import outcomes, together

FEEDS = "/v1/me/calendar-feeds"
ROUNDS = 10


async def test_of_revocations_at_once_one_counts(office: Office) -> None:
    staf = await office.as_("staf")
    for _ in range(ROUNDS):
        feed = (await staf.post(FEEDS, json={})).json()
        answers = await together(*(staf.delete(f"{FEEDS}/{feed['id']}") for _ in range(4)))
        assert outcomes(answers) == {(204, ""): 1, (404, "not_found"): 3}
    async with office.database.read() as connection:
        told = await connection.scalar(select(func.count()).select_from(EVENT).where(EVENT.c.type == "calendar_feed.revoked"))
    assert told == ROUNDS


async def test_no_more_than_twenty_come_to_be(office: Office) -> None:
    staf = await office.as_("staf")
    for _ in range(18):
        assert (await staf.post(FEEDS, json={})).is_success
    answers = await together(*(staf.post(FEEDS, json={}) for _ in range(4)))
    assert outcomes(answers) == {(201, ""): 2, (409, "too_many_feeds"): 2}
    async with office.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(FEED)) == 20
