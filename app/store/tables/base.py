"""What all tables share: constraint names, and the few column shapes that recur."""

from typing import Any, cast

from sqlalchemy import CheckConstraint, MetaData, Table, Text
from sqlmodel import Field, SQLModel

from app.store.types import JsonColumn

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def json_field(*, nullable: bool = False) -> Any:
    return Field(default=None if nullable else ..., sa_type=JsonColumn, nullable=nullable)


def long_text(*, nullable: bool = False) -> Any:
    return Field(default=None if nullable else ..., sa_type=Text, nullable=nullable)


def table(row: type[SQLModel]) -> Table:
    """The Core table of a row class: statements are written against it, never against the class."""
    return cast(Table, row.__table__)  # type: ignore[attr-defined]
