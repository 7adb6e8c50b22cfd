"""`alur service-account …`: machines that may read, entered by whoever runs the server."""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli.edge import complain, reading, wall_clock, writing
from app.domain.permissions import SCOPES
from app.domain.problems import FieldError, Refused
from app.domain.service_accounts import NewServiceAccount
from app.store import service_accounts as store
from app.store.offices import find_office
from app.store.service_accounts import ServiceAccount, ServiceAccountFilter
from app.usecases import service_accounts as usecases
from app.usecases.entries import unknown_office
from app.usecases.service_accounts import IssuedSecret

service_accounts_app = typer.Typer(no_args_is_help=True, help="Akun layanan · Service accounts: machines that read.")

Scope = StrEnum("Scope", {name.replace(":", "_"): name for name in SCOPES})  # type: ignore[misc]
ClientId = Annotated[str, typer.Argument(help="svc-dasbor-3f9a1c")]


@service_accounts_app.command("create")
def create(
    *,
    name: Annotated[str, typer.Option(help="Dasbor kabupaten")],
    office: Annotated[list[str], typer.Option(help="Kantor, dapat diulang · An office; may be repeated.")],
    scope: Annotated[list[Scope], typer.Option(help="Cakupan, dapat diulang · A scope; may be repeated.")],
    expires: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Hari terakhir, paling lama setahun · Last day, within a year.")],
) -> None:
    """Buat akun layanan dan tampilkan rahasianya sekali ini. Prints its client id and, this once, its secret."""
    issued: list[IssuedSecret] = []

    async def work(connection: AsyncConnection, now: datetime) -> None:
        home = await find_office(connection, min(office), now)
        if home is None:
            raise unknown_office(min(office))
        over = expires.replace(hour=23, minute=59, second=59, tzinfo=ZoneInfo(home.time_zone))
        new = NewServiceAccount(name, tuple(office), tuple(one.value for one in scope), over)
        made = await usecases.create_service_account(connection, now, new)
        issued.append(await usecases.issue_secret(connection, now, made))

    writing(work)
    _tell(issued[-1])


@service_accounts_app.command("secret")
def secret(client_id: ClientId) -> None:
    """Ganti rahasia; yang lama berakhir saat itu juga. A new secret; the one before ends at once."""
    issued: list[IssuedSecret] = []

    async def work(connection: AsyncConnection, now: datetime) -> None:
        found = await _named(connection, client_id)
        try:
            issued.append(await usecases.issue_secret(connection, now, found))
        except Refused as refused:
            _complain(refused)

    writing(work)
    _tell(issued[-1])


@service_accounts_app.command("revoke")
def revoke(client_id: ClientId) -> None:
    """Cabut; permintaannya yang berikut sudah ditolak. Its very next request is refused."""

    async def work(connection: AsyncConnection, now: datetime) -> None:
        found = await _named(connection, client_id)
        try:
            await usecases.revoke_service_account(connection, now, found)
        except Refused as refused:
            _complain(refused)

    writing(work)
    typer.echo(f"{client_id}: revoked")


@service_accounts_app.command("list")
def list_service_accounts() -> None:
    """Semua akun layanan · Every service account: where it reads, what, and until when."""
    now = wall_clock()
    found = asyncio.run(reading(lambda connection: store.list_service_accounts(connection, now, ServiceAccountFilter())))
    for account in found:
        offices, used = ", ".join(code for code, _ in account.offices) or "-", account.last_used_at
        typer.echo(
            f"{account.client_id}\t{account.name}{'' if account.is_open(now) else ' (over)'}\t{offices}\t{', '.join(account.scopes)}"
            f"\tuntil {account.expires_at.isoformat()}\tused {used.isoformat() if used else '-'}"
        )


async def _named(connection: AsyncConnection, client_id: str) -> ServiceAccount:
    found = await store.service_account_named(connection, client_id)
    if found is None:
        complain((FieldError("/client_id", "unknown", "Akun layanan ini tidak ada.", "There is no such service account."),))
    return found


def _complain(refused: Refused) -> None:
    complain(tuple(FieldError("/client_id", refusal.code, refusal.message("id"), refusal.message("en")) for refusal in refused.refusals))


def _tell(issued: IssuedSecret) -> None:
    typer.echo(f"client_id\t{issued.client_id}\nclient_secret\t{issued.secret}\nexpires_at\t{issued.expires_at.isoformat()}")
