"""Resumable upload as tus 1.0.0 has it: begun, sent in parts, broken off anywhere, finished as a version."""

from collections.abc import AsyncIterator
from uuid import UUID

import anyio
import pytest

from app.domain.documents import CHUNK_BYTES
from app.domain.resumable_uploads import ResumableUpload
from app.store.resumable_uploads import find_upload
from app.web import upload_bodies
from tests.support.office import MONDAY, Office, digest
from tests.support.shared_office import files, fresh, nothing_saved
from tests.support.tus import TUS, Tus, checksum
from tests.web.test_frame_errors import problem

PDF = b"%PDF-1.7 " + bytes(range(256)) * 40


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def tus(office: Office, username: str = "camat") -> Tus:
    return await Tus.of(office, await fresh(office), username)


async def becomes(client: Tus, at: str, content: bytes = PDF) -> None:
    """The version is there, equal, and the upload says so."""
    shown = await client.shown(at)
    assert shown["offset"] == shown["length"] == len(content)
    assert await client.content(shown["document_id"], shown["version"]) == content


async def test_a_file_sent_in_one_piece(office: Office) -> None:
    client = await tus(office)
    created = await client.create(len(PDF), note="Draf pertama", sha256=digest(PDF).upper())
    at = created.headers["Location"]
    assert (created.status_code, created.headers["Tus-Resumable"], created.json()["offset"]) == (201, "1.0.0", 0)
    before = await client.client.head(at, headers=TUS)
    assert (before.headers["Upload-Offset"], before.headers["Upload-Length"], before.content) == ("0", str(len(PDF)), b"")
    assert before.headers["Cache-Control"] == "no-store"
    assert before.headers["Upload-Expires"] == "Wed, 06 Jan 2027 23:30:00 GMT"
    assert MONDAY.isoformat() == "2027-01-04T07:30:00+08:00"

    answer = await client.send(at, PDF)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(PDF)))
    document = (await client.client.get(answer.headers["Content-Location"])).json()
    assert (document["slot"], document["versions"][0]["sha256"], document["versions"][0]["note"]) == ("draf_tim", digest(PDF), "Draf pertama")
    await becomes(client, at)


@pytest.mark.parametrize("cut", [0, 1, 4096, len(PDF) - 1, len(PDF)])
async def test_what_came_before_the_line_broke_is_kept(office: Office, cut: int) -> None:
    client = await tus(office)
    at = await client.begun(len(PDF))
    await client.lose(at, PDF[: cut // 2], PDF[cut // 2 : cut], announced=len(PDF))
    assert await client.offset(at) == cut
    if cut < len(PDF):
        assert (await client.send(at, PDF[cut:], cut)).status_code == 204
    await becomes(client, at)


async def test_a_file_in_many_parts_leaves_one_file_behind(office: Office) -> None:
    client = await tus(office)
    at, before = await client.begun(len(PDF), sha256=digest(PDF)), len(files(office))
    for offset in range(0, len(PDF), 1000):
        assert (await client.send(at, PDF[offset : offset + 1000], offset)).status_code == 204
    await becomes(client, at)
    assert len(files(office)) == before + 1


async def test_a_long_body_is_made_durable_on_its_way(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_bodies, "PART_BYTES", 1000)
    client = await tus(office)
    at = await client.begun(len(PDF))
    await client.lose(at, *(PDF[start : start + 600] for start in range(0, 6000, 600)), announced=len(PDF))
    assert len((await _row(office, at)).parts) == 5
    assert (await client.send(at, PDF[6000:], 6000)).status_code == 204
    await becomes(client, at)


async def _row(office: Office, at: str) -> ResumableUpload:
    async with office.database.read() as connection:
        found = await find_upload(connection, UUID(at.rpartition("/")[2]))
    assert found is not None
    return found


async def test_a_line_that_falls_silent_is_told_so_and_keeps_what_came(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stalling() -> AsyncIterator[bytes]:
        yield PDF[:500]
        await anyio.sleep_forever()

    monkeypatch.setattr(upload_bodies, "SILENCE_SECONDS", 0.05)
    client = await tus(office)
    at = await client.begun(len(PDF))
    problem(await client.send(at, stalling()), 408, "upload_silent")
    assert await client.offset(at) == 500
    assert (await client.send(at, PDF[500:], 500)).status_code == 204


# ── offsets and headers ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_bytes_from_elsewhere_are_refused(office: Office) -> None:
    client = await tus(office)
    at = await client.begun(len(PDF))
    assert (await client.send(at, PDF[:100])).status_code == 204
    for offset in (0, 99, 101):
        problem(await client.send(at, PDF[offset:], offset), 409, "offset_mismatch")
    problem(await client.send(at, PDF[100:] + b"x", 100), 413, "payload_too_large")
    assert await client.offset(at) == 100
    assert (await client.send(at, b"", 100)).headers["Upload-Offset"] == "100"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "tus_version_unsupported"),
        ({"Content-Type": "application/octet-stream"}, 415, "unsupported_media_type"),
        ({"Upload-Offset": "-1"}, 422, "invalid_request"),
        ({"Upload-Checksum": "crc32 AAAA"}, 400, "checksum_unsupported"),
        ({"Upload-Checksum": "sha1 ???"}, 422, "invalid_request"),
    ],
)
async def test_headers_that_cannot_be(office: Office, headers: dict[str, str], status: int, code: str) -> None:
    client = await tus(office)
    at = await client.begun(len(PDF))
    answer = await client.send(at, PDF, headers=headers)
    problem(answer, status, code)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert ("Tus-Version" in answer.headers) == (code == "tus_version_unsupported")
    assert await client.offset(at) == 0


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
async def test_a_checksum_is_all_or_nothing(office: Office, algorithm: str) -> None:
    client = await tus(office)
    at = await client.begun(len(PDF))
    problem(await client.send(at, PDF[:500], headers=checksum(PDF[:501], algorithm)), 460, "checksum_mismatch")
    assert await client.offset(at) == 0
    await client.lose(at, PDF[:300], announced=500, headers=checksum(PDF[:500], algorithm))
    assert await client.offset(at) == 0
    assert (await client.send(at, PDF[:500], headers=checksum(PDF[:500], algorithm))).status_code == 204
    assert (await client.send(at, PDF[500:], 500, headers=checksum(PDF[500:], algorithm))).status_code == 204
    await becomes(client, at)


