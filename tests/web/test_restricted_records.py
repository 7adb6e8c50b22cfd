"""Restricted records over HTTP: what goes in comes out, for those who may, and never without a line in the log."""

import errno
import os
from dataclasses import replace
from hashlib import sha256
from typing import Any, BinaryIO

import pytest
from sqlalchemy import select, update

from app.domain.scanning import Finding
from app.outside.envelopes import CHUNK_BYTES, SEALED_CHUNK
from app.store.assignments import ASSIGNMENT
from app.store.events import EVENT
from app.usecases import restricted_records as usecases
from tests.support.blobs import failing
from tests.support.contract import check_answer
from tests.support.office import SAMBOJA, Office, digest
from tests.support.replies import codes, refused
from tests.support.restricted_records import KEEPER, KEEPER_ABOVE, PAPER, WITH_KEY, add, added, row_of, told
from tests.support.shared_office import files, fresh, nothing_saved
from tests.web.test_frame_errors import problem

LARGE = b"%PDF-1.7\n" + bytes(range(256)) * (3 * CHUNK_BYTES // 256) + b"the end"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def office_settings() -> dict[str, str]:
    return WITH_KEY | {"ALUR_MAX_UPLOAD_BYTES": str(4 * CHUNK_BYTES)}


@pytest.fixture(scope="module", autouse=True)
async def keepers(office: Office) -> None:
    for person in (KEEPER, KEEPER_ABOVE):
        await office.enrol(person)
        await office.as_(person.username)


def path_of(run_id: str) -> str:
    return f"/v1/instances/{run_id}/restricted-records"


async def test_what_goes_in_comes_out(office: Office) -> None:
    run, keeper, before = await fresh(office), await office.as_("arsip"), files(office)
    answer = await add(office, run.id, LARGE, filename="gaji desember.pdf", note="Rapel dua bulan.")
    assert len(files(office) - before) == 1  # and nothing under way
    assert set(answer.json()) == {"id", "instance_id", "added_at"}
    record = answer.json()["id"]
    assert answer.headers["location"] == f"/v1/restricted-records/{record}"
    shown = (await keeper.get(answer.headers["location"])).json()
    facts = {"id": record, "instance_id": run.id, "record": "daftar_gaji", "filename": "gaji desember.pdf", "size": len(LARGE)}
    facts |= {"sha256": sha256(LARGE).hexdigest(), "media_type": "application/pdf", "note": "Rapel dua bulan."}
    assert {name: shown[name] for name in facts} == facts
    assert (shown["added_by"]["account_id"], shown["added_by"]["role"]) == (str(office.accounts["arsip"]), "restricted_records")
    assert (await keeper.get(path_of(run.id))).json()["items"] == [shown | {"unreadable": None}]
    got = await keeper.get(f"/v1/restricted-records/{record}/content")
    assert got.content == LARGE
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["content-disposition"].startswith('attachment; filename="gaji desember.pdf"')
    assert (got.headers["content-type"], got.headers["content-length"]) == ("application/pdf", str(len(LARGE)))
    assert {"etag", "accept-ranges"}.isdisjoint(got.headers)


async def test_a_paper_that_is_not_the_one_announced_is_refused(office: Office) -> None:
    run = await fresh(office)
    async with nothing_saved(office):
        problem(await add(office, run.id, LARGE, sha256=digest(LARGE[:-1])), 422, "sha256_differs")
    assert (await add(office, run.id, LARGE, sha256=digest(LARGE))).status_code == 201


async def test_a_full_disk_is_507_and_nothing_is_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run, before = await fresh(office), files(office)
    await office.as_("arsip")
    with monkeypatch.context() as full:
        full.setattr(os, "write", failing(errno.ENOSPC))
        async with nothing_saved(office):
            answer = await add(office, run.id, LARGE)
    check_answer("createRestrictedRecord", answer)
    problem(answer, 507, "storage_full")
    assert files(office) == before


async def test_each_read_is_in_the_offices_own_log_with_ids_alone(office: Office) -> None:
    run, keeper, before = await fresh(office), await office.as_("arsip"), len(await told(office))
    record = await added(office, run)
    for path in (path_of(run.id), f"/v1/restricted-records/{record}", f"/v1/restricted-records/{record}/content"):
        assert (await keeper.get(path)).status_code == 200
    named = {"record_id": record, "instance_id": run.id}
    sealed = await row_of(office, record)
    assert (await told(office))[before:] == [
        ("added", named | {"sha256": sealed["sha256"], "size": sealed["size"]}),
        ("read", named | {"part": "metadata"}),
        ("read", named | {"part": "metadata"}),
        ("read", named | {"part": "content"}),
    ]
    assert sealed["size"] == 7 + SEALED_CHUNK  # whatever the size of the paper
    async with office.database.read() as connection:
        last = EVENT.c.type == "restricted_record.read"
        found = (await connection.execute(select(EVENT).where(last).order_by(EVENT.c.sequence.desc()).limit(1))).mappings().one()
    assert (found["stream"], found["instance_id"]) == (f"office:{SAMBOJA}", None)
    assert found["actor"]["account_id"] == str(office.accounts["arsip"])


async def test_it_is_called_what_its_content_is(office: Office) -> None:
    """Looked into while it is sealed: an Excel file is read from its end."""
    keeper = await office.as_("arsip")
    sheet = (await keeper.get("/v1/deadlines/export", params={"format": "xlsx"})).content
    record = await added(office, await fresh(office), sheet, filename="gaji.pdf", media_type="text/html")
    shown = (await keeper.get(f"/v1/restricted-records/{record}")).json()
    assert (shown["filename"], shown["media_type"].rpartition(".")[2]) == ("gaji.pdf.xlsx", "sheet")


async def test_a_page_notes_what_it_shows_and_no_more(office: Office) -> None:
    run, keeper = await fresh(office), await office.as_("arsip")
    records = [await added(office, run, record=kind) for kind in ("daftar_gaji", "spp_spm_ls_gaji", "daftar_gaji")]
    before = len(await told(office))
    first = (await keeper.get(path_of(run.id), params={"limit": 2})).json()
    assert [item["id"] for item in first["items"]] == records[:2]
    assert [data["record_id"] for _, data in (await told(office))[before:]] == records[:2]
    rest = (await keeper.get(path_of(run.id), params={"limit": 2, "cursor": first["page"]["next_cursor"]})).json()
    assert ([item["id"] for item in rest["items"]], rest["page"]["next_cursor"]) == (records[2:], None)
    empty = await fresh(office)
    before = len(await told(office))
    assert (await keeper.get(path_of(empty.id))).json()["items"] == []
    assert len(await told(office)) == before


@pytest.mark.parametrize("who", ["camat", "sekretaris", "tim1", "staf", "admin", "auditor"])
async def test_who_only_sees_the_instance_learns_nothing(office: Office, who: str) -> None:
    """The same words whether there are papers or not."""
    none, some, caller = await fresh(office), await fresh(office), await office.as_(who)
    record = await added(office, some)
    async with nothing_saved(office):
        for path in map(path_of, (none.id, some.id)):
            problem(await caller.get(path), 403, "permission_missing")
        assert refused(await add(office, some.id, who=who)) == (403, ["permission_missing"])
        for path in (f"/v1/restricted-records/{record}", f"/v1/restricted-records/{record}/content"):
            problem(await caller.get(path), 404, "not_found")


async def test_the_permission_reaches_down_and_not_across(office: Office) -> None:
    run, above, stranger = await fresh(office), await office.as_("arsip.kukar"), await office.as_("camat.muarajawa")
    record = await added(office, run, who="arsip.kukar")
    assert (await above.get(f"/v1/restricted-records/{record}/content")).content == PAPER
    async with nothing_saved(office):
        problem(await stranger.get(path_of(run.id)), 404, "not_found")
        problem(await stranger.get(f"/v1/restricted-records/{record}"), 404, "not_found")
        assert (await add(office, run.id, who="camat.muarajawa")).status_code == 404


async def test_an_instance_in_any_state_takes_records(office: Office) -> None:
    run = await fresh(office)
    for action in ("suspend", "cancel"):
        assert (await run.act("camat", action, reason="Banjir.")).status_code == 201
        await added(office, run)


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"record": "gaji"}, 422, "unknown_restricted_record"),
        ({"record": ""}, 422, "invalid_request"),
        ({"slot": "draf_tim"}, 422, "invalid_request"),
        ({"note": "x" * 4001}, 422, "invalid_request"),
        ({"content": b""}, 422, "invalid_request"),
        ({"content": b"#!/bin/sh\nrm -rf"}, 422, "type_unknown"),
        ({"content": b"x" * (4 * CHUNK_BYTES + 1)}, 413, "payload_too_large"),
    ],
)
async def test_what_is_refused_leaves_nothing_behind(office: Office, sent: dict[str, Any], status: int, code: str) -> None:
    run = await fresh(office)
    async with nothing_saved(office):
        problem(await add(office, run.id, **sent), status, code)


