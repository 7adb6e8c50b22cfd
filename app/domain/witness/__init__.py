"""What the log says of what the tables keep: the same facts under the same keys on both sides, so that they can be compared."""

from typing import Any, Protocol

from app.domain.witness.facts import Event
from app.domain.witness.instances import InstanceTestimony, KeptInstance
from app.domain.witness.offices import KeptOffice, OfficeTestimony

__all__ = ["InstanceTestimony", "KeptInstance", "KeptOffice", "OfficeTestimony", "Testimony", "testimony_beside"]


class Testimony(Protocol):
    def hear(self, event: Event) -> None:
        """The events of one stream, in their order. Raises what an event raises whose data no act writes."""

    def first_difference(self, kept: Any, *, end: int) -> tuple[int, str] | None:
        """The sequence of the first event that the tables contradict, and the code of what they do."""


def testimony_beside(kept: KeptInstance | KeptOffice) -> Testimony:
    return InstanceTestimony() if isinstance(kept, KeptInstance) else OfficeTestimony()
