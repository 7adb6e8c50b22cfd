"""`alur service-account` on both databases, as whoever runs the server types it."""

from datetime import timedelta

import anyio
import pytest
from typer.testing import CliRunner, Result

from app.cli.edge import wall_clock
from app.cli.service_accounts import service_accounts_app
from app.domain.problems import Unauthenticated
from app.store.database import Database
from app.usecases.service_tokens import find_client, recognise
from tests.support.people import seed_at


@pytest.fixture(autouse=True)
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_DATABASE_URL", database_url)
    seed_at(database_url)


def alur(*arguments: str) -> Result:
    return CliRunner().invoke(service_accounts_app, list(arguments))


def create(*more: str, office: str = "64.02.13", scope: str = "instances:read", days: int = 300) -> Result:
    last = (wall_clock() + timedelta(days=days)).date().isoformat()
    return alur("create", "--name", "Dasbor", "--office", office, "--scope", scope, "--expires", last, *more)


def told(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    return dict(line.split("\t", 1) for line in result.stdout.splitlines())


def opens(database_url: str, client_id: str, secret: str) -> bool:
    async def work() -> bool:
        database = Database(database_url)
        async with database.read() as connection:
            found = await find_client(connection, wall_clock(), client_id, address="")
        await database.close()
        try:
            return recognise(found, secret).name == "Dasbor"
        except Unauthenticated:
            return False

    return anyio.run(work)


def test_one_is_created_with_its_secret_which_a_new_one_replaces(database_url: str) -> None:
    made = told(create("--office", "64.02.14", "--scope", "deadlines:read"))
    assert opens(database_url, made["client_id"], made["client_secret"])
    renewed = told(alur("secret", made["client_id"]))
    assert opens(database_url, made["client_id"], renewed["client_secret"])
    assert not opens(database_url, made["client_id"], made["client_secret"])
    ((name, offices, scopes),) = [line.split("\t")[1:4] for line in alur("list").stdout.splitlines()]
    assert (name, offices, scopes) == ("Dasbor", "64.02.13, 64.02.14", "deadlines:read, instances:read")
    assert renewed["client_secret"] not in alur("list").stdout


def test_what_is_revoked_is_over(database_url: str) -> None:
    made = told(create())
    assert alur("revoke", made["client_id"]).exit_code == 0
    assert not opens(database_url, made["client_id"], made["client_secret"])
    assert "(over)" in alur("list").stdout
    for command in ("secret", "revoke"):
        again = alur(command, made["client_id"])
        assert again.exit_code == 1
        assert "revoked or over" in again.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"office": "99"}, "no office 99"),
        ({"days": 400}, "within a year"),
        ({"days": -2}, "after now"),
    ],
)
def test_what_cannot_be_entered_is_said(more: dict[str, object], said: str) -> None:
    refused = create(**more)  # type: ignore[arg-type]
    assert refused.exit_code == 1
    assert said in refused.stderr
    assert alur("list").stdout == ""


def test_nobody_is_no_machine() -> None:
    for command in ("secret", "revoke"):
        assert "no such service account" in alur(command, "camat").stderr
    assert create(scope="instances:write").exit_code == 2
