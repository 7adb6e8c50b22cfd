"""`alur account …`: the people of a deployment, entered by whoever runs its server."""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli import credentials
from app.cli.edge import complain, reading, wall_clock, writing
from app.domain.accounts import NewAccount
from app.domain.assignments import Position
from app.domain.authority import Assignment
from app.domain.passwords import password_mistakes
from app.outside.passwords import hash_password, is_common
from app.store.assignments import list_people
from app.store.offices import find_office
from app.usecases.accounts import create_account
from app.usecases.assignments import assign as assign_position

accounts_app = typer.Typer(no_args_is_help=True, help="Akun dan jabatan · Accounts, and what they hold.")
credentials.add_to(accounts_app)

PASSWORD_VARIABLE = "ALUR_ACCOUNT_PASSWORD"  # noqa: S105 - its name, not a password


class Capacity(StrEnum):
    definitive = "definitive"
    plt = "plt"
    plh = "plh"
    pj = "pj"


class Permission(StrEnum):
    admin = "admin"
    auditor = "auditor"
    integration = "integration"
    restricted_records = "restricted_records"


Username = Annotated[str, typer.Option()]
Office = Annotated[str, typer.Option(help="Kode kantor · The office's code, such as 64.02.13.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="Peran, dapat diulang · A role; may be repeated.")]
Permissions = Annotated[list[Permission] | None, typer.Option("--permission", help="Izin, dapat diulang · A permission; may be repeated.")]
HeldAs = Annotated[Capacity, typer.Option(help="Untuk peran · For the roles.")]
Since = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Hari pertama · First day; today when not given.")]
Until = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Hari terakhir · Last day.")]


@dataclass(frozen=True, slots=True)
class Grant:
    """What one command gives at one office."""

    office: str
    roles: list[str]
    permissions: list[Permission]
    capacity: Capacity
    since: datetime | None
    until: datetime | None

    async def give(self, connection: AsyncConnection, now: datetime, username: str) -> None:
        office = await find_office(connection, self.office, now)
        today = now.astimezone(ZoneInfo(office.time_zone if office else "UTC")).date()
        first = self.since.date() if self.since else today
        last = self.until.date() if self.until else None
        roles = [Position(self.office, role, first, last, self.capacity.value) for role in self.roles]
        for position in [*roles, *(Position(self.office, permission.value, first, last) for permission in self.permissions)]:
            await assign_position(connection, now, username, position=position)


@accounts_app.command("create")
def create(
    *,
    username: Username,
    name: Annotated[str, typer.Option()],
    office: Office,
    role: Roles = None,
    permission: Permissions = None,
    capacity: HeldAs = Capacity.definitive,
    since: Since = None,
    until: Until = None,
) -> None:
    """Buat akun beserta jabatannya. The password is asked for, or comes from ALUR_ACCOUNT_PASSWORD or standard input; it is never an argument."""
    grant = Grant(office, role or [], permission or [], capacity, since, until)
    password_hash = asyncio.run(hash_password(_password(username, name)))

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await create_account(connection, now, NewAccount(username, name, office, password_hash))
        await grant.give(connection, now, username)

    writing(work)
    typer.echo(f"{username}: {name}")


@accounts_app.command("assign")
def assign(
    *,
    username: Username,
    office: Office,
    role: Roles = None,
    permission: Permissions = None,
    capacity: HeldAs = Capacity.definitive,
    since: Since = None,
    until: Until = None,
) -> None:
    """Beri jabatan atau izin kepada akun yang ada. It comes with the next refresh of the holder's session."""
    grant = Grant(office, role or [], permission or [], capacity, since, until)
    if not grant.roles and not grant.permissions:
        raise typer.BadParameter("--role / --permission")

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await grant.give(connection, now, username)

    writing(work)
    typer.echo(f"{username}: {', '.join([*grant.roles, *grant.permissions])} ({office})")


@accounts_app.command("list")
def list_accounts() -> None:
    """Semua akun dan yang dipegangnya · Every account, and what it holds."""

    for account, held in asyncio.run(reading(lambda connection: list_people(connection, wall_clock()))):
        marks = f"{'' if account.active else ' (closed)'}{' (demo)' if account.is_demo else ''}"
        typer.echo(f"{account.username}\t{account.name}{marks}\t{', '.join(map(_shown, held)) or '-'}")


def _shown(held: Assignment) -> str:
    until = held.valid_to or ""
    capacity = "" if held.capacity == "definitive" else f" {held.capacity}"
    return f"{held.claim}{capacity} ({held.valid_from}..{until})"


def _password(*about: str) -> str:
    """Ends the command when it is too short, too common, or made of the account's own names."""
    password = os.environ.get(PASSWORD_VARIABLE) or _typed()
    mistakes = tuple(password_mistakes(password, listed=asyncio.run(is_common(password)), about=about))
    if mistakes:
        complain(mistakes)
    return password


def _typed() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Kata sandi · Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
