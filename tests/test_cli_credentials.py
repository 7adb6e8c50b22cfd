"""`alur account reset-password | second-factor-off | end-sessions`, for who cannot get in."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import anyio
import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner, Result

from app.cli.accounts import accounts_app
from app.outside.second_factor import recovery_hash
from app.store import sessions
from app.store.accounts import ACCOUNT
from app.store.database import Database
from app.store.events import EVENT
from app.store.sessions import SESSION
from tests.support.people import NOW, enrol, seed


@pytest.fixture(autouse=True)
def _camat(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a second factor and two sessions."""
    monkeypatch.setenv("ALUR_DATABASE_URL", database_url)

    async def work() -> None:
        database = Database(database_url)
        await seed(database)
        account_id = await enrol(database, "camat")
        async with database.write() as connection:
            await connection.execute(update(ACCOUNT).values(totp_secret="sealed"))
            for number in (1, 2):
                over = datetime.now(UTC) + timedelta(hours=1)
                await sessions.add_session(connection, NOW, UUID(int=number), account_id=account_id, refresh_hash=None, expires_at=over)
        await database.close()

    anyio.run(work)


def account(*arguments: str) -> Result:
    return CliRunner().invoke(accounts_app, list(arguments))


def kept(database_url: str) -> tuple[dict[str, object], int]:
    """The account's columns, and how many of its sessions live."""

    async def work() -> tuple[dict[str, object], int]:
        database = Database(database_url)
        async with database.read() as connection:
            row = (await connection.execute(select(ACCOUNT))).one()._asdict()
            living = (await connection.execute(select(SESSION).where(SESSION.c.revoked_at.is_(None)))).all()
        await database.close()
        return row, len(living)

    return anyio.run(work)


def told(database_url: str, kind: str) -> int:
    async def work() -> int:
        database = Database(database_url)
        async with database.read() as connection:
            rows = (await connection.execute(select(EVENT.c.id).where(EVENT.c.type == kind))).all()
        await database.close()
        return len(rows)

    return anyio.run(work)


def test_a_one_time_secret_is_printed_and_only_its_hash_kept(database_url: str) -> None:
    done = account("reset-password", "camat")
    assert done.exit_code == 0, done.output
    secret, until = done.stdout.rstrip("\n").split("\t")
    row, living = kept(database_url)
    assert row["reset_hash"] == recovery_hash(secret)
    assert timedelta(hours=23) < datetime.fromisoformat(until) - datetime.now(UTC) <= timedelta(hours=24)
    assert living == 2


def test_a_second_factor_is_taken_off_and_the_sessions_end(database_url: str) -> None:
    assert "second factor removed" in account("second-factor-off", "camat").stdout
    row, living = kept(database_url)
    assert (row["totp_secret"], living) == (None, 0)
    assert "there was no second factor" in account("second-factor-off", "camat").stdout
    assert told(database_url, "account.second_factor_removed") == 1


def test_sessions_are_ended_and_counted(database_url: str) -> None:
    assert account("end-sessions", "camat").stdout == "camat: 2 sesi berakhir · sessions ended\n"
    assert kept(database_url)[1] == 0
    assert account("end-sessions", "camat").stdout == "camat: 0 sesi berakhir · sessions ended\n"
    assert told(database_url, "account.sessions_ended") == 1


@pytest.mark.parametrize("command", ["reset-password", "second-factor-off", "end-sessions"])
def test_a_name_that_nobody_has_is_said_to_be_so(command: str) -> None:
    refused = account(command, "nobody")
    assert refused.exit_code == 1
    assert "alur: username: Tidak ada akun nobody." in refused.stderr


def test_who_signs_in_elsewhere_gets_no_secret(database_url: str) -> None:
    async def vouched_for() -> None:
        database = Database(database_url)
        async with database.write() as connection:
            await connection.execute(update(ACCOUNT).values(issuer="https://sso.example", subject="f3c1"))
        await database.close()

    anyio.run(vouched_for)
    refused = account("reset-password", "camat")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "its password is there" in refused.stderr
    assert kept(database_url)[0]["reset_hash"] is None


def test_a_closed_account_gets_no_secret(database_url: str) -> None:
    async def close() -> None:
        database = Database(database_url)
        async with database.write() as connection:
            await connection.execute(update(ACCOUNT).values(active=False))
        await database.close()

    anyio.run(close)
    refused = account("reset-password", "camat")
    assert refused.exit_code == 1
    assert "camat is not the open account of a person" in refused.stderr
