"""How large documents may be: the server, the nearest office that says something, the slot; whole and in parts. And the end of uploads."""

import errno
import os
from datetime import timedelta
from typing import Any

import pytest

from app.domain.documents import CHUNK_BYTES
from app.domain.procedures import Slot
from app.domain.resumable_uploads import MAX_UNFINISHED, FileLimit, resumed_from, smallest
from app.usecases.document_limits import of_slot
from app.worker import sweep
from tests.support.blobs import failing
from tests.support.contract import check_answer
from tests.support.office import SAMBOJA, Office
from tests.support.shared_office import blobs_of, files, fresh, nothing_saved
from tests.support.tus import Tus
from tests.web.test_frame_errors import problem

PDF = b"%PDF-1.7 " + b"x" * 3000
ANY = {"If-Match": "*"}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def say(office: Office, username: str, at: str, *, file: int | None = None, opened: int | None = None) -> Any:
    body = {"max_file_bytes": file, "max_open_bytes": opened}
    answer = await (await office.as_(username)).put(f"/v1/offices/{at}/document-limits", json=body, headers=ANY)
    check_answer("putDocumentLimits", answer)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def limits(office: Office, code: str = SAMBOJA) -> Any:
    answer = await (await office.as_("auditor")).get(f"/v1/offices/{code}/document-limits")
    check_answer("getDocumentLimits", answer)
    return answer.json()


async def test_an_office_says_how_large_and_the_log_knows(office: Office) -> None:
    before = await limits(office)
    assert before["file"] == {"bytes": 512 * CHUNK_BYTES, "office": None}
    said = await say(office, "admin", SAMBOJA, file=2000, opened=5000)
    try:
        assert (said["file"], said["open"]) == ({"bytes": 2000, "office": SAMBOJA}, {"bytes": 5000, "office": SAMBOJA})
        assert said["multipart_bytes"] == 2000
        admin = await office.as_("admin")
        stale = await admin.put(
            f"/v1/offices/{SAMBOJA}/document-limits", json={"max_file_bytes": 1, "max_open_bytes": 1}, headers={"If-Match": '"0.x"'}
        )
        problem(stale, 412, "precondition_failed")

        run = await fresh(office)
        client = await Tus.of(office, run)
        async with nothing_saved(office):
            for answer in (await client.create(2001), await run.upload("camat", "draf_tim", PDF)):
                assert "Samboja" not in problem(answer, 413, "payload_too_large")["detail"]
                assert "2000" in answer.json()["detail"]
        for _ in range(2):
            await client.begun(2000)
        problem(await client.create(1001), 409, "too_many_open_bytes")
    finally:
        again = await say(office, "admin", SAMBOJA)
    assert (again["file"], again["open"], again["version"]) == (before["file"], None, before["version"] + 2)


async def test_what_could_never_begin_is_refused_for_good(office: Office) -> None:
    """Nobody is told to wait until others have finished, where the file alone is more than may be unfinished."""
    run = await fresh(office)
    try:
        said = await say(office, "admin", SAMBOJA, file=5000, opened=2000)
        assert said["file"] == said["open"] == {"bytes": 2000, "office": SAMBOJA}
        assert said["multipart_bytes"] == 5000
        client = await Tus.of(office, run)
        async with nothing_saved(office):
            assert "max_open_bytes" in problem(await client.create(2001), 413, "payload_too_large")["detail"]
        assert (await run.upload("camat", "draf_tim", PDF)).status_code == 201
    finally:
        await say(office, "admin", SAMBOJA)


async def test_whole_files_are_told_of_the_other_way(own_office: Office) -> None:
    own_office.app.state.max_upload_bytes = 1000
    run = await fresh(own_office)
    assert "tus" in problem(await run.upload("camat", "draf_tim", PDF), 413, "payload_too_large")["detail"]


def test_the_smallest_limit_counts() -> None:
    server, office, slot = FileLimit(10, "server"), FileLimit(9, "office"), of_slot(Slot(label="Draf", max_bytes=8))
    assert smallest(server, office, slot) == FileLimit(8, "slot")
    assert smallest(server, None, of_slot(Slot(label="Draf"))) == server


@pytest.mark.parametrize(("length", "kept"), [(1, 0), (CHUNK_BYTES, 0), (CHUNK_BYTES + 1, CHUNK_BYTES), (3 * CHUNK_BYTES, 2 * CHUNK_BYTES)])
def test_what_is_kept_of_a_refused_file_is_never_all(length: int, kept: int) -> None:
    assert resumed_from(length) == kept


async def test_nobody_begins_without_end(own_office: Office) -> None:
    client = await Tus.of(own_office, await fresh(own_office))
    for _ in range(MAX_UNFINISHED):
        await client.begun(10)
    problem(await client.create(10), 409, "too_many_uploads")


async def test_an_expired_upload_is_gone_and_its_bytes_are_swept(each_office: Office) -> None:
    office = each_office
    client = await Tus.of(office, await fresh(office))
    before = len(files(office))
    early, late = await client.begun(len(PDF)), await client.begun(len(PDF))
    await client.send(early, PDF[:100])
    await office.at(office.clock.now + timedelta(hours=71))
    client = await Tus.of(office, client.run)
    await client.send(late, PDF[:100])  # which extends it
    await office.at(office.clock.now + timedelta(hours=2))
    client = await Tus.of(office, client.run)
    problem(await client.client.get(early), 404, "not_found")
    problem(await client.send(early, PDF[100:], 100), 404, "not_found")
    swept = await sweep(office.database, blobs_of(office), office.clock())
    assert swept.expired_uploads == 1
    assert len(files(office)) == before + 1
    assert (await client.send(late, PDF[100:], 100)).status_code == 204


# ── no room ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_full_disk_is_507_and_loses_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first byte, midway, and when the parts are put together."""
    run = await fresh(office)
    client = await Tus.of(office, run)
    at, before = await client.begun(len(PDF)), len(files(office))
    for offset, upto in ((0, 1000), (1000, 2000), (2000, len(PDF))):
        with monkeypatch.context() as full:
            full.setattr(os, "write", failing(errno.ENOSPC))
            answer = await client.send(at, PDF[offset:upto], offset)
            problem(answer, 507, "storage_full")
            assert answer.headers["Retry-After"] == "60"
        assert await client.offset(at) == offset
        if upto < len(PDF):
            assert (await client.send(at, PDF[offset:upto], offset)).status_code == 204
    with monkeypatch.context() as full:
        full.setattr(os, "write", _room_for(len(PDF) - 2000))
        problem(await client.send(at, PDF[2000:], 2000), 507, "storage_full")
        problem(await run.upload("camat", "draf_tim", PDF), 507, "storage_full")
    assert await client.offset(at) == 2000
    assert (await client.send(at, PDF[2000:], 2000)).status_code == 204
    shown = await client.shown(at)
    assert await client.content(shown["document_id"], shown["version"]) == PDF
    assert len(files(office)) == before + 1


def _room_for(room: int) -> Any:
    """`os.write` on a disk with so many bytes left."""
    write, left = os.write, room

    def until_full(descriptor: int, content: Any) -> int:
        nonlocal left
        if len(content) > left:
            return int(failing(errno.ENOSPC)())
        left -= len(content)
        return write(descriptor, content)

    return until_full
