import errno
import hashlib
import os
import stat
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.problems import PayloadTooLarge, Unavailable
from app.outside import blobs as module
from app.outside.blobs import BATCH_BYTES, READ_BYTES, BlobMissing, BlobTooLarge, DiskBlobs, StorageFull, TemporaryBlob, blobs_from_url

CAP = 10 * BATCH_BYTES
HOSTILE_KEYS = [
    "",
    "/",
    "..",
    "../incoming",
    "../../etc/passwd",
    "/etc/passwd",
    "ab/cd/../../../etc/passwd",
    "ab/cd/..",
    "ab/cd/file",
    "incoming/019aab3c-0000-7000-8000-000000000001",
    "ab/cd/019aab3c-0000-7000-8000-000000000001/",
    "ab/cd/019aab3c-0000-7000-8000-000000000001\n",
    "ab/cd/019aab3c-0000-7000-8000-000000000001\0",
    "AB/CD/019AAB3C-0000-7000-8000-000000000001",
    "ab\\cd\\019aab3c-0000-7000-8000-000000000001",
    "ab/cd/٠19aab3c-0000-7000-8000-000000000001",
]


def run(call: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    return anyio.run(call, *arguments)


@pytest.fixture
def store(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "documents")


def files(store: DiskBlobs) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def open_files() -> list[str]:
    links = [Path("/proc/self/fd") / number for number in os.listdir("/proc/self/fd")]
    return [os.readlink(link) for link in links if link.is_symlink()]


async def upload(store: DiskBlobs, content: bytes, *, chunk: int = 64 * 1024) -> str:
    async with store.receive(CAP) as temporary:
        for start in range(0, len(content), chunk):
            await temporary.write(content[start : start + chunk])
        await temporary.finish()
        return await store.keep(temporary)


async def read(store: DiskBlobs, key: str, start: int, length: int) -> list[bytes]:
    return [piece async for piece in await store.open_range(key, start, length)]


@pytest.mark.parametrize("size", [0, 1, BATCH_BYTES - 1, BATCH_BYTES, 2 * BATCH_BYTES + 12345])
def test_what_was_uploaded_is_read_back(store: DiskBlobs, size: int) -> None:
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


# ── durability ──


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced and linked, in order; a descriptor is named by its path."""
    log: list[str] = []
    fsync, link = os.fsync, os.link

    def record_fsync(descriptor: int) -> None:
        log.append("fsync " + os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    def record_link(source: Path, target: Path) -> None:
        log.append(f"link {target}")
        link(source, target)

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(os, "link", record_link)
    return log


def test_the_bytes_are_synced_before_the_key_exists_and_the_directories_before_it_is_told(store: DiskBlobs, recorded: list[str]) -> None:
    key = run(upload, store, b"isi")
    target = store.root / key
    incoming, rest = recorded[0], recorded[1:]
    assert incoming.startswith(f"fsync {store.root}/incoming/")
    linked = rest.index(f"link {target}")
    assert rest[:linked] == [f"fsync {store.root}", f"fsync {target.parent.parent}"]  # the two directories are new
    assert rest[linked + 1 :] == [f"fsync {target.parent}", f"fsync {target.parent.parent}", f"fsync {store.root}"]


def test_the_root_is_synced_into_its_parents_when_it_is_made(tmp_path: Path, recorded: list[str]) -> None:
    DiskBlobs(tmp_path / "var" / "documents")
    assert recorded == [f"fsync {tmp_path}", f"fsync {tmp_path}/var", f"fsync {tmp_path}/var/documents"]


def test_only_a_finished_upload_is_kept(store: DiskBlobs) -> None:
    async def keep_unfinished() -> None:
        async with store.receive(CAP) as temporary:
            await temporary.write(b"half")
            await store.keep(temporary)

    with pytest.raises(ValueError, match="finished"):
        run(keep_unfinished)
    assert files(store) == []


def test_nothing_is_written_after_the_end(store: DiskBlobs) -> None:
    async def write_on() -> None:
        async with store.receive(CAP) as temporary:
            await temporary.write(b"all")
            await temporary.finish()
            await temporary.write(b"more")
            await temporary.finish()

    with pytest.raises(ValueError, match="finished or discarded"):
        run(write_on)


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


# ── no overwriting ──


@pytest.fixture(params=["hard links", "no hard links"])
def either_file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """SMB shares have no hard links; the same promises hold there."""

    def unsupported(*_: Any) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", unsupported)


@pytest.mark.usefixtures("either_file_system")
def test_a_key_is_never_given_twice(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    key = run(upload, store, b"first")
    monkeypatch.setattr(module, "_new_key", lambda: key)
    with pytest.raises(FileExistsError):
        run(upload, store, b"second")
    assert run(read, store, key, 0, 5) == [b"first"]
    assert files(store) == [store.root / key]


def test_a_rename_that_fails_gives_its_name_back(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    monkeypatch.setattr(os, "rename", failing(errno.EIO))
    with pytest.raises(OSError, match="failing"):
        run(upload, store, b"x")
    assert files(store) == []


def test_the_same_bytes_twice_are_two_blobs(store: DiskBlobs) -> None:
    assert run(upload, store, b"x") != run(upload, store, b"x")
    assert len(files(store)) == 2


def test_a_blob_that_no_row_names_can_be_removed_and_only_it(store: DiskBlobs) -> None:
    kept, refused = run(upload, store, b"kept"), run(upload, store, b"refused")
    run(store.remove, refused)
    run(store.remove, refused)
    assert files(store) == [store.root / kept]
    assert not run(store.exists, refused)


# ── the cap, and a full disk ──


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


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, "failing as told")

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "link"])
def test_a_full_disk_says_so_and_leaves_nothing(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    monkeypatch.setattr(os, call, failing(number))
    with pytest.raises(StorageFull) as refusal:
        run(upload, store, b"x" * 100)
    monkeypatch.undo()
    assert isinstance(refusal.value, Unavailable)
    assert files(store) == []


def test_a_full_disk_in_the_middle_says_so_and_leaves_nothing(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    write, room = os.write, [BATCH_BYTES + 100]

    def until_full(descriptor: int, data: Any) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(descriptor, bytes(data[: room[0]]))
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", until_full)
    with pytest.raises(StorageFull):
        run(upload, store, bytes(3 * BATCH_BYTES))
    assert files(store) == []


def test_a_disk_that_takes_a_part_at_a_time_gets_it_all(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data[:1000])))
    content = os.urandom(12_345)
    key = run(upload, store, content)
    assert b"".join(run(read, store, key, 0, 12_345)) == content


def test_a_directory_that_cannot_be_synced_takes_the_key_back(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_sync", failing(errno.EIO))
    monkeypatch.setattr(module, "_make_directory", lambda directory: directory.mkdir(parents=True))
    with pytest.raises(OSError, match="failing"):
        run(upload, store, b"x")
    assert files(store) == []


def test_a_network_disk_that_knows_no_directory_sync_is_good_enough(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    assert run(store.exists, run(upload, store, b"x"))


# ── ranges ──


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 0), (0, 1), (5, 0), (3, 4), (9, 1), (0, 10), (10, 0)],
)
def test_a_range_is_exactly_its_bytes(store: DiskBlobs, start: int, length: int) -> None:
    key = run(upload, store, b"0123456789")
    assert b"".join(run(read, store, key, start, length)) == b"0123456789"[start : start + length]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bounds=st.tuples(st.integers(0, 3 * READ_BYTES), st.integers(0, 3 * READ_BYTES)).map(sorted))
def test_a_long_range_comes_in_pieces(store: DiskBlobs, bounds: list[int]) -> None:
    content = bytes(range(256)) * (3 * READ_BYTES // 256)
    key = run(upload, store, content)
    pieces = run(read, store, key, bounds[0], bounds[1] - bounds[0])
    assert b"".join(pieces) == content[bounds[0] : bounds[1]]
    assert all(0 < len(piece) <= READ_BYTES for piece in pieces)


@pytest.mark.parametrize(("start", "length"), [(-1, 1), (0, -1), (0, 11), (10, 1), (11, 0)])
def test_a_range_outside_the_blob_is_refused_before_the_first_byte(store: DiskBlobs, start: int, length: int) -> None:
    key = run(upload, store, b"0123456789")
    with pytest.raises(ValueError, match="outside"):
        run(store.open_range, key, start, length)


def test_a_missing_blob_is_told_before_the_first_byte(store: DiskBlobs) -> None:
    with pytest.raises(BlobMissing):
        run(store.open_range, "ab/cd/019aab3c-0000-7000-8000-00000000cdab", 0, 1)


def test_a_blob_that_vanishes_or_shrinks_while_read_is_told(store: DiskBlobs) -> None:
    async def while_reading(key: str, spoil: Callable[[Path], Any]) -> None:
        pieces = await store.open_range(key, 0, 3 * READ_BYTES)
        await anext(aiter(pieces))
        spoil(store.root / key)
        async for _ in pieces:
            pass

    for spoil in (Path.unlink, lambda path: os.truncate(path, READ_BYTES)):
        with pytest.raises(BlobMissing):
            run(while_reading, run(upload, store, bytes(3 * READ_BYTES)), spoil)


def test_a_reader_who_goes_away_leaves_no_file_open(store: DiskBlobs) -> None:
    async def read_one_piece() -> None:
        key = await upload(store, bytes(3 * READ_BYTES))
        pieces = await store.open_range(key, 0, 3 * READ_BYTES)
        await anext(aiter(pieces))
        assert not any(str(store.root) in name for name in open_files())

    run(read_one_piece)


# ── keys ──


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_hostile_key_touches_nothing(store: DiskBlobs, key: str) -> None:
    for call in (store.size, store.exists, store.remove, lambda key: store.open_range(key, 0, 1)):
        with pytest.raises(ValueError, match="storage key"):
            run(call, key)


# ── sweeping ──


def test_what_a_crash_left_is_swept_and_what_is_under_way_is_not(store: DiskBlobs) -> None:
    now = datetime(2027, 1, 4, 7, 30, tzinfo=UTC)
    key = run(upload, store, b"kept")
    for name, hours in (("left by a crash", 25), ("just old enough", 24.001), ("under way", 23)):
        path = store.root / "incoming" / name
        path.write_bytes(b"half")
        written = (now - timedelta(hours=hours)).timestamp()
        os.utime(path, (written, written))
    os.utime(store.root / key, (0, 0))
    assert run(store.sweep, timedelta(hours=24), now) == 2
    assert {path.name for path in files(store)} == {"under way", Path(key).name}


def test_an_upload_finished_while_sweeping_is_no_error(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "iterdir", lambda self: iter([self / "finished meanwhile"]))
    assert run(store.sweep, timedelta(0), datetime(2027, 1, 4, tzinfo=UTC)) == 0


# ── the URL ──


@pytest.mark.parametrize("form", ["file://{}", "file://localhost{}", "file:{}"])
def test_a_file_url_names_a_directory_that_is_made(tmp_path: Path, form: str) -> None:
    root = tmp_path / "dokumen kantor" / "documents"
    assert blobs_from_url(form.format(str(root).replace(" ", "%20"))).root == root
    assert root.is_dir()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "names no scheme"),
        ("/var/documents", "names no scheme"),
        ("s3://bucket/prefix", "names s3; use file:///absolute/path"),
        ("https://alur.test/documents", "names https"),
        ("file://var/documents", "absolute path, with three slashes"),
        ("file://./var/documents", "absolute path, with three slashes"),
        ("file:var/documents", "absolute path"),
        ("file:///", "absolute path"),
        ("file://", "absolute path"),
        ("file:///documents?x=1", "percent-encoded"),
        ("file:///documents#x", "percent-encoded"),
        ("file:///documents%00", "absolute path"),
    ],
)
def test_any_other_url_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        blobs_from_url(url)
