"""Bytes that no row names: what a crash left between storing them and saying so."""

from datetime import datetime, timedelta

from app.outside.storage import Blobs
from app.store.database import Database
from app.store.stored_content import names_anything, unnamed

GRACE = timedelta(hours=24)
"""An act stores bytes first and names them in its transaction minutes later at most, and a part of an upload at once. A key is made for one act,
never given to a later one. So what has no row after a day never gets one, and between the question and the removal nobody can name it.
"""


async def remove_orphans(database: Database, blobs: Blobs, now: datetime) -> int:
    """How many keys older than the grace were removed that nothing names: blob, version, unfinished upload or restricted record.

    Asked of the database after storage was listed. One that names nothing at all removes nothing: it is rather empty, or the wrong one.
    """
    async with database.read() as connection:
        if not await names_anything(connection):
            return 0
    removed = 0
    async for keys in blobs.listed(now - GRACE):
        async with database.read() as connection:
            orphans = await unnamed(connection, keys)
        for key in orphans:
            await blobs.remove(key)
            removed += 1
    return removed
