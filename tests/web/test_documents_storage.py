"""Uploads and the disk: durable before the row that names them, sent twice and kept once, and no file that no row names."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import event
from starlette.types import Message

from app.domain.problems import StorageFull, Unavailable
from app.outside.storage import TemporaryBlob
from app.usecases import documents as usecases
from tests.support.forms import FORM, PDF, Feed, a_file, feed, form, part
from tests.support.office import Office, Run, digest
from tests.support.shared_office import blobs_of, files, fresh, nothing_saved, saved
from tests.web.test_frame_errors import problem

DRAFT = form(part("slot", "draf_tim"), a_file())
KEY = {"Idempotency-Key": "unggah-1"}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def post(client: AsyncClient, run: Run, body: bytes | Feed = DRAFT, headers: dict[str, str] | None = None) -> Response:
    content = body if isinstance(body, bytes) else aiter(body)
    return await client.post(f"/v1/instances/{run.id}/documents", content=content, headers=FORM | (headers or {}))


# ── durable first ───────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def watching(office: Office, seen: list[str]) -> Iterator[None]:
    """Notes what reaches the database, and how many files lay in the store by then."""

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO document_version" in statement:
            seen.append(f"row, {len(files(office))} files")

    def begun(_connection: object) -> None:
        seen.append("begin")

    engine = office.database._writer.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "begin", begun)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
        event.remove(engine, "begin", begun)


async def test_bytes_are_durable_before_a_row_names_them_and_no_transaction_is_open_meanwhile(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, camat, blobs = await fresh(office), await office.as_("camat"), blobs_of(office)
    seen: list[str] = []
    before, keep = len(files(office)), blobs.keep

    async def kept(temporary: Any) -> str:
        assert temporary.finished
        key = await keep(temporary)
        seen.append("kept")
        return key

    async def midway() -> None:
        seen.append("receiving")

    finish = TemporaryBlob.finish

    async def finished(temporary: TemporaryBlob) -> None:
        await finish(temporary)
        seen.append("received")

    monkeypatch.setattr(blobs, "keep", kept)
    monkeypatch.setattr(TemporaryBlob, "finish", finished)
    with watching(office, seen):
        assert (await post(camat, run, feed("draf_tim", size=9000, midway=midway))).status_code == 201
    begins = [n for n, what in enumerate(seen) if what == "begin" and n > seen.index("receiving")]
    assert [what for what in seen if what != "begin"] == ["receiving", "received", "kept", f"row, {before + 1} files"]
    assert all(n > seen.index("received") for n in begins)


# ── sent twice ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_same_upload_again_is_answered_as_the_first_time(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    first = await post(camat, run, headers=KEY)
    async with nothing_saved(office):
        reordered = form(a_file(), part("slot", "draf_tim"))
        for again in (await post(camat, run, headers=KEY), await post(camat, run, reordered, headers=KEY)):
            assert (again.status_code, again.content, again.headers["location"]) == (201, first.content, first.headers["location"])
            assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


@pytest.mark.parametrize(
    "other",
    [
        form(part("slot", "draf_tim"), a_file(b"%PDF-1.7 other bytes")),
        form(part("slot", "draf_tim"), a_file(filename="other.pdf")),
        form(part("slot", "struktur_organisasi"), a_file()),
        form(part("slot", "draf_tim"), part("copy_of", "1")),
    ],
    ids=["bytes", "name", "slot", "copy"],
)
async def test_the_key_with_another_upload_is_refused(office: Office, other: bytes) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    headers = {"Idempotency-Key": f"k-{run.id}"}
    assert (await post(camat, run, headers=headers)).status_code == 201
    async with nothing_saved(office):
        problem(await post(camat, run, other, headers=headers), 422, "idempotency_key_reused")


async def test_a_copy_sent_twice_is_made_once(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    assert (await post(camat, run)).status_code == 201
    copy, headers = form(part("slot", "draf_tim"), part("copy_of", "1")), {"Idempotency-Key": f"c-{run.id}"}
    first = await post(camat, run, copy, headers=headers)
    async with nothing_saved(office):
        assert (await post(camat, run, copy, headers=headers)).content == first.content


async def test_a_retry_is_answered_whatever_has_happened_since(office: Office) -> None:
    """The version that If-Match named has passed, and the caller performs this step no longer."""
    run, camat = await fresh(office), await office.as_("camat")
    tag = (await camat.get(f"/v1/instances/{run.id}")).headers["etag"]
    headers = {"Idempotency-Key": f"late-{run.id}", "If-Match": tag}
    first = await post(camat, run, headers=headers)
    assert (await run.upload("camat", "struktur_organisasi")).status_code == 201
    assert (await run.act("camat", "complete", step=1)).status_code == 201
    async with nothing_saved(office):
        assert (await post(camat, run, headers=headers)).content == first.content
        problem(await post(camat, run, form(part("slot", "draf_tim"), a_file(PDF + b"new")), headers=headers), 422, "idempotency_key_reused")


async def test_a_key_is_its_callers_own(office: Office) -> None:
    run = await fresh(office, at_step=4)
    headers, body = {"Idempotency-Key": f"own-{run.id}"}, form(part("slot", "data_kinerja"), a_file())
    first = await post(await office.as_("tim1"), run, body, headers=headers)
    second = await post(await office.as_("tim2"), run, body, headers=headers)
    assert [answer.json()["version"] for answer in (first, second)] == [1, 2]


async def test_a_refusal_is_not_kept_under_the_key(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    headers = {"Idempotency-Key": f"again-{run.id}"}
    assert (await run.act("camat", "suspend", reason="Sakit")).status_code == 201
    problem(await post(camat, run, headers=headers), 409, "instance_suspended")
    assert (await run.act("camat", "resume")).status_code == 201
    assert (await post(camat, run, headers=headers)).status_code == 201


# ── nothing left behind ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_changes_while_bytes_are_received_is_judged_again(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    stored = files(office)
    body = feed("draf_tim", size=50_000, midway=lambda: run.act("sekretaris", "suspend", reason="Mendadak"))
    problem(await post(camat, run, body), 409, "instance_suspended")
    assert files(office) == stored
    assert (await run.get())["steps"][0]["outputs"][0]["filled"] is False


async def test_an_if_match_that_went_stale_meanwhile_leaves_nothing(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    tag = (await camat.get(f"/v1/instances/{run.id}")).headers["etag"]
    stored = files(office)
    body = feed("draf_tim", size=50_000, midway=lambda: run.act("camat", "suspend", reason="Mendadak"))
    problem(await post(camat, run, body, headers={"If-Match": tag}), 412, "precondition_failed")
    assert files(office) == stored


@pytest.mark.parametrize(("raised", "status", "left"), [(StorageFull("no space"), 507, 0), (OSError(5, "input/output error"), 500, 0)])
async def test_a_disk_that_fails_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch, raised: Exception, status: int, left: int) -> None:
    async def fails(_: object) -> str:
        raise raised

    run, camat = await fresh(office), await office.as_("camat")
    monkeypatch.setattr(blobs_of(office), "keep", fails)
    async with nothing_saved(office):
        answer = await post(camat, run)
    problem(answer, status, "storage_full" if status == 507 else "internal_error")


async def test_bytes_are_kept_where_the_outcome_is_unknown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit may have happened although nobody heard of it: a row must not name a file that was removed."""

    async def goes_away(*_: object, **__: object) -> None:
        raise Unavailable

    run, camat = await fresh(office), await office.as_("camat")
    stored = files(office)
    monkeypatch.setattr(usecases, "upload", goes_away)
    problem(await post(camat, run), 503, "unavailable")
    (left,) = files(office) - stored
    assert digest(left.read_bytes()) == digest(PDF)


