"""`alur account …`: the people of a deployment, entered by whoever runs its server."""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli import credentials
from app.cli.edge import complain, reading, settings, wall_clock, writing
from app.domain.accounts import NO_PASSWORD, NewAccount, account_mistakes
from app.domain.advice import Advice
from app.domain.assignments import Position
from app.domain.authority import Assignment
from app.domain.nip import nip_warnings
from app.domain.passwords import password_mistakes
from app.domain.problems import FieldError, Invalid
from app.outside.passwords import hash_password, is_common
from app.store.accounts import Account, find_account
from app.store.assignments import list_people
from app.store.directory import held_at
from app.store.offices import find_office
from app.usecases import accounts, assignments
from app.usecases.credentials import OneTimeSecret, issue_reset
from app.usecases.entries import unknown_account, unknown_office

accounts_app = typer.Typer(no_args_is_help=True, help="Akun dan jabatan · Accounts, and what they hold.")
credentials.add_to(accounts_app)

PASSWORD_VARIABLE = "ALUR_ACCOUNT_PASSWORD"  # noqa: S105 - its name, not a password


class Capacity(StrEnum):
    definitive = "definitive"
    plt = "plt"
    plh = "plh"
    pj = "pj"


class Permission(StrEnum):
    """What a person can be given; machines have theirs with their service account."""

    admin = "admin"
    auditor = "auditor"
    restricted_records = "restricted_records"


