"""Who acts: a signed-in person (or machine) with the positions held at this moment."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.domain.permissions import INTEGRATION, PERMISSIONS

Capacity = Literal["definitive", "plt", "plh", "pj"]

CAPACITY_PREFIX: dict[str, str] = {"definitive": "", "plt": "Plt. ", "plh": "Plh. ", "pj": "Pj. "}

EMPLOYEE = "pegawai"
"""The role that performs nothing by itself; team members come from its holders."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One role or permission held now: claimed in the token and backed by a valid assignment.

    `covers` are the codes of the office itself and of all offices below it.
    """

    office: str
    role: str
    capacity: Capacity
    covers: frozenset[str]


WaitingFor = Literal["second_factor", "issuer_second_factor", "refresh"]
"""`issuer_second_factor`: the token does name it, and its issuer does not assert that a second factor was used."""


@dataclass(frozen=True, slots=True)
class WaitingPosition:
    """A role or permission assigned and valid now that the token does not name: it comes once a second factor is enrolled, or with a refresh."""

    office: str
    role: str
    capacity: Capacity
    label: str
    reason: WaitingFor

    def __str__(self) -> str:
        return f"{self.label} ({self.office})"


@dataclass(frozen=True, slots=True)
class ActorSnapshot:
    """Who did it, as they stood then. `label` is the position as written under a letter ("Plh. Camat")."""

    account_id: UUID
    name: str
    role: str
    office: str
    capacity: Capacity
    label: str

    def as_data(self) -> dict[str, str]:
        return {
            "account_id": str(self.account_id),
            "name": self.name,
            "role": self.role,
            "office": self.office,
            "capacity": self.capacity,
            "label": self.label,
        }


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of one request. Authority = token claims ∩ assignments valid now (domain.md §3).

    `session_id` is None for who comes with a token of another issuer. `waiting` is what is theirs and gives nothing yet. `scopes` are a
    machine's; a person has none and needs none.
    """

    account_id: UUID
    session_id: UUID | None
    username: str
    name: str
    holdings: tuple[Holding, ...] = ()
    waiting: tuple[WaitingPosition, ...] = ()
    scopes: frozenset[str] = frozenset()
    is_machine: bool = False

    @property
    def machine(self) -> bool:
        """A service account, or whoever holds the permission of one: it reads, and never performs a step, whatever else it was given."""
        return self.is_machine or any(h.role == INTEGRATION for h in self.holdings)

    def sees(self, office: str) -> bool:
        """Any role or permission at an office, or above it, may read what the office owns."""
        return any(office in holding.covers for holding in self.holdings)

    def position(self, role: str, office: str) -> Holding | None:
        """The holding with which this person performs `role` at exactly this office: a superior office reads, it does not stand in."""
        held = (h for h in self.holdings if h.role == role and h.office == office)
        return None if self.machine else next(held, None)

    def works_at(self, office: str) -> bool:
        """Whether this person holds a position at exactly this office: permissions let read, they make nobody one of its people."""
        return not self.machine and any(h.office == office and h.role not in PERMISSIONS for h in self.holdings)

    def permitted(self, permission: str, office: str) -> bool:
        """Permissions reach down: `64.02:auditor` audits every kecamatan of Kutai Kartanegara."""
        return any(h.role == permission and office in h.covers for h in self.holdings)

    def visible_offices(self) -> frozenset[str]:
        return frozenset().union(*(h.covers for h in self.holdings))

    def snapshot(self, role: str, office: str, label: str, *, capacity: Capacity = "definitive") -> ActorSnapshot:
        return ActorSnapshot(
            account_id=self.account_id,
            name=self.name,
            role=role,
            office=office,
            capacity=capacity,
            label=CAPACITY_PREFIX[capacity] + label,
        )
