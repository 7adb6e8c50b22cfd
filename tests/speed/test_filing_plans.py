"""How PostgreSQL finds documents again among 25 000, each in an instance of its own, at 20 offices: by indexes."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.filing import RetentionRule, lies_under, reach
from app.store import filed_documents, filing
from app.store.database import Database
from app.store.filed_documents import Asked, Reach, Wanted
from tests.speed.test_plans import nodes, settled_plan
from tests.support.bulk import Bulk, offices
from tests.support.databases import Databases
from tests.support.office import MONDAY, SAMBOJA
from tests.support.statements import sent

BULK = Bulk(running=50, completed=1200, now=MONDAY)
BIG = {"document", "document_record", "document_version", "instance", "step_round"}
LIMIT = 51
RULES = tuple(RetentionRule(f"k{n}", f"k{n}", f"000.{n}", n % 3, 0, "destroy") for n in range(40))
WHOM = ("a kecamatan", "three kecamatan", "the kabupaten")

_DOCUMENTS = "INSERT INTO document (id, instance_id, slot) SELECT uuidv7(), id, 'laporan_final' FROM instance"
_VERSIONS = """INSERT INTO document_version (document_id, version, instance_id, step, round, sha256, size, media_type, filename, storage_key,
    uploaded_by, uploaded_at)
    SELECT id, n, instance_id, 6, 1, repeat('0', 64), 9, 'application/pdf', 'a.pdf', 'k', '{}', now() FROM document, generate_series(1, 2) n"""
_RECORDS = """INSERT INTO document_record (document_id, instance_id, office_code, classification, security_class, number, described_by, described_at)
    SELECT d.id, d.instance_id, i.office_code, '000.' || n % 60 || '.' || n % 7, 'ordinary', 'No. ' || n, '{}', now()
    FROM (SELECT *, row_number() OVER (ORDER BY id) n FROM document) d JOIN instance i ON i.id = d.instance_id WHERE n % 10 > 0"""


@pytest.fixture(scope="module")
def url(databases: Databases, worker: str) -> Iterator[str]:
    with databases.postgres(worker, seeded=True) as found:
        yield found


@pytest.fixture(scope="module")
async def filled(url: str) -> AsyncIterator[tuple[Database, list[str]]]:
    database = Database(url)
    await BULK.insert(database)
    async with database.write() as connection:
        for statement in (_DOCUMENTS, _VERSIONS, _RECORDS):
            await connection.execute(text(statement))
    async with database.read() as connection:
        await connection.execute(text("VACUUM ANALYZE"))
    yield database, await offices(database)
    await database.close()


def seen_by(codes: list[str], whom: str) -> list[str]:
    return {"a kecamatan": [SAMBOJA], "three kecamatan": codes[:3], "the kabupaten": codes}[whom]


async def look(connection: AsyncConnection, database: Database, read: Any) -> tuple[list[Any], dict[str, Any]]:
    with sent(database) as statements:
        rows = await read
    ((statement, parameters),) = statements.statements
    return rows, await settled_plan(connection, statement, parameters)


def scanned(plan: dict[str, Any]) -> set[str]:
    return {node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"} & BIG


@pytest.mark.parametrize("whom", WHOM)
async def test_documents_are_found_by_index(filled: tuple[Database, list[str]], whom: str) -> None:
    database, codes = filled
    at, found = seen_by(codes, whom), {}
    async with database.read() as connection:
        in_use = await filing.codes_in_use(connection)
        assert len(in_use) == 378
        terms = reach(RULES, in_use)
        under = [code for code in in_use if lies_under(code, "000.7")]
        by_office = Reach(dict.fromkeys(at, terms))
        cases: dict[str, dict[str, Any]] = {
            "all": {},
            "number": {"number": "no. 4711"},
            "classification": {"codes": under},
            "all codes": {"codes": in_use},
            "no code": {"codes": []},
            "closed": {"closed": True},
            "period": {"period": "2026-Q4"},
            "filed": {"filed": True, "reach": by_office},
            "not filed": {"filed": False, "closed": True, "reach": by_office},
        }
        for name, filters in cases.items():
            wanted, after = Wanted(offices=at, **filters), None
            for _ in range(2):
                rows, plan = await look(connection, database, filed_documents.documents(connection, wanted, after=after, limit=LIMIT))
                found[name, after is None] = scanned(plan)
                if not rows:
                    break
                after = rows[len(rows) // 2].key
    assert {key: tables for key, tables in found.items() if tables} == {}


async def test_codes_in_use_are_looked_up_one_by_one(filled: tuple[Database, list[str]]) -> None:
    database, _ = filled
    async with database.read() as connection:
        _, plan = await look(connection, database, filing.codes_in_use(connection))
    assert not scanned(plan)
    assert "ix_document_record_classification" in {node.get("Index Name") for node in nodes(plan)}


@pytest.mark.parametrize("whom", ["a kecamatan", "three kecamatan"])
async def test_what_is_due_is_found_by_index(filled: tuple[Database, list[str]], whom: str) -> None:
    """Who asks about every office has the database read everything, and that is then the quickest; a page is all that leaves it."""
    (database, codes), zone = filled, "Asia/Makassar"
    at, after, found = seen_by(codes, whom), None, []
    async with database.read() as connection:
        by_office = Reach(dict.fromkeys(at, reach(RULES, await filing.codes_in_use(connection))))
        for _ in range(2):
            asked = Asked(by_office, {zone: range(2024, 2028)}, {zone: (MONDAY + timedelta(days=800)).year}, after)
            rows, plan = await look(connection, database, filed_documents.over(connection, asked, limit=LIMIT))
            assert len(rows) == LIMIT
            found.append(scanned(plan))
            after = (MONDAY.year, rows[-1].document_id)
    assert not any(found), found
