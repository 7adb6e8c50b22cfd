"""Reading restricted records over HTTP: noted before anything is answered; and where one does not open, that is noted too."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

import structlog
from anyio import move_on_after
from fastapi import Depends, Request

from app.domain.restricted_records import RecordWords, RestrictedRecord
from app.outside.envelopes import Envelope
from app.outside.restricted_keys import RestrictedKeys
from app.outside.storage import Blobs
from app.usecases import restricted_content
from app.usecases import restricted_records as usecases
from app.usecases.acts import Act
from app.usecases.restricted_records import RecordDamaged
from app.web.acting import Shelved
from app.web.actor import CurrentActor
from app.web.session import Db, Now, act
from app.web.stored_content import NOTING_SECONDS

T = TypeVar("T")

log = structlog.get_logger("alur.restricted_records")


async def _keys(request: Request) -> RestrictedKeys:
    keys: RestrictedKeys = request.app.state.restricted_keys
    return keys


Keys = Annotated[RestrictedKeys, Depends(_keys)]


@dataclass(frozen=True, slots=True)
class Noting:
    """For a GET that the log has to know of: what `work` notes is committed before anything is answered."""

    actor: CurrentActor
    database: Db
    shelf: Shelved
    keys: Keys
    now: Now

    async def perform(self, work: Callable[[Act], Awaitable[T]]) -> T:
        return await act(self.database, lambda connection: work(Act(connection=connection, shelf=self.shelf, actor=self.actor, now=self.now)))

    async def opened(self, record: RestrictedRecord) -> tuple[Envelope, RecordWords]:
        """Raises RestrictedKeyMissing, RecordDamaged."""
        try:
            return usecases.opened(record, self.keys)
        except RecordDamaged as error:
            await self._tell(record, error)
            raise

    async def pieces(self, blobs: Blobs, record: RestrictedRecord, envelope: Envelope, words: RecordWords) -> AsyncIterator[bytes]:
        """Raises BlobMissing, RecordDamaged before the first piece; while iterating for a later one."""
        try:
            found = await restricted_content.pieces(blobs, record, envelope, words)
        except RecordDamaged as error:
            await self._tell(record, error)
            raise
        return self._watched(record, found)

    async def _watched(self, record: RestrictedRecord, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for piece in pieces:
                yield piece
        except RecordDamaged as error:
            await self._tell(record, error)
            raise

    async def _tell(self, record: RestrictedRecord, error: RecordDamaged) -> None:
        """Also where the reader goes away meanwhile. What fails here hides nothing of what the reader is told."""
        log.error("restricted record damaged", record_id=str(record.id), storage_key=record.storage_key, part=error.part)
        if record.damaged_at is not None:
            return
        try:
            with move_on_after(NOTING_SECONDS, shield=True):
                await act(self.database, lambda connection: usecases.note_damage(connection, self.now, record.id, error.part))
        except Exception:
            log.exception("damage not noted", record_id=str(record.id))


async def _noting(actor: CurrentActor, database: Db, shelf: Shelved, keys: Keys, now: Now) -> Noting:
    return Noting(actor, database, shelf, keys, now)


Notes = Annotated[Noting, Depends(_noting)]
