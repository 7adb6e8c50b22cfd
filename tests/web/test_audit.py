"""What a verification finds: rows that no act wrote, streams that nobody has, words and documents that are no longer those of the log."""

import hashlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import rfc8785
from sqlalchemy import Uuid, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.events import GENESIS
from app.domain.witness import OfficeTestimony
from app.store import audit as store
from app.store.events import EVENT, event_hash
from app.store.tables import CommentRow, DocumentVersionRow, InstanceRow, MarkRow, SignOffRow, TransitionRow, table
from app.usecases import audit
from tests.support.audit import events_of, found
from tests.support.office import COURSE, MONDAY, Office, Run, open_office


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        yield opened


async def copy_event(connection: AsyncConnection, source: dict[str, Any], **changed: Any) -> None:
    """Insert an event that only a writer past the application could make: its own hash is right."""
    shown = source | {"id": str(uuid7()), "previous_hash": source["hash"]} | changed
    shown["hash"] = event_hash(shown)
    copied = "id, stream, sequence, previous_hash, hash"
    statement = text(
        f"INSERT INTO event ({copied}, type, instance_id, office_code, at, actor, data)"
        " SELECT :id, :stream, :sequence, :previous_hash, :hash, type, instance_id, office_code, at, actor, data FROM event WHERE id = :source"
    ).bindparams(bindparam("id", type_=Uuid()), bindparam("source", type_=Uuid()))
    values = {name: shown[name] for name in ("stream", "sequence", "previous_hash", "hash")}
    await connection.execute(statement, values | {"id": as_uuid(shown["id"]), "source": as_uuid(source["id"])})


def as_uuid(value: str) -> Any:
    return Uuid().python_type(value)


# ── the ends of streams ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", [1, 5, -1000])
async def test_what_stands_beyond_the_end_is_found(office: Office, place: int) -> None:
    """-1000: before its start, where a reader of the feed meets it all the same."""
    run = await Run.start(office)
    stream = f"instance:{run.id}"
    last = (await events_of(office, stream))[-1]
    async with office.database.write() as connection:
        await copy_event(connection, last, sequence=last["sequence"] + place)
    expected = (stream, last["sequence"] + 1, "end_differs") if place > 0 else (stream, last["sequence"] + place, "sequence_gap")
    assert await found(office) == [expected]
    assert await found(office, instance=run.id) == [expected]