Username = Annotated[str, typer.Option()]
Office = Annotated[str, typer.Option(help="Kode kantor · The office's code, such as 64.02.13.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="Peran, dapat diulang · A role; may be repeated.")]
Permissions = Annotated[list[Permission] | None, typer.Option("--permission", help="Izin, dapat diulang · A permission; may be repeated.")]
HeldAs = Annotated[Capacity, typer.Option(help="Untuk peran · For the roles.")]
Since = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Hari pertama · First day; today when not given.")]
Until = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Hari terakhir · Last day.")]
Letter = Annotated[str | None, typer.Option("--letter", help="Nomor surat perintah · Number of the letter that says so.")]
LetterDate = Annotated[datetime | None, typer.Option("--letter-date", formats=["%Y-%m-%d"], help="Tanggalnya · Its date.")]
Named = Annotated[str, typer.Argument(help="Nama pengguna · The username.")]
Reason = Annotated[str | None, typer.Option(help="Alasan; hanya sidiknya yang tercatat · A reason, recorded as its hash.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one command gives at one office."""

    office: str
    roles: list[str]
    permissions: list[Permission]
    capacity: Capacity = Capacity.definitive
    since: datetime | None = None
    until: datetime | None = None
    letter: str | None = None
    letter_date: datetime | None = None

    async def give(self, connection: AsyncConnection, now: datetime, username: str) -> list[Advice]:
        """What is odd about it."""
        office = await find_office(connection, self.office, now)
        today = now.astimezone(ZoneInfo(office.time_zone if office else "UTC")).date()
        odd: list[Advice] = []
        for position in self._positions(_day(self.since) or today):
            odd += (await assignments.assign(connection, now, username, position=position, demo=settings().demo)).warnings
        return odd

    def _positions(self, first: date) -> list[Position]:
        last, letter = _day(self.until), (self.letter, _day(self.letter_date))
        roles = [Position(self.office, role, first, last, self.capacity.value, *letter) for role in self.roles]
        return [*roles, *(Position(self.office, name.value, first, last, "definitive", *letter) for name in self.permissions)]


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
    letter: Letter = None,
    letter_date: LetterDate = None,
    nip: Annotated[str | None, typer.Option(help="18 angka · 18 digits.")] = None,
    one_time_secret: Annotated[bool, typer.Option("--one-time-secret", help="Tanpa kata sandi; cetak rahasia sekali pakai.")] = False,
) -> None:
    """Buat akun beserta jabatannya. The password is asked for, or comes from ALUR_ACCOUNT_PASSWORD or standard input; it is never an argument.

    With --one-time-secret there is none yet: its person sets one with the secret that is printed, within 24 hours.
    """
    grant = Grant(
        office=office,
        roles=role or [],
        permissions=permission or [],
        capacity=capacity,
        since=since,
        until=until,
        letter=letter,
        letter_date=letter_date,
    )
    mistakes = tuple(account_mistakes(NewAccount(username, name, office, nip=nip)))
    if mistakes:
        complain(mistakes)  # before anybody thinks of a password
    password_hash = NO_PASSWORD if one_time_secret else asyncio.run(hash_password(_password(username, name)))
    odd, issued = list[Advice](), list[OneTimeSecret]()

    async def work(connection: AsyncConnection, now: datetime) -> None:
        account_id = await accounts.create_account(connection, now, NewAccount(username, name, office, password_hash, nip=nip))
        odd[:] = [*(nip_warnings(nip) if nip else ()), *await grant.give(connection, now, username)]
        issued[:] = [await issue_reset(connection, now, account_id)] if one_time_secret else []

    writing(work)
    typer.echo(f"{username}: {name}", err=one_time_secret)  # so that a script reads the secret alone
    for found in issued:
        typer.echo(f"{found.secret}\t{found.expires_at.isoformat(timespec='minutes')}")
    _warn(odd)


@accounts_app.command("assign")
def assign(
    username: Annotated[str | None, typer.Argument(help="Nama pengguna · The username.")] = None,
    *,
    named: Annotated[str | None, typer.Option("--username", help="Sama dengan argumennya · The same as the argument.")] = None,
    office: Office,
    role: Roles = None,
    permission: Permissions = None,
    capacity: HeldAs = Capacity.definitive,
    since: Since = None,
    until: Until = None,
    letter: Letter = None,
    letter_date: LetterDate = None,
) -> None:
    """Beri jabatan atau izin kepada akun yang ada. It comes with the next refresh of the holder's session."""
    grant = Grant(
        office=office,
        roles=role or [],
        permissions=permission or [],
        capacity=capacity,
        since=since,
        until=until,
        letter=letter,
        letter_date=letter_date,
    )
    whom = username or named
    if whom is None or (username and named):
        raise typer.BadParameter("Sebutkan satu nama pengguna · Name one person: alur account assign USERNAME")
    if not grant.roles and not grant.permissions:
        raise typer.BadParameter("Sebutkan --role atau --permission yang diberikan · Say which --role or --permission is given")
    odd: list[Advice] = []

    async def work(connection: AsyncConnection, now: datetime) -> None:
        odd[:] = await grant.give(connection, now, whom)

    writing(work)
    typer.echo(f"{whom}: {', '.join([*grant.roles, *grant.permissions])} ({office})")
    _warn(odd)


@accounts_app.command("revoke")
def revoke(username: Named, *, office: Office, role: Annotated[str, typer.Option(help="Peran atau izin · A role or permission.")]) -> None:
    """Cabut jabatan atau izin, sekarang juga · Take a position or permission back, at once, those to come included."""
    revoked: list[str] = []

    async def work(connection: AsyncConnection, now: datetime) -> None:
        lines = [line for line in await held_at(connection, office, role, demo=settings().demo) if line.username == username]
        lines = [line for line in lines if not line.is_over(now)]
        if not lines:
            raise Invalid(FieldError("/role", "not_held", f"{username} tidak memegangnya di {office}.", f"{username} does not hold it at {office}."))
        for line in lines:
            await assignments.revoke(connection, now, line)
        revoked[:] = [f"{line.role} {line.capacity} ({line.valid_from}..{line.valid_to or ''})" for line in lines]

    writing(work)
    typer.echo(f"{username}: {', '.join(revoked)}")


@accounts_app.command("close")
def close(username: Named, reason: Reason = None) -> None:
    """Tutup akun; semua sesinya berakhir · Close an account; all its sessions end."""

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await accounts.close(connection, now, await _known(connection, username), reason=reason)

    writing(work)
    typer.echo(f"{username}: ditutup · closed")


@accounts_app.command("reopen")
def reopen(username: Named) -> None:
    """Buka kembali akun yang ditutup · Reopen a closed account."""

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await accounts.reopen(connection, now, await _known(connection, username))

    writing(work)
    typer.echo(f"{username}: dibuka · open")


@accounts_app.command("list")
def list_accounts(
    office: Annotated[str | None, typer.Option(help="Hanya kantor ini · At home or holding something at this office.")] = None,
    role: Annotated[str | None, typer.Option(help="Hanya pemegangnya · Holders of this role or permission.")] = None,
) -> None:
    """Semua akun dan yang dipegangnya · Every account, and what it holds."""
    for account, held in asyncio.run(reading(lambda connection: _people(connection, office))):
        found = [a for a in held if role in {None, a.role} and office in {None, a.office}]
        if not found and (role is not None or office not in {None, account.office}):
            continue
        marks = f"{'' if account.active else ' (closed)'}{' (demo)' if account.is_demo else ''}"
        typer.echo(f"{account.username}\t{account.name}{marks}\t{', '.join(map(_shown, held)) or '-'}")


async def _people(connection: AsyncConnection, office: str | None) -> list[tuple[Account, list[Assignment]]]:
    now = wall_clock()
    if office is not None and await find_office(connection, office, now) is None:
        complain(unknown_office(office).errors)
    return await list_people(connection, now)


async def _known(connection: AsyncConnection, username: str) -> Account:
    account = await find_account(connection, username)
    if account is None:
        raise unknown_account(username)
    return account


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _warn(odd: list[Advice]) -> None:
    for advice in odd:
        typer.echo(f"alur: {advice.id} · {advice.en}", err=True)


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
