"""What an upload is on this machine's disk: its key, its modes and its cap; and nothing is left of what was not kept."""

import os
import stat
import threading
from pathlib import Path
from uuid import UUID

import anyio
import pytest

from app.domain.problems import PayloadTooLarge
from app.outside.storage import BATCH_BYTES, BlobTooLarge, DiskBlobs, TemporaryBlob
from tests.support.blobs import CAP, files, run, upload


def test_a_key_is_a_uuid7_under_two_of_its_random_digits_each(store: DiskBlobs) -> None:
    first, second, name = run(upload, store, b"x").split("/")
    assert UUID(name).version == 7
    assert (second, first) == (name[-4:-2], name[-2:])


def test_others_on_the_machine_read_neither_files_nor_names(store: DiskBlobs) -> None:
    key = run(upload, store, b"daftar gaji")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (store.root / key, store.root / "incoming", (store.root / key).parent)}
    assert modes == {0o600, 0o700}


def test_nothing_is_on_the_disk_until_bytes_come(store: DiskBlobs) -> None:
    async def receive_nothing() -> None:
        async with store.receive(CAP):
            assert files(store) == []

    run(receive_nothing)
    assert files(store) == []


def test_many_small_chunks_are_few_visits_to_a_thread(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    visits, loop_thread = [], threading.get_ident()
    write = os.write

    def counted(descriptor: int, data: bytes) -> int:
        if threading.get_ident() != loop_thread:
            visits.append(len(data))
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", counted)

    async def send() -> None:
        async with store.receive(CAP) as temporary:
            for _ in range(3000):
                await temporary.write(bytes(1000))
            await temporary.finish()

    run(send)
    assert sum(visits) == 3_000_000
    assert len(visits) == 3


def test_the_cap_is_met_exactly_and_one_byte_more_is_refused(store: DiskBlobs) -> None:
    async def send(size: int) -> int:
        async with store.receive(1000) as temporary:
            for start in range(0, size, 7):
                await temporary.write(bytes(min(7, size - start)))
            await temporary.finish()
            return temporary.size

    assert run(send, 1000) == 1000
    with pytest.raises(BlobTooLarge) as refusal:
        run(send, 1001)
    assert isinstance(refusal.value, PayloadTooLarge)
    assert refusal.value.limit == 1000
    assert files(store) == []


def test_a_chunk_over_the_cap_is_not_even_buffered(tmp_path: Path) -> None:
    temporary = TemporaryBlob(tmp_path / "x", 10)
    with pytest.raises(BlobTooLarge):
        run(temporary.write, bytes(11))
    assert temporary.size == 0


def test_only_a_finished_upload_is_kept(store: DiskBlobs) -> None:
    async def keep_unfinished() -> None:
        async with store.receive(CAP) as temporary:
            await temporary.write(b"half")
            await store.keep(temporary)

    with pytest.raises(ValueError, match="finished"):
        run(keep_unfinished)
    assert files(store) == []


def test_an_upload_that_is_not_kept_leaves_nothing(store: DiskBlobs) -> None:
    async def give_up(*, finish: bool) -> None:
        async with store.receive(CAP) as temporary:
            await temporary.write(bytes(BATCH_BYTES))
            if finish:
                await temporary.finish()
            assert len(files(store)) == 1

    for finish in (True, False):
        run(lambda finish=finish: give_up(finish=finish))
        assert files(store) == []


def test_an_upload_whose_task_is_cancelled_leaves_nothing(store: DiskBlobs) -> None:
    async def client_goes_away() -> None:
        with anyio.move_on_after(0.05):
            async with store.receive(CAP) as temporary:
                await temporary.write(bytes(BATCH_BYTES))
                await anyio.sleep_forever()

    run(client_goes_away)
    assert files(store) == []
