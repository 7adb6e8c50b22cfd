"""A calendar feed for tests of paths: the deadlines of Samboja, subscribed by somebody who calls nothing else."""

from tests.support.course import SAMBOJA
from tests.support.office import Office


async def feed_names(office: Office) -> dict[str, str]:
    client = await office.as_("tim2")
    made = (await client.post("/v1/me/calendar-feeds", json={"office": SAMBOJA})).json()
    return {"feed_id": made["id"], "secret": made["url"].split("/")[-2]}
