"""One line in the log for each attempt to prove who one is, and what came of it (ASVS 5.0, 16.3.1).

Of a name that nobody has nothing is written: people type passwords there. Nor is any secret.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from app.domain.problems import Problem, Refused

log = structlog.get_logger("alur.proofs")


@contextmanager
def recorded(what: str, *, account: UUID | None, address: str) -> Iterator[None]:
    whose = {"account": None if account is None else str(account), "address": address}
    try:
        yield
    except Problem as problem:
        log.info(what, outcome=_code(problem), **whose)
        raise
    log.info(what, outcome="ok", **whose)


def record_refused_refresh(refresh_token: str, *, address: str) -> None:
    """A session that is over, or that ended just now because a used token came again. The first part of a refresh token is its session's id."""
    log.warning("refresh", outcome="session_ended", session=refresh_token.partition(".")[0], address=address)


def _code(problem: Problem) -> str:
    return problem.refusals[0].code if isinstance(problem, Refused) else problem.code
