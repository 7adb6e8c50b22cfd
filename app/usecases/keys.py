"""After a rotation of keys: what was sealed with an older key is sealed anew, and the log says which key signs now. Safe to repeat."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.events import NewEvent
from app.domain.offices import ROOT
from app.outside.sealing import Seal, totp_of
from app.outside.tokens import KeyRing, Keys
from app.store import keys as store
from app.store.errors import Collision
from app.store.events import append_office_events


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets were sealed anew, and whose nothing here opens: their key is gone, and with it the second factor of these people."""

    secrets: int
    unopened: tuple[str, ...]


async def reseal(connection: AsyncConnection, now: datetime, keys: Keys) -> Resealed:
    """Raises Collision."""
    await _note_rotation(connection, now, keys.ring())
    seal = Seal(keys)
    older = [sealed for sealed in await store.sealed_secrets(connection) if not seal.is_current(sealed.text)]
    unopened = [sealed.username for sealed in older if not await _sealed_anew(connection, sealed, seal)]
    return Resealed(len(older) - len(unopened), tuple(sorted(unopened)))


async def _sealed_anew(connection: AsyncConnection, sealed: store.Sealed, seal: Seal) -> bool:
    whose = totp_of(sealed.account_id)
    try:
        plain = seal.open(sealed.text, about=whose)
    except ValueError:
        return False
    await store.replace_sealed(connection, sealed, by=seal.seal(plain, about=whose))
    return True


async def _note_rotation(connection: AsyncConnection, now: datetime, ring: KeyRing) -> None:
    """Once for each key that came to sign; the very first one followed none. Raises Collision where another host noted it between the two looks.

    The second look comes after the event: from then on nobody else writes to that stream.
    """
    previous = _previous(ring)
    if previous is None or await store.last_rotation(connection, ROOT) == ring.signing.kid:
        return
    event = NewEvent("key.rotated", {"kid": ring.signing.kid, "previous_kid": previous})
    noted = await append_office_events(connection, ROOT, now, actor=None, events=[event])
    if await store.last_rotation(connection, ROOT, besides=noted) == ring.signing.kid:
        raise Collision("key.rotated")


def _previous(ring: KeyRing) -> str | None:
    """The key retired last; where keys are named by hand, the first of them."""
    others = [held for held in ring.others if held.kid != ring.signing.kid]
    retired = [(held.until, held.kid) for held in others if held.until is not None]
    return max(retired)[1] if retired else next((held.kid for held in others), None)
