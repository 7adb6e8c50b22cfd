"""The same request sent twice: what identifies it, and the answer that was kept for it."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Retry:
    """One caller's `Idempotency-Key`; `fingerprint` (SHA-256, hex) is that of the request it was sent with."""

    caller: UUID
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it left, or as it will leave once its transaction has committed. Only 2xx answers are kept."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