async def test_a_retry_is_answered_as_before_and_keeps_one(office: Office) -> None:
    run, headers = await fresh(office), {"Idempotency-Key": "gaji-desember"}
    first = await add(office, run.id, headers=headers, note="Rapel.")
    async with nothing_saved(office):
        again = await add(office, run.id, headers=headers, note="Rapel.")
        assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, first.json(), "true")
        assert codes(await add(office, run.id, headers=headers, note="Lain.")) == ["idempotency_key_reused"]


# ── malware ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Judging:
    """A scanner that reads all of it, and says what it was told to say."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.read = b""

    async def scan(self, file: BinaryIO, **_: object) -> Finding:
        file.seek(0)
        self.read = file.read()
        return self.finding


@pytest.mark.parametrize(
    ("finding", "hold", "status", "code"),
    [
        (Finding("clean"), True, 201, ""),
        (Finding("infected", "Eicar"), True, 422, "infected"),
        (Finding("infected", "Eicar"), False, 422, "infected"),
        (Finding("quarantined", reason="unreachable"), True, 503, "scanner_unavailable"),
        (Finding("quarantined", reason="too_large"), True, 422, "too_large_to_scan"),
        (Finding("quarantined", reason="unreachable"), False, 201, ""),
    ],
)
async def test_a_scanner_looks_into_it_while_it_is_sealed(office: Office, finding: Finding, hold: bool, status: int, code: str) -> None:
    run, judging, reception = await fresh(office), Judging(finding), office.app.state.reception
    office.app.state.reception = replace(reception, scanner=judging, hold_quarantined=hold)
    try:
        if status == 201:
            assert (await add(office, run.id, b"nip,gaji\n1,2\n", filename="gaji.csv")).status_code == 201
            assert judging.read == b"nip,gaji\n1,2\n"
            assert (await add(office, run.id, LARGE)).status_code == 201
        else:
            async with nothing_saved(office):
                problem(await add(office, run.id, LARGE), status, code)
    finally:
        office.app.state.reception = reception
    assert judging.read == LARGE


# ── the log ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_where_the_log_cannot_be_written_nothing_is_sent(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    record, keeper = await added(office, await fresh(office)), await office.as_("arsip")

    async def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(usecases, "append_office_events", fails)
    for path in (f"/v1/restricted-records/{record}", f"/v1/restricted-records/{record}/content"):
        answer = await keeper.get(path)
        assert answer.status_code == 500
        assert PAPER not in answer.content


async def test_who_has_lost_the_permission_reads_no_more(office: Office) -> None:
    record, keeper = await added(office, await fresh(office)), await office.as_("arsip")
    assert (await keeper.get(f"/v1/restricted-records/{record}")).status_code == 200
    async with office.client(Authorization=f"Bearer {await office.token('staf', permissions=[f'{SAMBOJA}:restricted_records'])}") as claiming:
        problem(await claiming.get(f"/v1/restricted-records/{record}"), 404, "not_found")
    async with office.database.write() as connection:
        await connection.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.account_id == office.accounts["arsip"]).values(revoked_at=office.clock()))
    answer = await keeper.get(f"/v1/restricted-records/{record}/content")
    async with office.database.write() as connection:
        await connection.execute(update(ASSIGNMENT).where(ASSIGNMENT.c.account_id == office.accounts["arsip"]).values(revoked_at=None))
    assert answer.status_code == 404
