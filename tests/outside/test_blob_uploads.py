"""What is uploaded: its bytes, its key and its cap; and nothing is left of what was not kept."""

import hashlib
import os

import pytest

from app.outside.storage import BATCH_BYTES, Blobs
from tests.support.blobs import CAP, read, run


@pytest.mark.parametrize("size", [0, 1, BATCH_BYTES - 1, BATCH_BYTES, 2 * BATCH_BYTES + 12345])
def test_what_was_uploaded_is_read_back(store: Blobs, size: int) -> None:
    content = os.urandom(size)

    async def there_and_back() -> None:
        async with store.receive(CAP) as temporary:
            for start in range(0, size, 60_000):
                await temporary.write(content[start : start + 60_000])
            await temporary.finish()
            assert (temporary.size, temporary.sha256) == (size, hashlib.sha256(content).hexdigest())
            key = await store.keep(temporary)
        assert await store.exists(key)
        assert await store.size(key) == size
        assert b"".join(await read(store, key, 0, size)) == content

    run(there_and_back)


def test_nothing_is_written_after_the_end(store: Blobs) -> None:
    async def write_on() -> None:
        async with store.receive(CAP) as temporary:
            await temporary.write(b"all")
            await temporary.finish()
            await temporary.write(b"more")
            await temporary.finish()

    with pytest.raises(ValueError, match="finished or discarded"):
        run(write_on)
