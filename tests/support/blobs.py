"""A store of documents on a disk, driven from a test that is no coroutine; and calls of the system that fail as told."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from app.outside.storage import BATCH_BYTES, Blobs, DiskBlobs

CAP = 10 * BATCH_BYTES
EVERYWHERE = pytest.mark.parametrize("store", ["disk", "s3"], indirect=True)


def run(call: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    return anyio.run(call, *arguments)


def files(store: DiskBlobs) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


async def upload(store: Blobs, content: bytes, *, chunk: int = 64 * 1024) -> str:
    async with store.receive(CAP) as temporary:
        for start in range(0, len(content), chunk):
            await temporary.write(content[start : start + chunk])
        await temporary.finish()
        return await store.keep(temporary)


async def read(store: Blobs, key: str, start: int, length: int) -> list[bytes]:
    return [piece async for piece in await store.open_range(key, start, length)]


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, "failing as told")

    return fail
