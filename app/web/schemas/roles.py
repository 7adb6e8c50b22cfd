"""The roles and permissions that an assignment can give."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field

from app.domain.permissions import ABOUT, FOR_PEOPLE
from app.domain.refusals import Language
from app.domain.roles import RoleInForce, needing_second_factor
from app.web.schemas.base import AnswerModel


class RoleInForceShown(AnswerModel):
    """Peran dalam prosedur terbit, dan pegawai. `single_holder`: one definitive holder at a time; `signs`: a procedure asks for its signature."""

    role: str = Field(examples=["camat"])
    label: str = Field(examples=["Camat"])
    single_holder: bool
    signs: bool
    needs_second_factor: bool


class PermissionInForceShown(AnswerModel):
    """Izin: membaca atau mengelola, tidak pernah mengerjakan langkah. It reaches down to every office below."""

    permission: str = Field(examples=["auditor"])
    meaning: str
    needs_second_factor: bool


class RolesInForce(AnswerModel):
    """Yang dapat diberikan kepada orang. What a person can be given."""

    roles: list[RoleInForceShown]
    permissions: list[PermissionInForceShown]

    @classmethod
    def of(cls, roles: Mapping[str, RoleInForce], *, second_factor: frozenset[str], language: Language) -> Self:
        """`second_factor` as in the setting: names, or `signing`."""
        needing = needing_second_factor(second_factor, roles)
        return cls(
            roles=[
                RoleInForceShown(
                    role=role.key, label=role.label, single_holder=role.single_holder, signs=role.signs, needs_second_factor=role.key in needing
                )
                for role in roles.values()
            ],
            permissions=[
                PermissionInForceShown(
                    permission=name, meaning=ABOUT[name].en if language == "en" else ABOUT[name].id, needs_second_factor=name in needing
                )
                for name in FOR_PEOPLE
            ],
        )
