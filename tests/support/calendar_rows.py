"""Rows of an office's own calendar, entered as its administrator's curl enters them; those of
`IMPORT` far in the future, where they move no deadline."""

from typing import Any

import httpx

from tests.support.contract import check_answer, operations
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


class AtCalendar:
    """Somebody at one office's calendar. Each answer is one that the document allows; the version last seen goes along with changes."""

    def __init__(self, client: httpx.AsyncClient, code: str = SAMBOJA) -> None:
        self.client = client
        self.path = calendar_of(code)
        self.code = code

    async def get(self, operation: str, rows: str = "", **params: Any) -> httpx.Response:
        answer = await self.client.get(self.path + rows, params={name.rstrip("_"): value for name, value in params.items()})
        check_answer(operation, answer)
        return answer

    async def read(self, operation: str, rows: str = "", **params: Any) -> Any:
        return made(await self.get(operation, rows, **params), 200)

    async def version(self) -> int:
        found: int = (await self.read("getCalendar"))["version"]
        return found

    async def send(self, operation: str, rows: str, body: Any = None, /, **more: Any) -> httpx.Response:
        """`rows` is what follows the calendar's address. Whatever version it has is changed, unless `headers` name one."""
        method = operations()[operation][1]
        guard = {} if method == "post" else {"If-Match": "*"}
        sent = more if body is None else {"json": body, **more}
        answer = await self.client.request(method, self.path + rows, **(sent | {"headers": guard | sent.get("headers", {})}))
        check_answer(operation, answer)
        return answer

    async def change(self, operation: str, rows: str, body: Any = None, /, **more: Any) -> dict[str, Any]:
        """That which is let through."""
        answer = await self.send(operation, rows, body, **more)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def at_calendar(office: Office, who: str = "admin", code: str = SAMBOJA) -> AtCalendar:
    return AtCalendar(await office.as_(who), code)


async def due(office: Office, starts_at: str, duration: str = "30 minute", *, code: str = SAMBOJA, who: str = "camat") -> str:
    """When it is over, as the office's clock shows it: `2027-02-08 16:00`."""
    value, unit = duration.split()
    body = {"office": code, "starts_at": f"{starts_at.replace(' ', 'T')}:00+08:00", "duration": {"value": int(value), "unit": unit}}
    found: str = made(await (await office.as_(who)).post("/v1/deadlines/calculate", json=body), 200)["due_at"]
    assert found.endswith(":00+08:00")
    return found.removesuffix(":00+08:00").replace("T", " ")


def errors_of(answer: httpx.Response) -> list[tuple[str, str]]:
    """Place and code of each mistake."""
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
