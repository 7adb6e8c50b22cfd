"""What a verification finds where accounts, positions and offices in the tables are not those of the log."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from app.domain.offices import AT_FOUNDING
from app.store.events import office_stream
from app.store.tables import AccountRow, AssignmentRow, OfficeCoverRow, OfficeParentRow, OfficeRow, ServiceAccountRow, table
from app.usecases.demo import DemoPerson
from tests.support.audit import events_of, found, found_anywhere, rewritten, slipped_in, taken_away
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, open_office

ACCOUNT, ASSIGNMENT, MACHINE = map(table, (AccountRow, AssignmentRow, ServiceAccountRow))
OFFICE, PARENT, COVER = map(table, (OfficeRow, OfficeParentRow, OfficeCoverRow))
STREAM, KUTAI, ROOT = office_stream(SAMBOJA), "64.02", "ID"
SOME_TIME = datetime(2026, 5, 5, tzinfo=UTC)
NEW = DemoPerson("baru", "Orang Baru", ("pegawai",))


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        await opened.enrol(NEW, instrument_number="SK 800/1/2026", instrument_date=date(2026, 1, 5))
        yield opened


async def told_of(office: Office, kind: str, account: UUID) -> int:
    events = await events_of(office, STREAM)
    return next(event["sequence"] for event in events if event["type"] == kind and event["data"]["account_id"] == str(account))


async def past_the_end(office: Office) -> int:
    return len(await events_of(office, STREAM)) + 1


POSITIONS: list[tuple[str, Any]] = [
    ("role", "admin"),
    ("capacity", "plt"),
    ("valid_from", date(2020, 1, 1)),
    ("valid_to", date(2040, 1, 1)),
    ("instrument_number", "SK lain"),
    ("instrument_number", None),
    ("instrument_date", date(2020, 1, 1)),
    ("revoked_at", SOME_TIME),
    ("withdrawn", True),
]


async def test_a_position_rewritten_is_found(office: Office) -> None:
    account = office.accounts["baru"]
    sequence = await told_of(office, "assignment.created", account)
    assert await found(office) == []
    for column, value in [*POSITIONS, ("account_id", office.accounts["staf"])]:
        async with rewritten(office, AssignmentRow, (ASSIGNMENT.c.account_id == account,), **{column: value}):
            assert await found(office) == [(STREAM, sequence, "assignment_differs")], column
    async with taken_away(office, AssignmentRow, (ASSIGNMENT.c.account_id == account,)):
        assert await found(office) == [(STREAM, sequence, "assignment_missing")]
    assert await found(office) == []


async def test_a_position_that_no_event_tells_of_is_found(office: Office) -> None:
    """Somebody with the database's password makes himself an administrator; or takes a position along to another office."""
    mine = (ASSIGNMENT.c.account_id == office.accounts["baru"],)
    async with slipped_in(office, AssignmentRow, mine, id=uuid7(), role="admin"):
        assert await found(office) == [(STREAM, await past_the_end(office), "assignment_unknown")]
    async with rewritten(office, AssignmentRow, mine, office_code=MUARA_JAWA):
        codes = {stream: code for stream, _, code in await found_anywhere(office)}
        assert codes == {STREAM: "assignment_missing", office_stream(MUARA_JAWA): "assignment_unknown"}
    assert await found_anywhere(office) == []


ACCOUNTS: list[dict[str, Any]] = [
    {"username": "orang.lain"},
    {"name": "Orang Lain"},
    {"kind": "machine"},
    {"active": False},
    {"is_demo": True},
    {"issuer": "https://masuk.example", "subject": "7"},
    {"totp_secret": "sealed"},
]


async def test_an_account_rewritten_is_found(office: Office) -> None:
    account = office.accounts["baru"]
    sequence = await told_of(office, "account.created", account)
    for changed in ACCOUNTS:
        async with rewritten(office, AccountRow, (ACCOUNT.c.id == account,), **changed):
            assert await found(office) == [(STREAM, sequence, "account_differs")], changed
    async with rewritten(office, AccountRow, (ACCOUNT.c.id == account,), office_code=KUTAI):
        codes = {stream: code for stream, _, code in await found_anywhere(office)}
        assert codes == {STREAM: "account_missing", office_stream(KUTAI): "account_unknown"}
    assert await found(office) == []