async def raw_post(office: Office, run: Run, messages: list[Message]) -> list[Message]:
    """An upload as the server hands it over, message by message."""
    camat = await office.as_("camat")
    headers = [(b"authorization", camat.headers["authorization"].encode()), (b"content-type", FORM["Content-Type"].encode())]
    path = f"/v1/instances/{run.id}/documents"
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "http_version": "1.1",
    }
    sent: list[Message] = []
    coming = iter(messages)

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    await office.app(scope, receive, send)
    return sent


async def test_a_sender_who_goes_away_leaves_nothing(office: Office) -> None:
    run = await fresh(office)
    await office.as_("camat")
    half: Message = {"type": "http.request", "body": form(part("slot", "draf_tim"), a_file(b"x" * 2_000_000))[:-100], "more_body": True}
    async with nothing_saved(office):
        assert await raw_post(office, run, [half, {"type": "http.disconnect"}]) == []
    whole: list[Message] = [{"type": "http.request", "body": DRAFT[n : n + 1], "more_body": True} for n in range(len(DRAFT))]
    sent = await raw_post(office, run, [*whole, {"type": "http.request", "body": b"", "more_body": False}])
    assert sent[0]["status"] == 201


async def test_every_file_in_the_store_is_named_by_a_row(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    stored, rows = files(office), (await saved(office.database))["document_version"]
    acts: list[Callable[[], Awaitable[Response]]] = [
        lambda: post(camat, run, headers={"Idempotency-Key": f"x-{run.id}"}),
        lambda: post(camat, run, headers={"Idempotency-Key": f"x-{run.id}"}),
        lambda: post(camat, run, form(part("slot", "laporan_final"), a_file())),
        lambda: post(camat, run, form(part("slot", "draf_tim"), a_file(), part("x", "y"))),
        lambda: post(camat, run, form(part("slot", "draf_tim"), a_file(b""))),
        lambda: post(camat, run),
    ]
    assert [(await act()).status_code for act in acts] == [201, 201, 409, 422, 422, 201]
    assert len(files(office) - stored) == (await saved(office.database))["document_version"] - rows == 2
