"""Passwords: argon2id at the OWASP minimum, two at a time.

The library's defaults (64 MiB, parallelism 4) took 1 GB at 16 parallel sign-ins; here it is 2 x 19 MiB whatever comes.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.domain.problems import TooManyRequests

MAX_LENGTH = 1024
"""Characters. More is no password, and hashing it would be work that anybody can order."""

MAX_WAITING = 64
"""Password checks that may wait for their turn: about two seconds' worth."""

T = TypeVar("T")

_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
_argon2 = Argon2Hasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
_hasher = PasswordHash((_argon2,))
_two_at_a_time = CapacityLimiter(2)

_NOBODY = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"
"""A hash of zeros that no password has: an unknown user costs the caller the same time as a known one."""


async def _in_turn(work: Callable[..., T], *given: object) -> T:
    """Raises TooManyRequests when the queue is long already: a flood of guesses must not make everyone wait for minutes."""
    if _two_at_a_time.statistics().tasks_waiting >= MAX_WAITING:
        raise TooManyRequests(retry_after=2)
    return await to_thread.run_sync(partial(work, *given), limiter=_two_at_a_time)


async def hash_password(password: str) -> str:
    """Raises ValueError for what `verify_password` could never accept."""
    if not _acceptable(password):
        raise ValueError(f"A password has 1 to {MAX_LENGTH} characters of Unicode text.")
    return await _in_turn(_hasher.hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """`password_hash` is None where there is no such user, or one who may not sign in with a password."""
    if not _acceptable(password):
        return False
    known = password_hash if password_hash and _argon2.identify(password_hash) else _NOBODY
    right = await _in_turn(_hasher.verify, password, known)
    return right and known is not _NOBODY


def _acceptable(password: str) -> bool:
    """JSON can carry half a surrogate pair, which is no text and cannot be encoded. NUL is a character as any other: argon2 takes a length."""
    if not 1 <= len(password) <= MAX_LENGTH:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in password)
