"""Checked bytes over HTTP: damage that a reader meets is noted in the log, and none of the damaged bytes is sent."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import structlog
from anyio import move_on_after
from fastapi import Depends

from app.domain.instances import DocumentVersion, Instance
from app.outside.storage import BlobMissing, Blobs
from app.store.blobs import kept
from app.store.database import Database
from app.usecases.acts import Shelf
from app.usecases.stored_content import ContentDamaged, note_damage, open_version
from app.web.acting import Acting, Asking, Shelved
from app.web.actor import CurrentActor
from app.web.documents import instance_of_document
from app.web.languages import Lang
from app.web.session import Db, Now, act
from app.web.stored import Stored

NOTING_SECONDS = 10

log = structlog.get_logger("alur.documents")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What it takes to read versions of one instance, and to note what is wrong with them."""

    database: Database
    blobs: Blobs
    shelf: Shelf
    now: datetime
    instance_id: UUID

    async def pieces(self, version: DocumentVersion, *, start: int, length: int) -> AsyncIterator[bytes]:
        """Holds no connection. Raises BlobMissing or ContentDamaged before the first piece; while iterating for a later one.

        What is raised then breaks the answer off.
        """
        async with self.database.read() as connection:
            known = await kept(connection, version.storage_key)
        try:
            found = await open_version(self.blobs, version, known, start=start, length=length)
        except (BlobMissing, ContentDamaged) as error:
            await self._tell(version, error)
            raise
        return self._watched(version, found)

    async def whole(self, version: DocumentVersion) -> AsyncIterator[bytes]:
        """All of it. Raises BlobMissing, ContentDamaged, as `pieces` does."""
        return await self.pieces(version, start=0, length=version.size)

    async def _watched(self, version: DocumentVersion, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        except (BlobMissing, ContentDamaged) as error:
            await self._tell(version, error)
            raise

    async def _tell(self, version: DocumentVersion, error: BlobMissing | ContentDamaged) -> None:
        """The log names it for whoever has to bring it back. What fails here hides nothing of what the reader is told."""
        told = {"storage_key": version.storage_key, "document_id": str(version.document_id), "version": version.version}
        if isinstance(error, BlobMissing):
            log.error("content missing", **told)
            return
        log.error("content damaged", chunk=error.damage.chunk, **told)
        if version.damaged_at is None:
            await self._note(error)

    async def _note(self, error: ContentDamaged) -> None:
        """Also where the reader goes away meanwhile."""
        try:
            with move_on_after(NOTING_SECONDS, shield=True):
                await act(
                    self.database,
                    lambda connection: note_damage(connection, self.shelf, self.now, instance_id=self.instance_id, damage=error.damage),
                )
        except Exception:
            log.exception("damage not noted", storage_key=error.damage.storage_key)


def reader_of(acts: Acting, blobs: Blobs, instance_id: UUID) -> Reader:
    """For acts that have to read first."""
    return Reader(database=acts.database, blobs=blobs, shelf=acts.shelf, now=acts.now, instance_id=instance_id)


@dataclass(frozen=True, slots=True)
class ReadingStored:
    """What a route is given that sends stored bytes: no connection is open while it does, since noting damage takes one of its own."""

    actor: CurrentActor
    database: Db
    blobs: Stored
    shelf: Shelved
    now: Now
    language: Lang

    async def instance_of(self, document_id: UUID) -> Instance:
        """Raises NotVisible."""
        async with self.database.read() as connection:
            return await instance_of_document(Asking(self.actor, connection, self.shelf, self.now, self.language), document_id)

    def reader(self, instance_id: UUID) -> Reader:
        return Reader(database=self.database, blobs=self.blobs, shelf=self.shelf, now=self.now, instance_id=instance_id)


async def _reading_stored(actor: CurrentActor, database: Db, blobs: Stored, shelf: Shelved, now: Now, language: Lang) -> ReadingStored:
    return ReadingStored(actor, database, blobs, shelf, now, language)


ReadsStored = Annotated[ReadingStored, Depends(_reading_stored)]
