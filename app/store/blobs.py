"""What storage holds, key by key: said in the transaction that first names it."""

from datetime import datetime

from app.domain.documents import CHUNK_BYTES, Upload
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
