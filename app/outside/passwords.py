"""Passwords: argon2id at the OWASP minimum, two at a time; and the list of those that everybody uses.

The library's defaults (64 MiB, parallelism 4) took 1 GB at 16 parallel sign-ins; here it is 2 x 19 MiB whatever comes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
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

_COMMON = Path(__file__).with_name("common_passwords.txt")

_NOBODY = f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}${'A' * 22}${'A' * 43}"
"""A hash of zeros that no password has: an unknown user costs the caller the same time as a known one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the password is right; and its hash by the parameters of today, where the kept one was made with others."""

    right: bool
    renewed: str | None = None


WRONG = Checked(False)


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


async def check_password(password_hash: str | None, password: str) -> Checked:
    """`password_hash` is None where there is no such user, or one who may not sign in with a password: the same work all the same."""
    if not _acceptable(password):
        return WRONG
    known = password_hash if password_hash and _argon2.identify(password_hash) else _NOBODY
    right, renewed = await _in_turn(_hasher.verify_and_update, password, known)
    return Checked(right, renewed) if right and known is not _NOBODY else WRONG


async def verify_password(password_hash: str | None, password: str) -> bool:
    return (await check_password(password_hash, password)).right


async def is_common(password: str) -> bool:
    """Whether it stands in the list, in any case. The file is read through each time: passwords are seldom chosen, and memory is dear."""
    return await to_thread.run_sync(_listed, password.lower())


def _listed(written: str) -> bool:
    with _COMMON.open(encoding="ascii") as lines:
        return any(line.rstrip("\n") == written for line in lines)


def _acceptable(password: str) -> bool:
    """JSON can carry half a surrogate pair, which is no text and cannot be encoded. NUL is a character as any other: argon2 takes a length."""
    if not 1 <= len(password) <= MAX_LENGTH:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in password)
