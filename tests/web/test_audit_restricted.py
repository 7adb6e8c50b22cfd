"""The log and the restricted records that the table holds: one that nobody told of is found, and so is one that is gone."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, insert

from app.store.restricted_records import RESTRICTED
from app.usecases.audit import verify
from tests.support.office import SAMBOJA, Office, open_office
from tests.support.restricted_records import KEEPER, WITH_KEY, added, change, row_of
from tests.support.shared_office import fresh


async def broken(office: Office) -> list[str]:
    return [found.code for found in (await verify(office.database, [SAMBOJA])).broken]


async def test_the_log_knows_every_record(office_url: str, tmp_path: Path) -> None:
    async with open_office(office_url, tmp_path, **WITH_KEY) as office:
        await office.enrol(KEEPER)
        record = await added(office, await fresh(office))
        assert await broken(office) == []
        row = await row_of(office, record)
        await change(office, record, sha256="0" * 64)
        assert await broken(office) == ["restricted_record_differs"]
        async with office.database.write() as connection:
            await connection.execute(delete(RESTRICTED))
        assert await broken(office) == ["restricted_record_missing"]
        forged = row | {"id": office.accounts["camat"], "storage_key": "x", "added_at": row["added_at"] + timedelta(days=1)}
        async with office.database.write() as connection:
            for kept in (row, forged):
                await connection.execute(insert(RESTRICTED).values(kept))
        assert await broken(office) == ["restricted_record_unknown"]
