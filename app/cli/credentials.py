"""`alur account …` for who cannot get in: a one-time secret, a second factor taken off, sessions ended."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli.edge import writing
from app.domain.problems import FieldError, Invalid, NotVisible
from app.store.accounts import find_account
from app.usecases import credentials
from app.usecases.entries import unknown_account

Username = Annotated[str, typer.Argument(help="Nama pengguna · The username.")]


def add_to(accounts_app: typer.Typer) -> None:
    accounts_app.command("reset-password")(reset_password)
    accounts_app.command("second-factor-off")(second_factor_off)
    accounts_app.command("end-sessions")(end_sessions)


def reset_password(username: Username) -> None:
    """Cetak rahasia sekali pakai, berlaku 24 jam · Print a one-time secret, good for 24 hours.

    Its owner sets a new password with it (POST /v1/auth/password-resets).
    """

    async def work(connection: AsyncConnection, now: datetime, account_id: UUID) -> str:
        issued = await credentials.issue_reset(connection, now, account_id)
        return f"{issued.secret}\t{issued.expires_at.isoformat(timespec='minutes')}"

    typer.echo(_done_to(username, work))


def second_factor_off(username: Username) -> None:
    """Lepas faktor kedua dan akhiri semua sesi · Take the second factor off and end all sessions."""

    async def work(connection: AsyncConnection, now: datetime, account_id: UUID) -> str:
        removed = await credentials.remove_second_factor(connection, now, account_id)
        return "faktor kedua dilepas · second factor removed" if removed else "tidak ada faktor kedua · there was no second factor"

    typer.echo(f"{username}: {_done_to(username, work)}")


def end_sessions(username: Username) -> None:
    """Akhiri semua sesi akun · End all sessions of an account."""

    async def work(connection: AsyncConnection, now: datetime, account_id: UUID) -> str:
        ended = await credentials.end_sessions(connection, now, account_id)
        return f"{ended} sesi berakhir · sessions ended"

    typer.echo(f"{username}: {_done_to(username, work)}")


def _done_to(username: str, work: Callable[[AsyncConnection, datetime, UUID], Awaitable[str]]) -> str:
    """What to print, once it is committed."""
    said: list[str] = []

    async def on_account(connection: AsyncConnection, now: datetime) -> None:
        account = await find_account(connection, username)
        if account is None:
            raise unknown_account(username)
        try:
            said[:] = [await work(connection, now, account.id)]
        except NotVisible:
            raise _no_person(username) from None

    writing(on_account)
    return said[0]


def _no_person(username: str) -> Invalid:
    return Invalid(
        FieldError(
            "/username", "no_open_account", f"{username} bukan akun orang yang masih dibuka.", f"{username} is not the open account of a person."
        )
    )
