"""The way through the steps of a draft: what leads where, with the mistakes of the draft left out."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from app.domain.procedures import Procedure, Step

END = 0
"""Where a way ends; no step has this number."""


class Way:
    """`forward` are the steps' own successors, `back` the declared returns. Of steps with one number, the first counts."""

    def __init__(self, procedure: Procedure) -> None:
        self.steps: dict[int, Step] = {}
        for step in procedure.steps:
            self.steps.setdefault(step.number, step)
        self.start = procedure.steps[0].number
        self._following = dict(zip(sorted(self.steps), [*sorted(self.steps)[1:], END], strict=True))

    @cached_property
    def forward(self) -> dict[int, frozenset[int]]:
        return {number: self._known(self._successors(step)) for number, step in self.steps.items()}

    @cached_property
    def back(self) -> dict[int, frozenset[int]]:
        return {number: self._known(target.step for target in step.returns_to) for number, step in self.steps.items()}

    @cached_property
    def reached(self) -> frozenset[int]:
        """The steps that the start leads to, returns included."""
        return self._spread_past(frozenset())

    @cached_property
    def ending(self) -> frozenset[int]:
        """The steps from which the end can be reached, without a return."""
        backward: dict[int, set[int]] = {number: set() for number in (*self.steps, END)}
        for number, targets in self.forward.items():
            for target in targets:
                backward[target].add(number)
        return spread({END}, backward) - {END}

    def reached_without(self, step: int, passing: frozenset[int]) -> bool:
        """Whether the step can become active before any of `passing` has been completed."""
        return step in self._spread_past(passing)

    def yes_successor(self, number: int) -> int:
        """The next step of the dated plan, which follows `yes`."""
        decision = self.steps[number].decision
        target = self._following[number] if decision is None else decision.yes
        return target if target in self.steps else END

    def _spread_past(self, closed: frozenset[int]) -> frozenset[int]:
        """Everything reached while the `closed` steps never complete: they can still be returned from."""
        edges = {number: self.back[number] if number in closed else self.forward[number] | self.back[number] for number in self.steps}
        return spread({self.start}, edges)

    def _successors(self, step: Step) -> Iterable[int]:
        if step.decision is None:
            return [self._following[step.number]]
        return [END if target is None else target for target in (step.decision.yes, step.decision.no)]

    def _known(self, targets: Iterable[int]) -> frozenset[int]:
        return frozenset(target for target in targets if target == END or target in self.steps)


def spread(start: set[int], edges: Mapping[int, Iterable[int]]) -> frozenset[int]:
    """Everything that the edges lead to from `start`, itself included."""
    seen, waiting = set(start), list(start)
    while waiting:
        fresh = set(edges.get(waiting.pop(), ())) - seen
        seen |= fresh
        waiting += fresh
    return frozenset(seen)
