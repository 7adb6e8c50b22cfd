"""What a verification finds where accounts, positions and offices in the tables are not those of the log."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from app.domain.offices import AT_FOUNDING
from app.store.events import office_stream
from app.store.tables import AccountRow, AssignmentRow, OfficeCoverRow, OfficeParentRow, OfficeRow, ServiceAccountRow, table
from app.usecases.demo import DemoPerson
from tests.support.audit import events_of, found, found_anywhere, rewritten, slipped_in, taken_away
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, open_office

ACCOUNT, ASSIGNMENT, OFFICE, PARENT, COVER = map(table, (AccountRow, AssignmentRow, OfficeRow, OfficeParentRow, OfficeCoverRow))
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


ACCOUNTS: list[tuple[str, Any]] = [("username", "orang.lain"), ("active", False)]


async def test_an_account_rewritten_is_found(office: Office) -> None:
    account = office.accounts["baru"]
    sequence = await told_of(office, "account.created", account)
    for column, value in ACCOUNTS:
        async with rewritten(office, AccountRow, (ACCOUNT.c.id == account,), **{column: value}):
            assert await found(office) == [(STREAM, sequence, "account_differs")], column
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
        await connection.execute(insert(table(ServiceAccountRow)).values(machine))
    assert await found(office) == [(STREAM, await past_the_end(office), "service_account_unknown")]


async def test_an_office_rewritten_is_found(office: Office) -> None:
    here = (OFFICE.c.code == SAMBOJA,)
    async with rewritten(office, OfficeRow, here, name="Kecamatan Lain"):
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
