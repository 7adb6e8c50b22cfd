"""What a verification finds where the filing of documents, or what an office says of records, is not that of the log."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.store.events import office_stream
from app.store.tables import DocumentRecordRow, OfficeDocumentsRow, RetentionScheduleRow
from tests.support.audit import events_of, found, found_anywhere, rewritten, slipped_in, taken_away
from tests.support.filing import FILED, RETENTION, rule
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, open_office
from tests.support.shared_office import fresh
from tests.support.together import document_in

STREAM = office_stream(SAMBOJA)


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        yield opened


async def put(office: Office, who: str, path: str, body: Any) -> None:
    answer = await (await office.as_(who)).put(path, json=body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


FILINGS: list[dict[str, Any]] = [
    {"classification": None},
    {"security_class": "ordinary"},
    {"retention_rule": "umum"},
    {"number": "13/2027"},
    {"numbered_by": "SRIKANDI"},
    {"dated": date(2020, 1, 1)},
    {"office_code": MUARA_JAWA},
    {"described_by": {"account_id": "x"}},
    {"described_at": datetime(2026, 5, 5, tzinfo=UTC)},
]


async def test_filing_rewritten_taken_away_or_slipped_in_is_found(office: Office) -> None:
    run = await fresh(office)
    assert (await run.upload("camat", "draf_tim")).status_code == 201
    document = await document_in(run, "draf_tim")
    other = await fresh(office)
    for body in ({"classification": "1"}, FILED):
        await put(office, "camat", f"/v1/documents/{document}/record", body)
    last = (await events_of(office, f"instance:{run.id}"))[-1]["sequence"]
    assert await found(office) == []
    for changed in FILINGS:
        async with rewritten(office, DocumentRecordRow, (), **changed):
            assert await found(office) == [(f"instance:{run.id}", last, "document_differs")], changed
    async with taken_away(office, DocumentRecordRow, ()):
        assert await found(office) == [(f"instance:{run.id}", last - 1, "document_differs")]
    assert (await other.upload("camat", "draf_tim")).status_code == 201
    beside = {"document_id": UUID(await document_in(other, "draf_tim")), "instance_id": UUID(other.id), "number": None}
    async with slipped_in(office, DocumentRecordRow, (), **beside):
        end = len(await events_of(office, f"instance:{other.id}"))
        assert await found(office) == [(f"instance:{other.id}", end + 1, "document_differs")]
    assert await found(office) == []


OF_OFFICE: list[tuple[Any, str, list[dict[str, Any]]]] = [
    (
        RetentionScheduleRow,
        "office.retention_changed",
        [{"version": 7}, {"source": "JRA lain"}, {"rules": [rule("umum", "000", 2)]}, {"rules": []}, {"rules": ["x"]}],
    ),
    (OfficeDocumentsRow, "office.documents_changed", [{"version": 7}, {"max_file_bytes": 2}, {"max_open_bytes": None}]),
]


async def test_what_an_office_says_of_records_rewritten_is_found(office: Office) -> None:
    at = f"/v1/offices/{SAMBOJA}"
    for rules in (RETENTION["rules"][:1], RETENTION["rules"]):
        await put(office, "admin", f"{at}/retention-schedule", {"source": "JRA contoh", "rules": rules})
    for most in (1_000_000, 2_000_000):
        await put(office, "admin", f"{at}/document-limits", {"max_file_bytes": most, "max_open_bytes": 9_000_000})
    assert await found(office) == []
    for row, kind, changes in OF_OFFICE:
        told = [event["sequence"] for event in await events_of(office, STREAM) if event["type"] == kind]
        for changed in changes:
            async with rewritten(office, row, (), **changed):
                assert await found(office) == [(STREAM, told[-1], "office_differs")], changed
        async with taken_away(office, row, ()):
            assert await found(office) == [(STREAM, told[0], "office_differs")]
        async with slipped_in(office, row, (), office_code=MUARA_JAWA):
            there = office_stream(MUARA_JAWA)
            assert await found(office) == []  # the auditor of Samboja does not look there
            assert await found_anywhere(office) == [(there, len(await events_of(office, there)) + 1, "office_differs")]
    assert await found(office) == []
