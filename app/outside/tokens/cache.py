"""Tokens whose signature was found right, so that it is checked once: 82 µs become 0.1."""

from dataclasses import dataclass

from app.outside.tokens.claims import LIFETIME, MAX_LEEWAY, Claims

KEPT_SECONDS = (LIFETIME + MAX_LEEWAY).total_seconds()
"""As long as a token of ours can hold. One that says it lives longer was forged with a key of ours: it is checked anew, when that key may be over."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Claims whose signature and form are right, and the half-open time in which they hold, in Unix seconds, leeway included."""

    claims: Claims
    holds_from: float
    holds_until: float


@dataclass(frozen=True, slots=True)
class _Kept:
    verified: Verified
    until: float


class Cache:
    """Verified tokens by SHA-256. Oldest out first, which is nearly earliest-expiring first: all of our tokens live equally long."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[bytes, _Kept] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, digest: bytes, now: float) -> Verified | None:
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if now >= entry.until:
            del self._entries[digest]
            return None
        return entry.verified

    def put(self, digest: bytes, verified: Verified, now: float) -> None:
        while self._entries:
            oldest = next(iter(self._entries))
            if len(self._entries) < self._size and now < self._entries[oldest].until:
                break
            del self._entries[oldest]
        self._entries[digest] = _Kept(verified, min(verified.holds_until, now + KEPT_SECONDS))

    def clear(self) -> None:
        self._entries.clear()
