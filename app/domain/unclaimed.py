"""What to say to a caller whose token does not name all that they hold: a Camat is not told that a Camat may do this."""

from collections.abc import Iterable, Iterator

from app.domain.people import Actor, WaitingFor
from app.domain.refusals import Refusal, in_order

LIFTED_BY_A_POSITION = frozenset(
    {"not_a_performer", "not_in_control", "may_not_start", "may_not_mark", "may_not_comment", "held_elsewhere", "permission_missing"}
)
"""Refusals of the caller that another position, or another permission, might lift."""

_CODES: dict[WaitingFor, str] = {
    "second_factor": "second_factor_missing",
    "issuer_second_factor": "second_factor_of_issuer_missing",
    "refresh": "position_waiting",
}


def waiting_refusals(actor: Actor) -> Iterator[Refusal]:
    """One for each thing to be done, naming the positions that it brings."""
    for reason, code in _CODES.items():
        named = [str(position) for position in actor.waiting if position.reason == reason]
        if named:
            yield Refusal(code, {"positions": ", ".join(named)})


def with_waiting(refusals: Iterable[Refusal], actor: Actor) -> tuple[Refusal, ...]:
    """The same refusals, and after the caller's own what the caller can do about it. The first one, and so the status, stays."""
    given = tuple(refusals)
    if not any(refusal.code in LIFTED_BY_A_POSITION for refusal in given):
        return given
    return in_order((*given, *waiting_refusals(actor)))
