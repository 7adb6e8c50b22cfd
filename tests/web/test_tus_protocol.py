"""What tus 1.0.0 says that a server must, beyond what clients notice every day: metadata, method override, the end of a file, its version."""

from collections.abc import AsyncIterator
from uuid import UUID

import anyio
import pytest
from httpx import AsyncClient
from structlog.testing import capture_logs

from app.store.resumable_uploads import find_upload
from tests.support.office import Office
from tests.support.shared_office import fresh, nothing_saved
from tests.support.tus import BYTES, TUS, Tus, metadata
from tests.web.test_frame_errors import problem

PDF = b"%PDF-1.7 " + b"x" * 3000
SAID = metadata(slot="draf_tim", filename="a/b.pdf", filetype="application/pdf", relativePath="") + ", empty"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
async def client(office: Office) -> Tus:
    return await Tus.of(office, await fresh(office))


def overriding(method: str, **more: str) -> dict[str, str]:
    return TUS | {"X-HTTP-Method-Override": method} | {name.replace("_", "-"): value for name, value in more.items()}


async def test_metadata_comes_back_as_it_was_sent(client: Tus) -> None:
    """Also keys that mean nothing here, and a name that we would not keep."""
    created = await client.create(len(PDF), headers={"Upload-Metadata": SAID})
    at = created.headers["Location"]
    assert (created.json()["filename"], (await client.client.head(at, headers=TUS)).headers["Upload-Metadata"]) == ("b.pdf", SAID)
    await client.send(at, PDF)
    assert (await client.client.head(at, headers=TUS)).headers["Upload-Metadata"] == SAID


async def test_a_method_said_in_a_header(client: Tus) -> None:
    """For clients whose proxy lets neither PATCH nor DELETE through. The log names what was done."""
    at = await client.begun(len(PDF))
    with capture_logs() as lines:
        sent = await client.client.post(at, content=PDF, headers=overriding("PATCH", Upload_Offset="0", Content_Type=BYTES))
    assert (sent.status_code, sent.headers["Upload-Offset"]) == (204, str(len(PDF)))
    assert [(line["method"], line["status"]) for line in lines if line["event"] == "request"] == [("PATCH", 204)]
    assert (await client.client.post(at, headers=overriding("DELETE"))).status_code == 204
    problem(await client.client.get(at), 404, "not_found")


@pytest.mark.parametrize("said", ["PUT", "GET", "HEAD", "patch", "POST", ""])
async def test_no_other_method_is_said_so(client: Tus, said: str) -> None:
    at = await client.begun(len(PDF))
    problem(await client.client.post(at, headers=overriding(said, Upload_Offset="0", Content_Type=BYTES)), 405, "method_not_allowed")


async def test_nowhere_else_and_by_no_other_method(office: Office, client: Tus) -> None:
    at, camat = await client.begun(len(PDF)), client.client
    assert (await camat.get(at, headers=overriding("DELETE"))).status_code == 200
    problem(await camat.post(f"/v1/instances/{client.run.id}", headers=overriding("PATCH"), json={}), 405, "method_not_allowed")
    assert await client.offset(at) == 0
    other = await Tus.of(office, client.run, "sekretaris")
    problem(await other.client.post(at, headers=overriding("DELETE")), 404, "not_found")


@pytest.mark.parametrize("streamed", [False, True])
async def test_nothing_comes_behind_the_end(office: Office, client: Tus, streamed: bool) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield b"x"

    at = await client.begun(len(PDF))
    assert (await client.send(at, PDF)).status_code == 204
    async with nothing_saved(office):
        problem(await client.send(at, stream() if streamed else b"x", len(PDF)), 413, "payload_too_large")
        assert (await client.send(at, b"", len(PDF))).headers["Upload-Offset"] == str(len(PDF))
    assert (await client.shown(at))["version"] == 1


async def test_whoever_says_no_version_is_told_which(client: Tus) -> None:
    at = await client.begun(len(PDF))
    answer = await client.client.delete(at)
    problem(answer, 412, "tus_version_unsupported")
    assert (answer.headers["Tus-Version"], answer.headers["Tus-Resumable"]) == ("1.0.0", "1.0.0")


async def test_a_server_that_stops_before_the_first_byte_records_no_part(office: Office, client: Tus) -> None:
    asked = anyio.Event()

    async def nothing_yet() -> AsyncIterator[bytes]:
        asked.set()
        await anyio.sleep_forever()
        yield b""

    at = await client.begun(len(PDF))
    async with nothing_saved(office), anyio.create_task_group() as group:
        group.start_soon(client.send, at, nothing_yet())
        await asked.wait()
        group.cancel_scope.cancel()
    async with office.database.read() as connection:
        found = await find_upload(connection, UUID(at.rpartition("/")[2]))
    assert found is not None
    assert (found.received, found.parts) == (0, ())


async def test_head_knows_no_ranges(client: Tus) -> None:
    camat: AsyncClient = client.client
    at = await client.begun(len(PDF))
    made = await client.send(at, PDF)
    answer = await camat.head(f"{made.headers['Content-Location']}/versions/1/content", headers={"Range": "bytes=5000-"})
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, str(len(PDF)), b"")
