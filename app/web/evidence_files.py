"""The files of an evidence bundle: each with its path, its size where it is a document, and its bytes as they come."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.instances import DocumentVersion, Instance
from app.domain.scanning import reading_refusals
from app.outside.storage import BlobMissing
from app.render.evidence import MANIFEST, README, as_json, as_line, version_path
from app.render.evidence_verifier import VERIFY
from app.store import feed, records
from app.store.database import Database
from app.usecases.acts import View
from app.usecases.receiving import Reception
from app.web.schemas.document_view import show_document
from app.web.schemas.instance_view import show_comment, show_instance, show_transition
from app.web.stored_content import Reader

PAGE = 200
T = TypeVar("T")
Pieces = AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class File:
    """`size` is None for a text of ours."""

    path: str
    pieces: Pieces
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What one caller's bundle is made from. `restricted`: the ids of restricted records."""

    database: Database
    reception: Reception
    reader: Reader
    view: View
    restricted: Sequence[UUID]
    made_at: datetime
    made_by: str

    @property
    def instance(self) -> Instance:
        return self.view.instance

    async def files(self) -> AsyncIterator[File]:
        """Texts first: whoever is cut off in the middle of a large document has them."""
        left_out = await self._left_out()
        yield File("README.txt", _once(self._readme()))
        yield File("verify.py", _once(VERIFY.encode()))
        yield File("instance.json", _once(self._instance()))
        yield File("procedure.json", _once(as_json(self.instance.procedure.model_dump(mode="json"))))
        yield File("documents.json", _once(as_json(self._documents(left_out))))
        yield File("transitions.json", self._listed(records.transitions, show_transition))
        yield File("comments.json", self._listed(records.comments, show_comment))
        yield File("events.jsonl", self._events())
        yield File("audit.json", _once(as_json(self._audit())))
        yield File("restricted-records.json", _once(as_json([{"id": str(found)} for found in self.restricted])))
        for version in self.instance.versions:
            if _name(version) not in left_out:
                yield File(self._path(version), await self.reader.pieces(version, start=0, length=version.size), version.size)

    async def _left_out(self) -> dict[tuple[str, int], str]:
        """Why a version is not in the bundle: quarantined | infected | damaged | missing."""
        found = {}
        for version in self.instance.versions:
            reason = self._withheld(version) or await self._missing(version)
            if reason is not None:
                found[_name(version)] = reason
        return found

    def _withheld(self, version: DocumentVersion) -> str | None:
        if any(reading_refusals(version, hold=self.reception.hold_quarantined)):
            return version.scan
        return "damaged" if version.damaged_at is not None else None

    async def _missing(self, version: DocumentVersion) -> str | None:
        try:
            return None if await self.reception.blobs.size(version.storage_key) >= version.size else "missing"
        except BlobMissing:
            return "missing"

    def _path(self, version: DocumentVersion) -> str:
        slot = next(document.slot for document in self.instance.documents if document.id == version.document_id)
        return version_path(slot, version.version, version.filename)

    def _readme(self) -> bytes:
        instance = self.instance
        return README.format(
            title=instance.title,
            office=instance.office.name,
            period=instance.period.key,
            procedure=instance.procedure.title,
            version=instance.procedure_version,
            at=self.made_at.isoformat(timespec="seconds"),
            by=self.made_by,
            manifest=MANIFEST,
        ).encode()

    def _instance(self) -> bytes:
        """Without `actions`: what this caller may do now is no evidence."""
        shown = show_instance(self.view, "id").model_dump(mode="json")
        return as_json({name: value for name, value in shown.items() if name != "actions"})

    def _documents(self, left_out: dict[tuple[str, int], str]) -> list[dict[str, Any]]:
        shown = [show_document(self.instance, document).model_dump(mode="json") for document in self.instance.documents]
        paths = {_name(version): self._path(version) for version in self.instance.versions}
        for version in (version for document in shown for version in document["versions"]):
            name = (version["id"], version["version"])
            version["left_out"] = left_out.get(name)
            version["path"] = None if name in left_out else paths[name]
        return shown

    def _audit(self) -> dict[str, Any]:
        head = self.instance.head
        return {
            "stream": f"instance:{self.instance.id}",
            "head": {"sequence": head.sequence, "hash": head.hash},
            "hash": "SHA-256 of the RFC 8785 JSON of the event without `hash`; the first `previous_hash` is 64 zeros",
            "made_at": self.made_at.isoformat(timespec="seconds"),
        }

    async def _events(self) -> Pieces:
        """As far as the instance had come when it was loaded."""
        async for page in self._pages(feed.timeline, lambda row: row["sequence"], end=self.instance.head.sequence):
            yield b"".join(as_line(row) for row in page)

    async def _listed(self, read: Callable[..., Awaitable[list[T]]], show: Callable[[T, Any], Any]) -> Pieces:
        yield b"["
        between = b"\n"
        async for page in self._pages(read, lambda row: row.sequence, end=self.instance.version):
            for row in page:
                yield between + as_json(show(row, self.instance.office.zone).model_dump(mode="json")).rstrip()
                between = b",\n"
        yield b"\n]\n"

    async def _pages(self, read: Callable[..., Awaitable[list[Any]]], place: Callable[[Any], int], *, end: int) -> AsyncIterator[Iterable[Any]]:
        """Each page is a read of its own: nothing is held open while bytes go out."""
        after = 0
        while True:
            async with self.database.read() as connection:
                rows = await _page(read, connection, self.instance, after=after)
            yield [row for row in rows if place(row) <= end]
            if len(rows) < PAGE:
                return
            after = place(rows[-1])


async def _page(read: Callable[..., Awaitable[list[Any]]], connection: AsyncConnection, instance: Instance, *, after: int) -> list[Any]:
    return await read(connection, instance.id, after=after, limit=PAGE)


def _name(version: DocumentVersion) -> tuple[str, int]:
    return str(version.document_id), version.version


async def _once(content: bytes) -> Pieces:
    yield content
