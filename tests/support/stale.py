"""Bulk offices with a calendar that can change: all stand where Samboja stands, and every open deadline is on their calendar's version."""

from sqlalchemy import text

from app.store.database import Database

_COVERS = """
INSERT INTO office_cover (ancestor, code, from_at, until_at, depth)
SELECT CASE WHEN c.ancestor = c.code THEN o.code ELSE c.ancestor END, o.code, c.from_at, c.until_at, c.depth
FROM office o, office_cover c WHERE o.code LIKE '64.02.%' AND c.code = '64.02.13' ON CONFLICT DO NOTHING
"""

_ON_ITS_VERSION = "UPDATE step_round r SET calendar_version = o.calendar_version FROM office o WHERE o.code = r.office_code"


async def settle_calendars(database: Database) -> None:
    """Nothing is stale afterwards."""
    async with database.write() as connection:
        await connection.execute(text(_COVERS))
        await connection.execute(text(_ON_ITS_VERSION))
    async with database.read() as connection:
        await connection.execute(text("VACUUM ANALYZE"))


async def make_stale(database: Database, codes: list[str]) -> None:
    """As a change of their calendars would, without one."""
    async with database.write() as connection:
        await connection.execute(text("UPDATE office SET calendar_version = calendar_version + 1 WHERE code = ANY(:codes)"), {"codes": codes})
        await connection.execute(text("ANALYZE office"))
