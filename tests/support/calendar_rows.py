"""Rows of an office's own calendar, entered as its administrator's curl enters them; far in the future, where they move no deadline."""

from typing import Any

from tests.support.office import SAMBOJA, Office
from tests.support.replies import made

MORNING = [{"from": "07:30", "to": "12:00"}]
WEEK: dict[str, Any] = {"monday": MORNING, "tuesday": [], "wednesday": [], "thursday": [], "friday": [], "saturday": [], "sunday": []}
CLOSURE: dict[str, Any] = {
    "date": "2099-01-05",
    "kind": "local",
    "name": "Kantor direnovasi",
    "provisional": False,
    "source": "Surat Edaran Camat",
    "decree": "100/1/2099",
}
SEASON: dict[str, Any] = {"name": "renovasi", "starts_on": "2099-02-02", "ends_on": "2099-02-06", "provisional": True, "source": "Rencana"}
SCHEDULE: dict[str, Any] = {"valid_from": "2099-01-01", "valid_to": "2099-12-31", "season": "renovasi", "week": WEEK, "source": "Surat Edaran"}
REPORT_DATE: dict[str, Any] = {"year": 2098, "due_on": "2099-02-10", "margin_days": 5}
IMPORT: dict[str, Any] = {"days_off": [CLOSURE], "seasons": [SEASON], "schedules": [SCHEDULE], "report_dates": [REPORT_DATE]}


def calendar_of(code: str = SAMBOJA) -> str:
    return f"/v1/calendars/{code}"


async def calendar_names(office: Office, code: str = SAMBOJA, who: str = "admin") -> dict[str, str]:
    """For the paths: one row of each kind that the office itself says, and a year."""
    client, path = await office.as_(who), calendar_of(code)
    made(await client.post(f"{path}/import", json=IMPORT))
    names = {"day_off_id": "days-off", "season_id": "seasons", "schedule_id": "schedules"}
    found = {name: (await client.get(f"{path}/{rows}", params={"own": "true"})).json()["items"][0]["id"] for name, rows in names.items()}
    return found | {"year": str(REPORT_DATE["year"])}