async def test_accounts_put_in_or_taken_out_are_found(office: Office) -> None:
    account = office.accounts["baru"]
    async with slipped_in(office, AccountRow, (ACCOUNT.c.id == account,), id=uuid7(), username="siapa"):
        assert await found(office) == [(STREAM, await past_the_end(office), "account_unknown")]
    sequence = await told_of(office, "account.created", account)
    async with (
        taken_away(office, AssignmentRow, (ASSIGNMENT.c.account_id == account,)),
        taken_away(office, AccountRow, (ACCOUNT.c.id == account,)),
    ):
        assert await found(office) == [(STREAM, sequence, "account_missing")]
    async with office.database.write() as connection:
        machine = {"account_id": account, "scopes": ["events:read"], "expires_at": SOME_TIME}
        await connection.execute(insert(MACHINE).values(machine))
    assert await found(office) == [(STREAM, await past_the_end(office), "service_account_unknown")]


async def test_an_office_rewritten_is_found(office: Office) -> None:
    here = (OFFICE.c.code == SAMBOJA,)
    for changed in ({"name": "Kecamatan Lain"}, {"time_zone": "Asia/Jakarta"}):
        async with rewritten(office, OfficeRow, here, **changed):
            assert await found(office) == [(STREAM, 1, "office_differs")]
    under = (PARENT.c.code == SAMBOJA,)
    async with rewritten(office, OfficeParentRow, under, parent_code="64"):
        assert await found(office) == [(STREAM, 1, "office_differs")]
    async with slipped_in(office, OfficeParentRow, under, valid_from=date(2026, 1, 1), from_at=SOME_TIME):
        assert await found(office) == [(STREAM, await past_the_end(office), "office_differs")]
    async with taken_away(office, OfficeParentRow, under):
        assert await found(office) == [(STREAM, 1, "office_differs")]
    assert await found_anywhere(office) == []


async def test_who_reaches_down_without_standing_above_is_found(office: Office) -> None:
    """These rows carry a permission down the tree: with one more, an administrator of Muara Jawa is one of Samboja."""
    end, itself = await past_the_end(office), (COVER.c.code == SAMBOJA, COVER.c.depth == 0)
    async with slipped_in(office, OfficeCoverRow, itself, ancestor=MUARA_JAWA, depth=1):
        assert await found_anywhere(office) == [(STREAM, end, "office_differs")]
    above = (COVER.c.code == SAMBOJA, COVER.c.ancestor == ROOT)
    async with rewritten(office, OfficeCoverRow, above, until_at=SOME_TIME):
        assert await found_anywhere(office) == [(STREAM, end, "office_differs")]
    async with taken_away(office, OfficeCoverRow, (*above, COVER.c.from_at == AT_FOUNDING)):
        assert await found_anywhere(office) == [(STREAM, end, "office_differs")]
    assert await found_anywhere(office) == []


# ── what was changed since, by those who may ────────────────────────────────────────────────────────────────────────


