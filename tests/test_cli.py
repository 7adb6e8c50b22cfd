"""The command line: what each command does, and the sentence it ends with when it cannot."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.support.server import PASSWORD, free_port

OTHER_SOP = Path(__file__).parent / "support" / "other_sop.yaml"


def alur(*arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """`alur …` as a process of its own, with these settings and none of ours."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALUR_")}
    command = [sys.executable, "-m", "app.cli", *arguments]
    return subprocess.run(command, env=clean | settings, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A data directory that `alur migrate` has filled, with the demo people."""
    directory = str(tmp_path_factory.mktemp("data"))
    done = alur("migrate", ALUR_DATA_DIR=directory, ALUR_DEMO="1", ALUR_DEMO_PASSWORD=PASSWORD)
    assert done.returncode == 0, done.stderr
    return directory


def test_migrate_fills_an_empty_directory_and_changes_nothing_when_repeated(data_dir: str) -> None:
    def counts() -> dict[str, int]:
        with closing(sqlite3.connect(f"{data_dir}/alur.db")) as connection:
            tables = ("office", "account", "assignment", "day_off", "work_schedule", "season", "procedure", "event")
            return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}

    before = counts()
    assert before["procedure"] == 1
    assert before["account"] == 9
    assert before["day_off"] > 100
    again = alur("migrate", ALUR_DATA_DIR=data_dir, ALUR_DEMO="1", ALUR_DEMO_PASSWORD=PASSWORD)
    assert again.returncode == 0, again.stderr
    assert counts() == before


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"ALUR_DEMO": "1", "ALUR_HOST": "0.0.0.0"}, "ALUR_DEMO=1 serves only on this machine"),
        ({}, "There is no signing key"),
        ({"ALUR_SIGNING_KEY": "-----BEGIN NONSENSE-----"}, "key"),
        ({"ALUR_DATABASE_URL": "mysql://localhost/alur"}, "use postgresql://"),
        ({"ALUR_STORAGE_URL": "s3://bucket/prefix", "ALUR_DEMO": "1"}, "set ALUR_S3_ACCESS_KEY_ID"),
        ({"ALUR_PORT": "x"}, "ALUR_PORT"),
    ],
)
def test_serve_refuses_what_is_unsafe_or_cannot_work_with_one_sentence(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    done = alur("serve", ALUR_DATA_DIR=str(tmp_path), **settings)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_waits_on_postgresql_for_migrate(databases: object, worker: str) -> None:
    with databases.empty_postgres(worker) as url:  # type: ignore[attr-defined]
        done = alur("serve", ALUR_DATABASE_URL=url)
    assert done.returncode == 2
    assert "Run: alur migrate" in done.stderr


def test_a_procedure_is_checked_and_published_from_its_file(data_dir: str, tmp_path: Path) -> None:
    assert alur("procedure", "check", str(OTHER_SOP)).returncode == 0
    first = alur("procedure", "publish", str(OTHER_SOP), ALUR_DATA_DIR=data_dir)
    assert "version 1" in first.stdout, first.stderr
    assert "(unchanged)" in alur("procedure", "publish", str(OTHER_SOP), ALUR_DATA_DIR=data_dir).stdout
    assert alur("procedure", "list", ALUR_DATA_DIR=data_dir).stdout.count("\t1\t") == 2
    broken = tmp_path / "broken.yaml"
    broken.write_text(OTHER_SOP.read_text(encoding="utf-8").replace("number: 2", "number: 1", 1), encoding="utf-8")
    done = alur("procedure", "check", str(broken))
    assert done.returncode == 1
    assert "duplicate_step" in done.stderr


def test_audit_verify_says_intact_and_ends_with_1_when_a_row_was_changed(data_dir: str, tmp_path: Path) -> None:
    copy = tmp_path / "alur.db"
    with closing(sqlite3.connect(f"{data_dir}/alur.db")) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    done = alur("audit", "verify", ALUR_DATA_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("intact")
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE event SET type = 'account.closed' WHERE stream = 'office:64.02.13' AND sequence = 2")
    done = alur("audit", "verify", ALUR_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "office:64.02.13 at 2: hash_differs" in done.stdout


def test_openapi_check_finds_a_stale_file(tmp_path: Path) -> None:
    assert alur("openapi", "--directory", str(tmp_path)).returncode == 0
    assert alur("openapi", "--check", "--directory", str(tmp_path)).returncode == 0
    (tmp_path / "openapi-3.0.json").write_text(json.dumps({}))
    done = alur("openapi", "--check", "--directory", str(tmp_path))
    assert done.returncode == 1
    assert "openapi-3.0.json" in done.stderr


def test_the_worker_sweeps_once_when_asked(data_dir: str) -> None:
    done = alur("worker", "--once", ALUR_DATA_DIR=data_dir)
    assert done.returncode == 0, done.stderr
    assert '"event": "swept"' in done.stdout


def test_the_worker_shows_that_it_lives_and_ends_when_it_is_told_to(data_dir: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALUR_")} | {"ALUR_DATA_DIR": data_dir}
    alive = Path(data_dir) / "worker.alive"
    alive.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        while process.poll() is None and not alive.exists():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert b"swept" in first
    assert alive.exists()


@pytest.mark.parametrize("command", [("account", "list"), ("audit", "verify"), ("procedure", "list"), ("worker", "--once")])
def test_a_database_that_was_never_migrated_is_one_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = alur(*command, ALUR_DATA_DIR=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.strip() == "alur: The database is not at this version's schema. Run: alur migrate"


def test_a_database_that_does_not_answer_is_one_sentence() -> None:
    done = alur("account", "list", ALUR_DATABASE_URL=f"postgresql://alur@127.0.0.1:{free_port()}/alur")
    assert done.returncode == 3
    assert done.stderr.strip() == "alur: The database does not answer; see ALUR_DATABASE_URL."


def test_the_office_of_the_shipped_procedure_is_there_for_its_first_real_account(tmp_path: Path) -> None:
    given = {"ALUR_DATA_DIR": str(tmp_path), "ALUR_ACCOUNT_PASSWORD": "kata sandi yang panjang"}
    assert alur("migrate", **given).returncode == 0
    done = alur("account", "create", "--username", "camat", "--name", "Camat Baru", "--office", "64.02.13", "--role", "camat", **given)
    assert done.returncode == 0, done.stderr


def test_a_port_that_is_taken_gets_no_greeting_and_no_password(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = alur("serve", "--port", str(port), ALUR_DATA_DIR=str(tmp_path), ALUR_DEMO="1")
    assert done.returncode != 0
    assert "Password" not in done.stdout
    assert done.stderr.splitlines()[-1].startswith(f"alur: http://127.0.0.1:{port} cannot be served: Address already in use.")
    assert "Errno" not in done.stderr
