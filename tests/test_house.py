"""The house holds: who may import whom, how long things get, what lies at the top, and that no file names a machine or a registry."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.support.size_limits import all_too_long

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-build.txt")
FOLDERS = {"app", "migrations", "openapi", "tests"}
FILES = {"Dockerfile", "Makefile", "README.md", "alembic.ini", "docker-compose.yml", "pyproject.toml", *LOCKS}
NEVER_COMMITTED = {"var", "node_modules"}

REGISTRIES = re.compile(
    r"pypi\.(?:org|io)|pythonhosted\.|npmjs\.|yarnpkg\.|crates\.io|proxy\.golang|repo1?\.maven|maven\.org|deb\.debian|index-url\W+http|\"resolved\":"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:root|work|home|Users)/\w")


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that is ours, this one aside: it has to spell out what it looks for."""
    theirs = {"__pycache__", "node_modules"}
    inside = [path for folder in (*FOLDERS, ".ci") for path in (ROOT / folder).rglob("*")]
    for path in [*inside, *(ROOT / name for name in FILES), *ROOT.glob(".*ignore")]:
        if path.is_file() and theirs.isdisjoint(path.parts) and path != Path(__file__).resolve():
            yield path, path.read_text(encoding="utf-8", errors="replace")


def test_the_floors_import_only_downwards(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert not failed, capsys.readouterr().out


def test_files_and_functions_keep_their_limits() -> None:
    assert all_too_long() == []


def test_the_top_level_holds_only_what_the_house_names() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and not path.name.endswith(".egg-info")}
    assert found - NEVER_COMMITTED <= FOLDERS | FILES


def test_no_file_names_a_registry() -> None:
    assert [(path, found.group()) for path, text in texts() if (found := REGISTRIES.search(text))] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert [(path, found.group()) for path, text in texts() if (found := MACHINE_PATHS.search(text))] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_by_hash_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\w)", text)
    assert "://" not in text
    assert [entry for entry in entries if not (re.match(r"[\w.\-\[\]]+==\S+", entry) and "--hash=sha256:" in entry)] == []


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime, development = names(project["dependencies"]), names(project["optional-dependencies"]["dev"])
    assert runtime <= locked("requirements.txt")
    assert runtime | development <= locked("requirements-dev.txt")


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def locked(lock: str) -> set[str]:
    return names([line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if re.match(r"\w", line)])
