"""The second factor: who needs one, enrolling it, passing it, and doing without the telephone that makes its codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.authority import Assignment
from app.domain.people import Actor
from app.domain.problems import Refused
from app.domain.refusals import Refusal
from app.domain.roles import SIGNING, needing_second_factor
from app.domain.second_factor import needing
from app.outside.sealing import Seal, totp_of
from app.outside.second_factor import matching_step, new_recovery_codes, new_secret, provisioning_uri, recovery_hash
from app.store import credentials as store
from app.store import sessions
from app.store.assignments import assignments_of
from app.store.credentials import Credentials
from app.store.errors import Collision
from app.store.procedures import roles_in_force
from app.usecases.credentials import own_credentials, record_own
from app.usecases.throttling import Try, give_back


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator needs, shown once. It counts for nothing until a code confirms it."""

    secret: str
    uri: str


async def needed_claims(connection: AsyncConnection, assignments: Iterable[Assignment], now: datetime, *, required: frozenset[str]) -> frozenset[str]:
    """The claims valid now that need a second factor, as `office:role`."""
    valid = [assignment for assignment in assignments if assignment.valid_at(now)]
    if not valid or not required:
        return frozenset()
    in_force = await roles_in_force(connection) if SIGNING in required else {}
    return needing(valid, needing_second_factor(required, in_force))


async def passes(connection: AsyncConnection, now: datetime, credentials: Credentials, *, code: str, seal: Seal) -> bool:
    """Whether this code is good: of the authenticator and not used yet, or a recovery code. It is used up by this very look."""
    sealed = credentials.totp_secret
    if sealed is None:
        return False
    step = _step_of(credentials, sealed, code, now, seal=seal)
    if step is not None:
        return await store.use_step(connection, credentials.id, sealed=sealed, step=step)
    recovery = recovery_hash(code)
    return recovery is not None and await store.use_recovery_code(connection, now, credentials.id, code_hash=recovery)


async def begin_enrolment(connection: AsyncConnection, now: datetime, found: Credentials, *, seal: Seal, tried: Try) -> Enrolment:
    """Raises Refused where one is enrolled already. One begun before and not confirmed is void."""
    secret = new_secret()
    if not await store.set_pending(connection, found.id, sealed=seal.seal(secret.encode("ascii"), about=totp_of(found.id))):
        raise Refused([Refusal("second_factor_enrolled")])
    await give_back(connection, now, tried)
    return Enrolment(secret, provisioning_uri(secret, found.username))


async def confirm_enrolment(connection: AsyncConnection, now: datetime, actor: Actor, *, code: str, seal: Seal, tried: Try) -> list[str]:
    """The recovery codes, shown once. This session has passed the factor now; the account's others, which have not, end.

    Raises Refused where the code is wrong, or no enrolment waits for one.
    """
    found = await own_credentials(connection, actor)
    if found.totp_pending is None:
        enrolled = Refusal("second_factor_enrolled", variant="confirmed")
        raise Refused([Refusal("second_factor_not_begun") if found.totp_secret is None else enrolled])
    step = _step_of(found, found.totp_pending, code, now, seal=seal)
    if step is None:
        raise Refused([Refusal("wrong_code")])
    await record_own(connection, now, found, "account.second_factor_enabled")
    if not await store.confirm_pending(connection, now, found.id, sealed=found.totp_pending, step=step):
        raise Collision("second factor")
    await sessions.revoke_all_of(connection, now, found.id, but=actor.session_id)
    if actor.session_id is not None:
        await sessions.pass_second_factor(connection, actor.session_id)
    await give_back(connection, now, tried)
    return await _renew_codes(connection, found.id)


async def renew_recovery_codes(connection: AsyncConnection, now: datetime, actor: Actor, *, code: str, seal: Seal, tried: Try) -> list[str]:
    """Ten new ones, shown once; those before are void, used or not. Raises Refused where the code is wrong, or none is enrolled."""
    await _proved(connection, now, await own_credentials(connection, actor), code=code, seal=seal)
    await give_back(connection, now, tried)
    return await _renew_codes(connection, actor.account_id)


async def remove_own(
    connection: AsyncConnection, now: datetime, actor: Actor, *, code: str, seal: Seal, required: frozenset[str], tried: Try
) -> None:
    """Raises Refused where a position that is held needs the factor, where none is enrolled, or the code is wrong."""
    found = await own_credentials(connection, actor)
    await refuse_while_needed(connection, now, actor, required=required)
    await record_own(connection, now, found, "account.second_factor_removed")
    await _proved(connection, now, found, code=code, seal=seal)
    await store.remove_second_factor(connection, found.id)
    await sessions.forget_second_factor(connection, found.id)
    await give_back(connection, now, tried)


async def refuse_while_needed(connection: AsyncConnection, now: datetime, actor: Actor, *, required: frozenset[str]) -> None:
    held = await assignments_of(connection, actor.account_id, now)
    needed = await needed_claims(connection, held, now, required=required)
    if needed:
        named = sorted({str(assignment) for assignment in held if assignment.claim in needed and assignment.valid_at(now)})
        raise Refused([Refusal("second_factor_needed", {"positions": ", ".join(named)})])


async def _proved(connection: AsyncConnection, now: datetime, found: Credentials, *, code: str, seal: Seal) -> None:
    if found.totp_secret is None:
        raise Refused([Refusal("second_factor_not_enrolled")])
    if not await passes(connection, now, found, code=code, seal=seal):
        raise Refused([Refusal("wrong_code")])


async def _renew_codes(connection: AsyncConnection, account_id: UUID) -> list[str]:
    codes = new_recovery_codes()
    await store.replace_recovery_codes(connection, account_id, [found for found in map(recovery_hash, codes) if found is not None])
    return codes


def _step_of(credentials: Credentials, sealed: str, code: str, now: datetime, *, seal: Seal) -> int | None:
    """A secret sealed with a key that is gone fits no code: recovery codes still do, and an administrator can remove it."""
    try:
        secret = seal.open(sealed, about=totp_of(credentials.id)).decode("ascii")
    except ValueError:
        return None
    return matching_step(secret, code, now)
