"""How an instance moved along its procedure, as its events tell it: what `transitions.course` did, said again without the procedure."""

from collections.abc import Callable

from app.domain.witness.facts import Event, Facts, Key, Told, moment, moments, named
from app.domain.witness.words import account_of

INSTANCE = ("instance",)


class StatesHeard:
    """Reads the events of an instance in their order, and says what they tell of states, rounds, due times and pauses."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def hear(self, event: Event, data: Facts) -> None:
        heard = _STATES.get(event["type"])
        if heard is not None:
            heard(self, event, data)

    def started(self, event: Event, data: Facts) -> None:
        facts = named(data, "procedure", "procedure_version", "period") | moments(data, "planned_end_at")
        own = {"office": event["office"], "started_by": account_of(event), "started_at": event["at"]}
        self._told.say(INSTANCE, event, facts | own | {"state": "running", "current_step": None, "completed_at": None})

    def activated(self, event: Event, data: Facts) -> None:
        step, left = data["step"], self._told.fact(INSTANCE, "current_step")
        if left is not None and step <= left:
            self._led_back(event, step, left)
        self._retire(event, step)
        opened = {"state": "active", "is_current": True, "started_at": event["at"], "paused_at": None, "completed_at": None, "decision": None}
        untold: Facts = {"due_soon_told_at": None, "missed_told_at": None}
        self._told.say(("round", step, data["round"]), event, opened | untold | moments(data, "due_at", "due_soon_at"))
        self._told.say(INSTANCE, event, {"current_step": step})

    def _led_back(self, event: Event, target: int, left: int) -> None:
        """The steps from there on are pending again, their sign-offs void. A step left as `returned` stays shown so."""
        for key in self._told.of("round"):
            _, step, _ = key
            if isinstance(step, int) and step >= target and not (step == left and self._told.fact(key, "state") == "returned"):
                self._told.say(key, event, {"is_current": False})
        self._void(event, lambda key: isinstance(key[1], int) and key[1] >= target)

    def _retire(self, event: Event, step: object) -> None:
        for key in self._told.of("round"):
            if key[1] == step:
                self._told.say(key, event, {"is_current": False})

    def _void(self, event: Event, which: Callable[[Key], bool]) -> None:
        for key in self._told.of("sign_off"):
            if which(key) and self._told.fact(key, "voided_at") is None:
                self._told.say(key, event, {"voided_at": event["at"]})

    def skipped(self, event: Event, data: Facts) -> None:
        self._retire(event, data["step"])
        passed = dict.fromkeys(("started_at", "due_at", "due_soon_at", "paused_at", "completed_at", "decision", *_TOLD.values()))
        self._told.say(("round", data["step"], data["round"]), event, passed | {"state": "skipped", "is_current": True})

    def signed_off(self, event: Event, data: Facts) -> None:
        """The first who decides in a round decides it."""
        key = ("round", data["step"], data["round"])
        if data.get("decision") and not self._told.fact(key, "decision"):
            self._told.say(key, event, {"decision": data["decision"]})

    def uploaded(self, event: Event, data: Facts) -> None:
        """A new version asks for new sign-offs, and for a new decision."""
        self._told.say(("round", data["step"], data["round"]), event, {"decision": None})
        self._void(event, lambda key: key[1:3] == (data["step"], data["round"]))

    def scanned(self, event: Event, data: Facts) -> None:
        """What is infected voids what was given on the strength of it, as a new version does."""
        if data["step"] is not None:
            self.uploaded(event, data)

    def step_ended(self, event: Event, _: Facts) -> None:
        self._close(event, "completed" if event["type"] == "step.completed" else "returned")

    def _close(self, event: Event, state: str) -> None:
        for key in self._active():
            self._told.say(key, event, {"state": state, "completed_at": event["at"], "paused_at": None})

    def _active(self) -> list[Key]:
        return [key for key in self._told.of("round") if self._told.fact(key, "state") == "active"]

    def suspended(self, event: Event, _: Facts) -> None:
        for key in self._active():
            self._told.say(key, event, {"paused_at": event["at"]})
        number = len(self._told.of("suspension")) + 1
        self._told.say(("suspension", number), event, {"suspended_at": event["at"], "resumed_at": None})
        self._told.say(INSTANCE, event, {"state": "suspended"})

    def resumed(self, event: Event, data: Facts) -> None:
        for key in self._active():
            self._told.say(key, event, {"paused_at": None} | moments(data, "due_at", "due_soon_at") | _withdrawn(data))
        self._end_pauses(event)
        self._told.say(INSTANCE, event, {"state": "running"})

    def _end_pauses(self, event: Event) -> None:
        for key in self._told.of("suspension"):
            if self._told.fact(key, "resumed_at") is None:
                self._told.say(key, event, {"resumed_at": event["at"]})

    def rang(self, event: Event, data: Facts) -> None:
        self._told.say(("round", data["step"], data["round"]), event, {_TOLD[event["type"].removeprefix("deadline.")]: event["at"]})

    def recomputed(self, event: Event, data: Facts) -> None:
        self._told.say(
            ("round", data["step"], data["round"]), event, {"due_at": moment(data["to"])} | moments(data, "due_soon_at") | _withdrawn(data)
        )

    def cancelled(self, event: Event, _: Facts) -> None:
        self._close(event, "cancelled")
        self._end_pauses(event)
        self._told.say(INSTANCE, event, {"state": "cancelled", "current_step": None})

    def completed(self, event: Event, _: Facts) -> None:
        self._told.say(INSTANCE, event, {"state": "completed", "current_step": None, "completed_at": event["at"]})


_TOLD = {"due_soon": "due_soon_told_at", "missed": "missed_told_at"}
"""What the clock tells of a round, and where that it did is kept."""


def _withdrawn(data: Facts) -> Facts:
    """What lies ahead again is to be told again."""
    return dict.fromkeys(_TOLD[name] for name in data.get("withdrawn", ()))


_STATES: dict[str, Callable[[StatesHeard, Event, Facts], None]] = {
    "instance.started": StatesHeard.started,
    "step.activated": StatesHeard.activated,
    "step.skipped": StatesHeard.skipped,
    "step.signed_off": StatesHeard.signed_off,
    "document.uploaded": StatesHeard.uploaded,
    "document.scanned": StatesHeard.scanned,
    "step.completed": StatesHeard.step_ended,
    "step.returned": StatesHeard.step_ended,
    "instance.suspended": StatesHeard.suspended,
    "instance.resumed": StatesHeard.resumed,
    "deadline.due_soon": StatesHeard.rang,
    "deadline.missed": StatesHeard.rang,
    "deadline.recomputed": StatesHeard.recomputed,
    "instance.cancelled": StatesHeard.cancelled,
    "instance.completed": StatesHeard.completed,
}
