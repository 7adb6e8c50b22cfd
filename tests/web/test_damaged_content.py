"""Bytes that changed in storage: none of a wrong chunk is ever sent, and the log says so once."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from app.store.tables import BlobRow, DocumentVersionRow, table
from app.usecases.audit import verify
from app.usecases.stored_content import note_restored
from app.web.session import act
from app.worker import own_shelf
from tests.support.audit import found
from tests.support.office import Office, Run
from tests.support.shared_office import blobs_of, files, fresh
from tests.web.test_frame_errors import problem

MIB = 1024 * 1024
CONTENT = b"%PDF-1.7" + bytes(n % 251 for n in range(2 * MIB + 1000))
BLOB = table(BlobRow)
VERSION = table(DocumentVersionRow)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def stored(office: Office, run: Run) -> tuple[str, Path]:
    """The address of the content, and the file it lies in."""
    before = files(office)
    made = await run.upload("camat", "draf_tim", CONTENT)
    assert made.status_code == 201, made.text
    (path,) = files(office) - before
    return f"/v1/documents/{made.json()['id']}/versions/1/content", path


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


async def received(office: Office, address: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """What came before the answer broke off."""
    camat, got, status = await office.as_("camat"), b"", 0
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"",
        "http_version": "1.1",
        "headers": [(k.encode(), v.encode()) for k, v in ({"authorization": camat.headers["authorization"]} | headers).items()],
    }

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        nonlocal got, status
        status = message.get("status", status)
        got += message.get("body", b"")

    with suppress(Exception):
        await office.app(scope, receive, send)
    return status, got


async def told(run: Run) -> list[dict[str, Any]]:
    answer = await (await run.office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")
    return [event for event in answer.json()["items"] if event["type"] == "document.damaged"]


@pytest.mark.parametrize(
    ("at", "first"),
    [(0, 0), (MIB - 1, 0), (2 * MIB + 5, MIB + 7), (len(CONTENT) - 1, 2 * MIB + 500)],
    ids=["first byte", "end of first chunk", "second of a range", "last byte"],
)
async def test_a_changed_byte_is_never_sent(office: Office, at: int, first: int) -> None:
    run = await fresh(office)
    address, path = await stored(office, run)
    flip(path, at)
    camat, asked = await office.as_("camat"), {"range": f"bytes={first}-"} if first else {}
    if first // MIB == at // MIB:
        for _ in range(2):
            problem(await camat.get(address, headers=asked), 503, "content_damaged")
    else:
        status, got = await received(office, address, asked)
        assert (status, got) == (206, CONTENT[first : at // MIB * MIB])
    (event,) = await told(run)
    assert (event["actor"], event["data"]["chunk"]) == (None, at // MIB)
    assert (await verify(office.database, None)).intact


@pytest.mark.parametrize("how", ["no row", "no digests"])
async def test_old_rows_are_hashed_whole_before_the_first_byte(office: Office, how: str) -> None:
    run = await fresh(office)
    address, path = await stored(office, run)
    key = str(path.relative_to(blobs_of(office).root))
    async with office.database.write() as connection:
        change = delete(BLOB) if how == "no row" else update(BLOB).values(digests=None)
        await connection.execute(change.where(BLOB.c.storage_key == key))
    camat = await office.as_("camat")
    assert (await camat.get(address)).content == CONTENT
    flip(path, len(CONTENT) - 1)
    problem(await camat.get(address, headers={"Range": "bytes=0-9"}), 503, "content_damaged")
    (event,) = await told(run)
    assert event["data"]["chunk"] is None


async def test_a_copy_of_what_is_damaged_says_so_and_is_whole_again_with_it(office: Office) -> None:
    run = await fresh(office)
    address, path = await stored(office, run)
    camat, form = await office.as_("camat"), {"slot": (None, "draf_tim"), "copy_of": (None, "1")}
    flip(path, 0)
    problem(await camat.get(address), 503, "content_damaged")
    copied = await camat.post(f"/v1/instances/{run.id}/documents", files=form)
    assert copied.status_code == 201
    listed = (await camat.get(f"/v1/documents/{copied.json()['id']}")).json()["versions"]
    assert copied.json()["damaged_at"] == listed[0]["damaged_at"] is not None
    assert await found(office) == []
    key, shelf, at = str(path.relative_to(blobs_of(office).root)), own_shelf(), UUID(run.id)
    flip(path, 0)
    assert await act(office.database, lambda c: note_restored(c, shelf, office.clock(), instance_id=at, storage_key=key))
    listed = (await camat.get(f"/v1/documents/{copied.json()['id']}")).json()["versions"]
    assert [version["damaged_at"] for version in listed] == [None, None]
    assert await found(office) == []


async def test_nobody_initials_what_nobody_can_read(office: Office) -> None:
    run = await fresh(office, at_step=7)
    sekretaris = await office.as_("sekretaris")
    documents = (await sekretaris.get(f"/v1/instances/{run.id}/documents")).json()["items"]
    address = next(f"/v1/documents/{d['id']}/versions/1" for d in documents if d["slot"] == "laporan_final")
    async with office.database.read() as connection:
        version = select(VERSION.c.storage_key).where(VERSION.c.document_id == UUID(address.split("/")[3]))
        key = (await connection.execute(version)).scalar_one()
    flip(blobs_of(office).root / key, 0)
    problem(await sekretaris.get(f"{address}/content"), 503, "content_damaged")
    problem(await sekretaris.post(f"{address}/initials", json={"kind": "hierarchical"}), 409, "version_damaged")
    flip(blobs_of(office).root / key, 0)
    assert await act(office.database, lambda c: note_restored(c, own_shelf(), office.clock(), instance_id=UUID(run.id), storage_key=key))
    assert (await sekretaris.post(f"{address}/initials", json={"kind": "hierarchical"})).status_code == 201