class Desk:
    """An administrator of the whole country, entering what people bring."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def amend(self, path: str, **body: Any) -> None:
        known = await self.client.get(path)
        answer = await self.client.patch(path, json=body, headers={"If-Match": known.headers["etag"]})
        assert answer.is_success, answer.text


@pytest.fixture
async def desk(office: Office) -> Desk:
    await office.enrol(DemoPerson("pusat", "Admin Pusat", ("admin",), ROOT))
    return Desk(await office.as_("pusat"))


async def test_an_account_is_as_it_was_last_told_in_the_office_where_it_is(office: Office, desk: Desk) -> None:
    path = "/v1/accounts/" + (await desk.post("/v1/accounts", username="ratna", name="Ratna Contoh", office=SAMBOJA))["id"]
    here = (ACCOUNT.c.id == UUID(path.rpartition("/")[2]),)
    await desk.amend(path, name="Ratna Contohsari", nip="199001012015032001")
    await desk.post(path + "/close", reason="Cuti di luar tanggungan")
    assert await found_anywhere(office) == []
    async with rewritten(office, AccountRow, here, active=True):
        assert await found(office) == [(STREAM, await past_the_end(office) - 1, "account_differs")]
    await desk.post(path + "/reopen")
    await desk.amend(path, office=MUARA_JAWA)
    assert await found_anywhere(office) == []
    async with rewritten(office, AccountRow, here, name="Orang Lain"):
        assert [(b[0], b[2]) for b in await found_anywhere(office)] == [(office_stream(MUARA_JAWA), "account_differs")]
    await desk.amend(path, office=SAMBOJA, name="Ratna Contoh")
    assert await found_anywhere(office) == []


async def test_a_position_is_as_it_was_last_told(office: Office, desk: Desk) -> None:
    given = {"office": SAMBOJA, "role": "bendahara", "capacity": "definitive", "valid_from": "2027-01-01"}
    path = "/v1/assignments/" + (await desk.post("/v1/assignments", username="baru", **given))["id"]
    mine = (ASSIGNMENT.c.id == UUID(path.rpartition("/")[2]),)
    await desk.amend(path, valid_to="2027-06-30", instrument={"number": "SK 2", "date": "2027-01-02"})
    assert await found_anywhere(office) == []
    for changed in ({"valid_to": None}, {"instrument_number": "SK 3"}):
        async with rewritten(office, AssignmentRow, mine, **changed):
            assert await found(office) == [(STREAM, await past_the_end(office) - 1, "assignment_differs")]
    await desk.post(path + "/revoke", reason="Mutasi")
    assert await found_anywhere(office) == []
    async with rewritten(office, AssignmentRow, mine, revoked_at=None):
        assert await found(office) == [(STREAM, await past_the_end(office) - 1, "assignment_differs")]


async def test_an_office_is_as_it_was_last_told(office: Office, desk: Desk) -> None:
    paser = {"code": "64.01", "name": "Kabupaten Paser", "parent": "64", "time_zone": "Asia/Makassar"}
    await desk.post("/v1/offices", **paser)
    path = f"/v1/offices/{SAMBOJA}"
    await desk.amend(path, name="Kecamatan Samboja Barat")
    await desk.post(path + "/parents", parent="64.01", valid_from="2027-07-01", instrument={"number": "SK 1", "date": "2027-01-02"})
    assert await found_anywhere(office) == []
    async with rewritten(office, OfficeParentRow, (PARENT.c.code == SAMBOJA, PARENT.c.parent_code == "64.01"), instrument_number="SK 2"):
        assert await found(office) == [(STREAM, await past_the_end(office) - 1, "office_differs")]
    await desk.post(path + "/parents", parent=KUTAI, valid_from="2027-07-01")
    assert await found_anywhere(office) == []


async def test_a_machine_is_as_it_was_last_told(office: Office, desk: Desk) -> None:
    given = {"name": "Dasbor", "scopes": ["instances:read", "events:read"], "expires_at": "2027-11-22T00:00:00+08:00"}
    path = "/v1/service-accounts/" + (await desk.post("/v1/service-accounts", offices=[SAMBOJA, MUARA_JAWA], **given))["id"]
    mine = (MACHINE.c.account_id == UUID(path.rpartition("/")[2]),)
    assert await found_anywhere(office) == []
    for changed in ({"scopes": ["people:read"]}, {"expires_at": SOME_TIME}, {"secret_hash": "0" * 64}):
        async with rewritten(office, ServiceAccountRow, mine, **changed):
            assert [(b[0], b[2]) for b in await found_anywhere(office)] == [(STREAM, "service_account_differs")], changed
    await desk.post(path + "/secret")
    assert await found_anywhere(office) == []
    await desk.post(path + "/revoke")
    assert await found_anywhere(office) == []
    async with rewritten(office, AccountRow, (ACCOUNT.c.id == UUID(path.rpartition("/")[2]),), active=True):
        assert [(b[0], b[2]) for b in await found_anywhere(office)] == [(STREAM, "account_differs")]