async def test_options_say_what_is_spoken(office: Office) -> None:
    client = await tus(office)
    answer = await office.client().options(f"/v1/instances/{client.run.id}/uploads")
    assert (answer.status_code, answer.headers["Tus-Version"]) == (204, "1.0.0")
    assert answer.headers["Tus-Extension"] == "creation,expiration,termination,checksum"
    assert answer.headers["Tus-Max-Size"] == str(512 * CHUNK_BYTES)


# ── before the first byte ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"slot": "bukan_slot"}, 422, "unknown_slot"),
        ({"slot": "laporan_final"}, 409, "slot_closed"),
        ({"note": "x" * 4001}, 422, "invalid_request"),
        ({"sha256": "abc"}, 422, "invalid_request"),
    ],
)
async def test_nobody_sends_a_file_for_nothing(office: Office, more: dict[str, str], status: int, code: str) -> None:
    client = await tus(office)
    async with nothing_saved(office):
        problem(await client.create(10, **more), status, code)
        problem(await client.create(0), 422, "invalid_request")
        problem(await client.create(10, headers={"Upload-Defer-Length": "1"}), 422, "invalid_request")
        problem(await client.create(10, headers={"Tus-Resumable": "2.0.0"}), 412, "tus_version_unsupported")
        problem(await client.create(2**40), 413, "payload_too_large")


async def test_the_same_creation_twice_is_one(office: Office) -> None:
    client = await tus(office)
    key = {"Idempotency-Key": "tus-1"}
    first, again = await client.create(10, headers=key), await client.create(10, headers=key)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    problem(await client.create(11, headers=key), 422, "idempotency_key_reused")


async def test_an_upload_is_its_senders_alone(office: Office) -> None:
    client = await tus(office)
    at = await client.begun(len(PDF))
    for username in ("sekretaris", "staf", "auditor", "admin", "camat.muarajawa"):
        other = await Tus.of(office, client.run, username)
        problem(await other.client.get(at), 404, "not_found")
        problem(await other.send(at, PDF), 404, "not_found")
        problem(await other.client.delete(at, headers=TUS), 404, "not_found")
    assert await client.offset(at) == 0


# ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_terminated_upload_leaves_nothing(office: Office) -> None:
    client = await tus(office)
    async with nothing_saved(office):
        at = await client.begun(len(PDF))
        await client.send(at, PDF[:500])
        assert (await client.client.delete(at, headers=TUS)).status_code == 204
    problem(await client.client.get(at), 404, "not_found")


async def test_a_file_that_is_not_the_one_announced_ends_the_upload(office: Office) -> None:
    client = await tus(office)
    async with nothing_saved(office):
        at = await client.begun(len(PDF), sha256=digest(b"lain"))
        await client.send(at, PDF[:500])
        problem(await client.send(at, PDF[500:], 500), 422, "sha256_differs")
        problem(await client.client.get(at), 404, "not_found")


@pytest.mark.parametrize("first", [0, 700])
async def test_what_is_refused_at_the_end_can_be_brought_again(office: Office, first: int) -> None:
    """Suspended while the bytes came: all but the last chunk is kept, and its last bytes come again when the instance goes on."""
    content = PDF + b"x" * CHUNK_BYTES
    client = await tus(office)
    at = await client.begun(len(content))
    if first:
        await client.send(at, content[:first])
    assert (await client.run.act("camat", "suspend", reason="Banjir.")).status_code == 201
    problem(await client.send(at, content[first:], first), 409, "instance_suspended")
    assert await client.offset(at) == CHUNK_BYTES
    assert (await client.run.act("camat", "resume")).status_code == 201
    before = len(files(office))
    assert (await client.send(at, content[CHUNK_BYTES:], CHUNK_BYTES)).status_code == 204
    await becomes(client, at, content)
    assert len(files(office)) <= before


async def test_a_repeated_last_part_adds_no_second_version(office: Office) -> None:
    client = await tus(office)
    at = await client.begun(len(PDF))
    await client.send(at, PDF)
    problem(await client.send(at, PDF), 409, "offset_mismatch")
    assert (await client.shown(at))["version"] == 1


async def test_whose_parts_another_has_used_up_meanwhile_is_told_that_it_moved(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await tus(office)
    at = await client.begun(len(PDF))
    await client.send(at, PDF[:6000])
    store = type(office.app.state.reception.blobs)
    honest = store.read

    async def overtaken(self: object, key: str, start: int, length: int) -> bytes:
        monkeypatch.setattr(store, "read", honest)
        assert (await client.send(at, PDF[6000:], 6000)).status_code == 204
        found: bytes = await honest(self, key, start, length)
        return found

    monkeypatch.setattr(store, "read", overtaken)
    problem(await client.send(at, PDF[6000:], 6000), 409, "offset_mismatch")
    await becomes(client, at)
