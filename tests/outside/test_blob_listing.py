"""Listing: what is kept, in batches, up to a moment."""

from datetime import UTC, datetime, timedelta

import pytest

from app.outside.storage import Blobs
from tests.support.blobs import EVERYWHERE, run, upload

pytestmark = EVERYWHERE

LONG_AGO, FAR_OFF = datetime(2001, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)


async def listed(store: Blobs, before: datetime) -> list[str]:
    return [key async for batch in store.listed(before) for key in batch]


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_everything_kept_is_listed_once(store: Blobs, kept: int) -> None:
    keys = [run(upload, store, b"x") for _ in range(kept)]
    assert sorted(run(listed, store, FAR_OFF)) == sorted(keys)


def test_what_came_later_is_not_listed(store: Blobs) -> None:
    run(upload, store, b"x")
    assert run(listed, store, LONG_AGO + timedelta(days=1)) == []
