"""The bytes of a resumable upload, as they come: kept also when the line breaks, and made a version with the last of them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from pathlib import Path

from anyio import CancelScope, current_time, get_cancelled_exc_class, move_on_after, to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import ClientDisconnect

from app.domain.documents import CHUNK_BYTES, StoredFile
from app.domain.problems import PayloadTooLarge, Problem, Unavailable
from app.domain.resumable_uploads import OffsetMismatch, Parts, ResumableUpload, resumed_from
from app.outside.storage import BlobMissing, TemporaryBlob, TornWrite
from app.store import resumable_uploads as store
from app.usecases import resumable_uploads as usecases
from app.usecases.receiving import Reception, check_sha256, remove_unnamed, take_in
from app.usecases.resumable_uploads import UploadTerms
from app.web.acting import Acting
from app.web.session import Clock, act
from app.web.tus import Checksum, ChecksumMismatch, UploadSilent

SILENCE_SECONDS = 20
"""A line that is dead and not closed would hold its bytes back: so long without one, and what came is kept."""

PART_BYTES = 32 * 1024 * 1024
"""So often a long body is made durable on its way."""


class Body:
    """The bytes of one request, and how they ended. `cut` is None when all came that were announced."""

    def __init__(self, request: Request) -> None:
        self._stream = request.stream()
        self.ended = False
        self.cut: Exception | None = None

    async def piece(self) -> bytes:
        """Empty at the end."""
        while not self.ended:
            try:
                found = await anext(self._stream)
            except StopAsyncIteration:
                self.ended = True
            except ClientDisconnect as error:
                self.cut_off(error)
            else:
                if found:
                    return found
        return b""

    def cut_off(self, error: Exception) -> None:
        self.ended, self.cut = True, error


@dataclass(slots=True)
class Receiving:
    """One PATCH. `upload` is where the upload stands, as far as this request has moved it."""

    acts: Acting
    reception: Reception
    terms: UploadTerms
    upload: ResumableUpload
    checksum: Checksum | None = None

    async def all_of(self, request: Request) -> ResumableUpload:
        """Where the upload stands when all is received. What came of a body that was cut off is kept, and the cut is raised then."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and (len(declared) > 18 or int(declared) > self.upload.rest):
            raise PayloadTooLarge(self.upload.length)
        body = Body(request)
        if self.upload.finished:
            with move_on_after(SILENCE_SECONDS):
                if await body.piece():
                    raise PayloadTooLarge(self.upload.length)
        while not body.ended and not self.upload.finished:
            async with self.reception.blobs.receive(self.upload.rest) as temporary:
                await self._fill(temporary, body)
                await self._settle(temporary, body)
        if body.cut is not None and not self.upload.finished:
            raise body.cut
        return self.upload

    async def _fill(self, temporary: TemporaryBlob, body: Body) -> None:
        """Until the body ends, or enough came to be made durable. A cancelled request (the server stops) keeps what it has."""
        try:
            with CancelScope() as silence:
                await self._collect(temporary, body, silence)
            if silence.cancelled_caught:
                body.cut_off(UploadSilent())
        except get_cancelled_exc_class():
            with CancelScope(shield=True):
                if self.checksum is None and 0 < temporary.size < self.upload.rest:
                    with suppress(TornWrite):
                        await temporary.finish()
                        await self._record(temporary)
            raise

    async def _collect(self, temporary: TemporaryBlob, body: Body, silence: CancelScope) -> None:
        """One scope whose end moves on with each piece: a scope for each piece costs as much as hashing it."""
        while self.checksum is not None or temporary.size < PART_BYTES or temporary.size == self.upload.rest:
            silence.deadline = current_time() + SILENCE_SECONDS
            piece = await body.piece()
            silence.deadline = inf  # the disk may take its time
            if not piece:
                return
            if temporary.size + len(piece) > self.upload.rest:
                raise PayloadTooLarge(self.upload.length)
            await temporary.write(piece)

    async def _settle(self, temporary: TemporaryBlob, body: Body) -> None:
        with CancelScope(shield=True):
            if temporary.size == 0 or (self.checksum is not None and body.cut is not None):
                return
            await temporary.finish()
            if self.checksum is not None and not await to_thread.run_sync(self.checksum.fits, temporary.path):
                raise ChecksumMismatch
            if temporary.size == self.upload.rest:
                await self._complete(temporary)
            else:
                await self._record(temporary)

    # ── a part ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _record(self, temporary: TemporaryBlob) -> None:
        """Durable first, then the row; bytes of whom another came before are removed. Raises OffsetMismatch."""
        key = await self.reception.blobs.keep(temporary)
        received = self.upload.received + temporary.size
        if not await self._advance(received, (*self.upload.parts, (key, temporary.size))):
            await remove_unnamed(self.reception.blobs, key)
            raise OffsetMismatch

    async def _advance(self, received: int, parts: Parts) -> bool:
        seen, expires_at = self.upload, self._now() + self.terms.lifetime

        async def work(connection: AsyncConnection) -> bool:
            return await store.advance(connection, seen, received=received, parts=parts, expires_at=expires_at)

        moved = await act(self.acts.database, work)
        if moved:
            self.upload = replace(seen, received=received, parts=parts, expires_at=expires_at)
        return moved

    def _now(self) -> datetime:
        clock: Clock = self.acts.request.app.state.clock
        return clock()

    # ── the last part ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _complete(self, last: TemporaryBlob) -> None:
        before, stored = self.upload, None
        try:
            async with AsyncExitStack() as stack:
                whole = last if before.received == 0 else await self._put_together(last, stack)
                check_sha256(before.sha256, whole.sha256)
                acts = await self.acts.again()
                async with acts.database.read() as connection:
                    slot = await usecases.slot_of(acts.surroundings(connection, None), before)
                stored = await take_in(self.reception, whole, slot, filename=before.filename)
            self.upload = await self._become_version(acts, stored)
        except Problem as problem:
            await self._not_a_version(problem, last, stored)
            raise
        await self._remove(before.parts)

    async def _become_version(self, acts: Acting, stored: StoredFile) -> ResumableUpload:
        upload = self.upload

        async def work(connection: AsyncConnection) -> ResumableUpload:
            return await usecases.complete(acts.surroundings(connection, None), upload, stored)

        return await act(acts.database, work)

    async def _put_together(self, last: TemporaryBlob, stack: AsyncExitStack) -> TemporaryBlob:
        whole = await stack.enter_async_context(self.reception.blobs.receive(self.upload.length))
        try:
            await self._copy_parts(whole)
        except BlobMissing as error:
            if await self._has_moved():
                raise OffsetMismatch from error  # another writer's version is there, and these parts are gone
            raise
        async for piece in _pieces(last.path):
            await whole.write(piece)
        await whole.finish()
        return whole

    async def _copy_parts(self, whole: TemporaryBlob) -> None:
        for key, size in self.upload.parts:
            for start in range(0, size, CHUNK_BYTES):
                await whole.write(await self.reception.blobs.read(key, start, min(CHUNK_BYTES, size - start)))

    async def _has_moved(self) -> bool:
        async with self.acts.database.read() as connection:
            found = await store.find_upload(connection, self.upload.id)
        return found is None or found.received != self.upload.received

    async def _not_a_version(self, problem: Problem, last: TemporaryBlob, stored: StoredFile | None) -> None:
        """Refused for what it is, the upload is over. Another writer's is the version now, or else it is held one chunk short."""
        if isinstance(problem, OffsetMismatch):
            await self._remove(() if stored is None else ((stored.storage_key, stored.size),))
        elif usecases.speaks_of_content(problem):
            await self.end()
            await self._remove(() if stored is None else ((stored.storage_key, stored.size),))
        else:
            with suppress(Problem):
                await self._hold_back(last, stored, unknown=isinstance(problem, Unavailable))

    async def _hold_back(self, last: TemporaryBlob, stored: StoredFile | None, *, unknown: bool) -> None:
        """`unknown`: a version may name the stored bytes after all; then the upload has moved, and nothing is removed."""
        before, until = self.upload, resumed_from(self.upload.length)
        kept = None if stored is None else stored.storage_key
        if until > before.received:
            kept = kept or await self.reception.blobs.keep(last)
            parts = ((kept, until),) if stored is not None else (*before.parts, (kept, until - before.received))
            if await self._advance(until, parts):
                await self._remove(before.parts if stored is not None else ())
                return
        if kept is not None and not unknown:
            await self._remove(((kept, 0),))

    async def end(self) -> None:
        """The row first: what is left of the bytes after a crash between belongs to nobody, and is swept."""
        upload_id = self.upload.id
        await self._remove(await act(self.acts.database, lambda connection: store.remove_upload(connection, upload_id)))

    async def _remove(self, parts: Parts) -> None:
        for key, _ in parts:
            await remove_unnamed(self.reception.blobs, key)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    start = 0
    while piece := await to_thread.run_sync(_read, path, start):
        yield piece
        start += len(piece)


def _read(path: Path, start: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(CHUNK_BYTES)
