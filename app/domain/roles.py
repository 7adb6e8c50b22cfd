"""The roles that an office can fill: those of the published procedures, and the employees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.domain.people import EMPLOYEE
from app.domain.procedures import Procedure

SIGNING = "signing"
"""Stands, among roles that need a second factor, for every role whose signature a procedure asks for."""


@dataclass(frozen=True, slots=True)
class RoleInForce:
    """As the latest versions of all procedures see it: single or signing if any of them says so."""

    key: str
    label: str
    single_holder: bool = False
    signs: bool = False


def roles_in_force(procedures: Iterable[Procedure]) -> Mapping[str, RoleInForce]:
    """By key. A team exists only inside an instance: nobody is assigned to it."""
    found = {EMPLOYEE: RoleInForce(EMPLOYEE, "Pegawai")}
    for procedure in procedures:
        signing = {role for step in procedure.steps for use in (*step.inputs, *step.outputs) for role in use.signature_by}
        for key, role in procedure.roles.items():
            if role.team:
                continue
            known = found.get(key, RoleInForce(key, role.label))
            found[key] = replace(known, single_holder=known.single_holder or role.single_holder, signs=known.signs or key in signing)
    return found


def needing_second_factor(names: frozenset[str], roles: Mapping[str, RoleInForce]) -> frozenset[str]:
    """The roles and permissions that `names` stand for."""
    signing = {key for key, role in roles.items() if role.signs} if SIGNING in names else set()
    return (names - {SIGNING}) | signing
