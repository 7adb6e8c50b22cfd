"""Calendar feeds for tests: subscribed by a person, and read as a calendar program does."""

from typing import Any

import httpx
from icalendar import Calendar

from tests.support.course import SAMBOJA
from tests.support.office import Office
from tests.support.replies import made

FEEDS = "/v1/me/calendar-feeds"


async def subscribed(where: Office, username: str = "camat", **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = made(await (await where.as_(username)).post(FEEDS, json=body))
    return found


def path_of(feed: dict[str, Any], name: str = "url") -> str:
    return str(httpx.URL(feed[name]).path)


async def fetched(office: Office, feed: dict[str, Any], name: str = "url", **headers: str) -> httpx.Response:
    """As a calendar program does: without a token."""
    async with office.client(**headers) as program:
        return await program.get(path_of(feed, name))


async def shown(office: Office, feed: dict[str, Any], name: str = "url") -> list[Any]:
    answer = await fetched(office, feed, name)
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.content)
    assert calendar.errors == []
    return [found for found in calendar.subcomponents if found.name in {"VEVENT", "VTODO"}]


async def summaries(office: Office, feed: dict[str, Any], name: str = "url") -> list[str]:
    return [str(found["SUMMARY"]) for found in await shown(office, feed, name)]


async def feed_names(office: Office) -> dict[str, str]:
    """For tests of paths: the deadlines of Samboja, subscribed by somebody who calls nothing else, and whom nobody administers."""
    feed = await subscribed(office, "tim3", office=SAMBOJA)
    return {"feed_id": feed["id"], "secret": path_of(feed).split("/")[3]}
