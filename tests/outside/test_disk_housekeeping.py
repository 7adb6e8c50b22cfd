"""The store itself: the URL that names it, the keys it looks at, what is removed from it and what is swept."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.outside.storage import DiskBlobs, blobs_from_url, disk
from tests.support.blobs import files, run, upload

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
        ("s3://bucket/prefix", "set ALUR_S3_ACCESS_KEY_ID"),
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


def test_a_place_where_no_directory_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "berkas").write_text("not a directory")
    with pytest.raises(ValueError, match=r"ALUR_STORAGE_URL names .*berkas/documents, where no files can be kept: "):
        blobs_from_url(f"file://{tmp_path}/berkas/documents")


# ── keys ──


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


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_hostile_key_touches_nothing(store: DiskBlobs, key: str) -> None:
    for call in (store.size, store.exists, store.remove, lambda key: store.open_range(key, 0, 1)):
        with pytest.raises(ValueError, match="storage key"):
            run(call, key)


# ── removing and sweeping ──


def test_a_blob_that_no_row_names_can_be_removed_and_only_it(store: DiskBlobs) -> None:
    kept, refused = run(upload, store, b"kept"), run(upload, store, b"refused")
    run(store.remove, refused)
    run(store.remove, refused)
    assert files(store) == [store.root / kept]
    assert not run(store.exists, refused)


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


def test_what_is_kept_is_listed_by_age_in_batches_and_uploads_under_way_are_not(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LISTED_KEYS", 1)
    now = datetime(2027, 1, 4, 7, 30, tzinfo=UTC)
    keys = {name: run(upload, store, name.encode()) for name in ("old", "older", "new")}
    for name, hours in (("old", 24.001), ("older", 500), ("new", 23)):
        written = (now - timedelta(hours=hours)).timestamp()
        os.utime(store.root / keys[name], (written, written))
    (store.root / "incoming" / "under way").write_bytes(b"half")
    os.utime(store.root / "incoming" / "under way", (0, 0))

    async def listed() -> list[tuple[str, ...]]:
        return [batch async for batch in store.listed(now - timedelta(hours=24))]

    assert sorted(run(listed)) == sorted([(keys["old"],), (keys["older"],)])
