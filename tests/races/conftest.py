"""Races are run on PostgreSQL: on SQLite one write connection takes all acts in turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.office import Office, open_office


@pytest.fixture
async def office(postgres_office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(postgres_office_url, tmp_path) as opened:
        yield opened