async def test_an_act_during_the_verification_is_no_break(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run, real, acts = await Run.start(office), store.next_events, 2

    async def acting(connection: AsyncConnection, stream: str, *, after: int | None) -> list[Any]:
        nonlocal acts
        if stream == f"instance:{run.id}" and acts:
            acts -= 1
            assert (await run.act("camat", "claim", step=1) if acts else await comment(run, "Sudah dimulai")).status_code == 201
        return await real(connection, stream, after=after)

    monkeypatch.setattr(store, "next_events", acting)
    verdict = await audit.verify(office.database, None)
    assert (verdict.broken, acts, verdict.instances) == ((), 0, 1)
    assert await found(office, instance=run.id) == []


async def comment(run: Run, body: str, username: str = "staf") -> Any:
    return await (await run.office.as_(username)).post(f"/v1/instances/{run.id}/comments", json={"body": body})


async def test_an_instance_started_during_the_verification_is_verified(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store.owned_streams

    async def starting(connection: AsyncConnection, offices: Any) -> list[str]:
        before = await real(connection, offices)
        await Run.start(office)
        return before

    monkeypatch.setattr(store, "owned_streams", starting)
    verdict = await audit.verify(office.database, None)
    assert (verdict.broken, verdict.instances) == ((), 1)


@pytest.mark.parametrize(
    "stream", ["office:nowhere", "instance:01a20440-0000-7000-8000-000000000000", "instance:x", "instance:{other spelling}", "rumour:1"]
)
async def test_a_stream_that_nobody_has_is_found(office: Office, stream: str) -> None:
    run = await Run.start(office)
    stream = stream.replace("{other spelling}", run.id.upper())
    last = (await events_of(office, f"instance:{run.id}"))[-1]
    async with office.database.write() as connection:
        await copy_event(connection, last, stream=stream, sequence=7)
    assert await found(office) == [(stream, 7, "owner_missing")]
    assert [(b.stream, b.code) for b in (await audit.verify(office.database, None)).broken] == [(stream, "owner_missing")]
    assert await found(office, instance=run.id) == []


async def test_data_without_canonical_json_is_a_difference_and_no_failure(office: Office) -> None:
    run = await Run.start(office)
    async with office.database.write() as connection:
        at = EVENT.c.stream == f"instance:{run.id}", EVENT.c.sequence == 2
        await connection.execute(update(EVENT).where(*at).values(data={"step": 2**60}))
    assert await found(office) == [(f"instance:{run.id}", 2, "hash_differs")]


@pytest.mark.parametrize("data", [{}, [], {"account_id": []}, {"account_id": "1", "name": 7}])
def test_data_that_no_act_writes_are_a_difference_and_no_failure(data: Any) -> None:
    """Their hash is right: whoever can write the whole log can also write nonsense."""
    event = {"sequence": 1, "type": "account.created", "office": "64.02.13", "data": data, "previous_hash": GENESIS}
    walk = audit._Walk(OfficeTestimony())
    assert walk.follow([event | {"hash": event_hash(event)}]) == (1, "event_unreadable")


# ── words and documents ─────────────────────────────────────────────────────────────────────────────────────────────


async def a_long_course(office: Office) -> Run:
    """To the end, with everything that people can write on the way."""
    run = await Run.start(office)
    assert (await run.upload("camat", COURSE[1][0][0], note="Rancangan pertama")).status_code == 201
    await run.take(1, comment="Segera")
    assert (await comment(run, "Mohon diperhatikan")).status_code == 201
    await run.take(2)
    assert (await run.act("camat", "suspend", reason="Menunggu data")).status_code == 201
    assert (await run.act("camat", "resume", comment="Lanjut")).status_code == 201
    await run.take(3)
    await run.take(4)
    assert (await run.act("camat", "return", step=5, to_step=4, reason="Belum cocok", comment="Teliti")).status_code == 201
    await run.take(4)
    await office.at(MONDAY.replace(month=3))
    await run.take(5, late_reason="Bencana banjir")
    await run.take(6, late_reason="Bencana banjir")
    await run.take(7, late_reason="Bencana banjir")
    return run


CHANGES: list[tuple[Any, str, Any, str]] = [
    (CommentRow, "body", "Tidak perlu", "words_differ"),
    (TransitionRow, "reason", "Sudah cocok", "words_differ"),
    (TransitionRow, "late_reason", "Lupa", "words_differ"),
    (TransitionRow, "comment", "Biasa saja", "words_differ"),
    (TransitionRow, "actor", {"name": "Orang Lain"}, "words_differ"),
    (CommentRow, "actor", {"name": "Orang Lain"}, "words_differ"),
    (SignOffRow, "late_reason", "Lupa", "words_differ"),
    (InstanceRow, "title", "Judul Lain", "words_differ"),
    (InstanceRow, "team_instrument", {"number": "SK lain", "date": "2026-12-01"}, "words_differ"),
    (DocumentVersionRow, "note", "Rancangan akhir", "document_differs"),
    (DocumentVersionRow, "filename", "lain.pdf", "document_differs"),
    (DocumentVersionRow, "sha256", "0" * 64, "document_differs"),
    (DocumentVersionRow, "uploaded_by", {"name": "Orang Lain"}, "document_differs"),
    (MarkRow, "sha256", "0" * 64, "document_differs"),
    (MarkRow, "kind", "coordination", "document_differs"),
]


async def test_what_is_rewritten_in_the_tables_is_found(office: Office) -> None:
    run = await a_long_course(office)
    stream = f"instance:{run.id}"
    assert await found(office) == []
    for kind, column, value, code in CHANGES:
        rows = table(kind)
        async with office.database.write() as connection:
            of_run = rows.c["id" if kind is InstanceRow else "instance_id"] == as_uuid(run.id)
            one = (await connection.execute(select(rows).where(of_run, rows.c[column].is_not(None)).limit(1))).mappings().one()
            own = [key == one[key.name] for key in rows.primary_key.columns]
            await connection.execute(update(rows).where(*own).values({column: value}))
        names = await found(office)
        assert [(b[0], b[2]) for b in names] == [(stream, code)], (kind, column)
        assert await found(office, instance=run.id) == names
        assert column == "team_instrument" or tells_of(one, await events_of(office, stream), names[0][1]), (kind, column, names)
        async with office.database.write() as connection:
            await connection.execute(update(rows).where(*own).values({column: one[column]}))
    assert await found(office) == []


def tells_of(row: Any, events: list[dict[str, Any]], sequence: int) -> bool:
    """Whether the event of that sequence is of the moment of that row, and by the same person."""
    event = events[sequence - 1]
    at = row[next(name for name in ("uploaded_at", "started_at", "at") if name in row)]
    actor = row.get("uploaded_by", row.get("actor"))
    return bool(event["at"] == at.isoformat() and (actor is None or actor == event["actor"]))


@pytest.mark.parametrize("name", ["comment", "transition", "sign_off", "document_version", "team_member"])
async def test_a_row_taken_away_is_missed(office: Office, name: str) -> None:
    run = await Run.start(office)
    await run.take(1)
    await run.take(2)
    assert (await comment(run, "Mohon diperhatikan")).status_code == 201
    told = {"comment": "comment.added", "document_version": "document.uploaded", "team_member": "team.formed"}.get(name, "step.signed_off")
    events = await events_of(office, f"instance:{run.id}")
    sequence = next(event["sequence"] for event in events if event["type"] == told)
    async with office.database.write() as connection:
        await connection.execute(text(f"DELETE FROM {name}"))
    code = "document_differs" if name == "document_version" else "words_differ"
    assert await found(office) == [(f"instance:{run.id}", sequence, code)]


async def test_a_row_that_no_event_tells_of_stands_past_the_end(office: Office) -> None:
    run = await Run.start(office)
    assert (await comment(run, "Mohon diperhatikan")).status_code == 201
    async with office.database.write() as connection:
        forged = text("INSERT INTO comment (id, instance_id, sequence, body, actor, at) SELECT :id, instance_id, 9, body, actor, at FROM comment")
        await connection.execute(forged.bindparams(bindparam("id", uuid7(), type_=Uuid())))
    last = (await events_of(office, f"instance:{run.id}"))[-1]["sequence"]
    assert await found(office) == [(f"instance:{run.id}", last + 1, "words_differ")]


async def test_the_title_stands_in_the_log_as_its_hash(office: Office) -> None:
    run = await Run.start(office)
    started = (await events_of(office, f"instance:{run.id}"))[0]
    assert started["data"]["title_sha256"] == hashlib.sha256(b"Pengumpulan data").hexdigest()
    assert b"Pengumpulan data" not in rfc8785.dumps(started)


# ── the work of it ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_verification_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real, begun, let_go = store.owned_streams, anyio.Event(), anyio.Event()
    answers: list[int] = []

    async def waiting(connection: AsyncConnection, offices: Any) -> list[str]:
        begun.set()
        await let_go.wait()
        return await real(connection, offices)

    async def first() -> None:
        answers.append((await (await office.as_("auditor")).get("/v1/audit/verify")).status_code)

    monkeypatch.setattr(store, "owned_streams", waiting)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(first)
        await begun.wait()
        second = await (await office.as_("admin")).get("/v1/audit/verify")
        let_go.set()
    assert (second.status_code, second.json()["code"], second.headers["retry-after"]) == (429, "too_many_requests", "10")
    assert answers == [200]
    assert await found(office) == []


async def test_hashing_holds_neither_the_event_loop_nor_a_connection(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await Run.start(office)
    real, seen = audit._Walk.follow, set()
    pool: Any = (office.database._writer if office.database.is_postgres else office.database._reader).pool

    def watched(walk: Any, events: Any) -> Any:
        seen.add((threading.current_thread() is threading.main_thread(), pool.checkedout()))
        return real(walk, events)

    monkeypatch.setattr(audit._Walk, "follow", watched)
    assert await found(office) == []
    assert seen == {(False, 0)}


async def test_a_long_stream_is_read_a_batch_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await (await Run.start(office)).until(3)
    monkeypatch.setattr(store, "BATCH", 2)
    assert await found(office) == []
    last = (await events_of(office, f"instance:{run.id}"))[-1]
    assert last["sequence"] == 2
