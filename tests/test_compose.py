"""The deployment files keep their promises: no default secret, health checks, volumes, no root."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
WORKER = ROOT / "app" / "worker.py"

MUST_BE_SET = re.compile(r"\$\{ALUR_\w+:\?set [^}]+\}")
KEYS = "/run/secrets/alur"
LOOKS_SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY")


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_has_a_default(service: str) -> None:
    secret = {name: value for name, value in SERVICES[service]["environment"].items() if LOOKS_SECRET.search(name)}
    assert secret
    assert [name for name, value in secret.items() if not (MUST_BE_SET.fullmatch(value) or value.startswith("/run/secrets/"))] == []


def test_only_the_api_gets_the_signing_key() -> None:
    mounted = {name: [volume for volume in service["volumes"] if KEYS in volume] for name, service in SERVICES.items()}
    assert [name for name, volumes in mounted.items() if volumes] == ["api"]
    assert [name for name, service in SERVICES.items() if "ALUR_SIGNING_KEY_FILE" in service["environment"]] == ["api"]


def test_the_directory_of_the_key_must_be_named_and_is_mounted_as_a_whole() -> None:
    """A rotation puts another file in the place of the key: no container can do that to a file that is mounted by itself."""
    (keys,) = [volume for volume in SERVICES["api"]["volumes"] if KEYS in volume]
    assert MUST_BE_SET.fullmatch(keys.removesuffix(f":{KEYS}"))
    assert SERVICES["api"]["environment"]["ALUR_SIGNING_KEY_FILE"] == f"{KEYS}/key.pem"


def test_no_url_carries_a_password() -> None:
    assert not re.search(r"://[^/\s@]*:[^/\s@]*@", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("service", sorted(SERVICES.keys() - {"migrate"}))
def test_what_keeps_running_is_watched_and_restarted(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[service]["restart"] == "unless-stopped"


def test_the_api_and_the_worker_wait_for_the_migrations_and_those_for_the_database() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for service in ("api", "worker"):
        assert SERVICES[service]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_database_and_documents_live_in_volumes() -> None:
    assert set(COMPOSE["volumes"]) == {"database", "documents"}
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql/data"]
    for service in ("api", "worker"):
        assert SERVICES[service]["volumes"][0] == "documents:/var/lib/alur/documents"


def test_the_api_is_published_on_the_loopback_address_only() -> None:
    assert SERVICES["api"]["ports"] == ["${ALUR_PUBLISH:-127.0.0.1:8000}:8000"]
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["api"]


@pytest.mark.skipif(not WORKER.exists(), reason="app/worker.py is not written yet")
def test_the_worker_touches_the_file_that_its_health_check_reads() -> None:
    assert "/var/lib/alur/worker.alive" in SERVICES["worker"]["healthcheck"]["test"][-1]
    assert "worker.alive" in WORKER.read_text(encoding="utf-8")


def test_the_image_runs_without_root_and_without_what_only_development_needs() -> None:
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert "\nUSER alur\n" in last_stage
    assert "\nHEALTHCHECK " in last_stage
    assert "requirements-dev" not in DOCKERFILE
    assert all("--require-hashes" in line or "--no-index" in line for line in DOCKERFILE.splitlines() if "pip install" in line)
