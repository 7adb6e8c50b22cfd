"""What storage holds, key by key: said in the transaction that first names it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.documents import CHUNK_BYTES, Upload
from app.domain.stored_content import Kept, split_digests
from app.store.guarded import Change
from app.store.tables import BlobRow, table

BLOB = table(BlobRow)


def blob_rows(new: Upload, *, now: datetime) -> list[Change]:
    """None for a copy, whose bytes are told already."""
    if new.file is None:
        return []
    row = {
        "storage_key": new.file.storage_key,
        "sha256": new.file.sha256,
        "size": new.file.size,
        "chunk_bytes": CHUNK_BYTES,
        "digests": "".join(new.file.digests),
        "stored_at": now,
    }
    return [Change("insert", BLOB, [row])]


async def kept(connection: AsyncConnection, storage_key: str) -> Kept | None:
    """None for what was stored before rows were kept."""
    columns = (BLOB.c.storage_key, BLOB.c.sha256, BLOB.c.size, BLOB.c.chunk_bytes, BLOB.c.digests)
    row = (await connection.execute(select(*columns).where(BLOB.c.storage_key == storage_key))).one_or_none()
    return None if row is None else Kept(row.storage_key, row.sha256, row.size, row.chunk_bytes, split_digests(row.digests))
