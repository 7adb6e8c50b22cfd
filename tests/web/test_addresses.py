"""A server behind a proxy that nobody named says so, once: all who come through it count as one address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.web import addresses
from tests.support.office import Office, open_office

FORWARDED = {"X-Forwarded-For": "198.51.100.1"}


@pytest.fixture(autouse=True)
def _unsaid() -> Iterator[None]:
    addresses._say_once.cache_clear()
    yield
    addresses._say_once.cache_clear()


async def warnings(office: Office, headers: dict[str, str]) -> int:
    """How often it was said while somebody tried to sign in three times."""
    with capture_logs() as lines:
        async with office.client(**headers) as client:
            for _ in range(3):
                await client.post("/v1/auth/sessions", json={"username": "nobody", "password": "salah"})
    return sum("ALUR_TRUSTED_PROXIES" in line["event"] for line in lines if line["log_level"] == "warning")


async def test_it_is_said_once(own_office: Office) -> None:
    assert await warnings(own_office, {}) == 0
    assert await warnings(own_office, FORWARDED) == 1
    assert await warnings(own_office, FORWARDED) == 0


async def test_where_a_proxy_is_named_there_is_nothing_to_say(sqlite_office_url: str, tmp_path: Path) -> None:
    async with open_office(sqlite_office_url, tmp_path, ALUR_TRUSTED_PROXIES="127.0.0.0/8") as office:
        assert await warnings(office, FORWARDED) == 0
