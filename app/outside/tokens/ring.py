"""The key ring: the one key that signs, the others that still verify, and how a running server notices that it was rotated."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, Self

import structlog

from app.outside.tokens.claims import LIFETIME, MAX_LEEWAY
from app.outside.tokens.keys import SigningKey, VerificationKey

HONOURED = LIFETIME + MAX_LEEWAY
"""How long a key verifies after it was retired: until the last token that it signed is gone."""

LOOK_AGAIN = timedelta(seconds=5)
"""How often at most a token with an unknown key makes us read: whoever makes up names of keys must not keep us busy."""

log = structlog.get_logger("alur.keys")


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key beside the one that signs. `until`: from then on it verifies nothing; None: as long as it is there. `private`: None where we hold
    only its public half."""

    public: VerificationKey
    private: SigningKey | None = None
    until: datetime | None = None

    @classmethod
    def from_pem(cls, pem: str, until: datetime | None = None) -> Self:
        """Private or public. Raises ValueError."""
        if "PRIVATE KEY" not in pem:
            return cls(VerificationKey(pem), None, until)
        private = SigningKey(pem)
        return cls(private.public, private, until)

    @property
    def kid(self) -> str:
        return self.public.kid

    def verifies_at(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class KeyRing:
    """One reading of the keys. Where one is there more than once, the first counts: a key that is retired is over, whoever else names it."""

    signing: SigningKey
    others: tuple[HeldKey, ...] = ()

    def verifying(self, now: datetime) -> list[HeldKey]:
        """Each key once, the signing key first."""
        held = {self.signing.kid: HeldKey(self.signing.public, self.signing)}
        for key in self.others:
            held.setdefault(key.kid, key)
        return [key for key in held.values() if key.verifies_at(now)]

    def find(self, kid: str, now: datetime) -> HeldKey | None:
        return next((key for key in self.verifying(now) if key.kid == kid), None)

    def private_keys(self) -> list[SigningKey]:
        """The signing key first. One whose time to verify is over still opens what it sealed."""
        return [self.signing, *(key.private for key in self.others if key.private is not None)]

    def says_the_same_as(self, other: "KeyRing") -> bool:
        return self._contents() == other._contents()

    def _contents(self) -> list[tuple[str, bool, datetime | None]]:
        return [(self.signing.kid, True, None), *((key.kid, key.private is not None, key.until) for key in self.others)]


class KeySource(Protocol):
    """Where the keys lie."""

    def mark(self) -> object:
        """Something that differs once they have changed; asked for each signature, so no more than a look at some dates."""

    def read(self) -> KeyRing:
        """Raises ValueError for what is missing or no key."""


@dataclass(frozen=True, slots=True)
class _Unchanging:
    keys: KeyRing

    def mark(self) -> object:
        return None

    def read(self) -> KeyRing:
        return self.keys


class Keys:
    """The ring as it is now: read again when its source has changed. What cannot be read leaves the ring as it was, and is logged."""

    def __init__(self, source: KeySource) -> None:
        """Raises ValueError."""
        self._source = source
        self._mark = source.mark()
        self.known = source.read()
        """The ring as it was last read: the same object for as long as nothing has changed."""
        self._looked_at: datetime | None = None

    @classmethod
    def of(cls, signing: SigningKey, *others: VerificationKey) -> Self:
        """Keys that nobody rotates."""
        return cls(_Unchanging(KeyRing(signing, tuple(HeldKey(key) for key in others))))

    def ring(self) -> KeyRing:
        """As it is now."""
        mark = self._source.mark()
        if mark != self._mark:
            self._mark = mark  # taken before the reading: what changes meanwhile is seen the next time
            self._read()
        return self.known

    def find(self, kid: str, now: datetime) -> HeldKey | None:
        """The key of this name that verifies now. An unknown one may be so new that even the dates of the files do not tell (network drives)."""
        held = self.ring().find(kid, now)
        if held is not None or not self._may_look_again(now):
            return held
        self._looked_at = now
        self._read()
        return self.known.find(kid, now)

    def _may_look_again(self, now: datetime) -> bool:
        return self._looked_at is None or abs(now - self._looked_at) >= LOOK_AGAIN  # abs: a clock may be set back

    def _read(self) -> None:
        try:
            ring = self._source.read()
        except ValueError as error:
            log.warning("the keys could not be read again", reason=str(error))
            return
        if not ring.says_the_same_as(self.known):
            self.known = ring
