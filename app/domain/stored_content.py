"""What is known of stored bytes, and what the log says when they are seen to differ, or to be right again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.domain.events import NewEvent
from app.domain.instances import DocumentVersion, Instance

DIGEST_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes under a key that are not those that were stored: of a chunk (0-based), or of the whole (None). Digests are SHA-256 in hex."""

    storage_key: str
    chunk: int | None
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What should lie under a key. `digests`: those of the chunks; none where they were never kept, or do not fit the rest."""

    storage_key: str
    sha256: str
    size: int
    chunk_bytes: int
    digests: tuple[str, ...] = ()

    @property
    def chunks(self) -> int:
        return -(-self.size // self.chunk_bytes)


def split_digests(written: str | None) -> tuple[str, ...]:
    text = written or ""
    return tuple(text[start : start + DIGEST_LENGTH] for start in range(0, len(text), DIGEST_LENGTH))


def damaged(instance: Instance, damage: Damage, now: datetime) -> tuple[Instance, NewEvent] | None:
    """None where that is noted already. All versions with these bytes are marked, copies too."""
    found = [v for v in instance.versions if v.storage_key == damage.storage_key and v.damaged_at is None]
    told = {"chunk": damage.chunk, "expected": damage.expected, "found": damage.found}
    return _marked(instance, found, damaged_at=now, event=("document.damaged", told))


def restored(instance: Instance, storage_key: str) -> tuple[Instance, NewEvent] | None:
    """None where nothing was noted."""
    found = [v for v in instance.versions if v.storage_key == storage_key and v.damaged_at is not None]
    return _marked(instance, found, damaged_at=None, event=("document.restored", {}))


def _marked(
    instance: Instance, found: list[DocumentVersion], *, damaged_at: datetime | None, event: tuple[str, dict[str, Any]]
) -> tuple[Instance, NewEvent] | None:
    if not found:
        return None
    versions = tuple(replace(v, damaged_at=damaged_at) if v in found else v for v in instance.versions)
    first = found[0]
    about = {"document_id": str(first.document_id), "version": first.version, "versions": [v.version for v in found], "sha256": first.sha256}
    return replace(instance, versions=versions), NewEvent(event[0], about | event[1])
