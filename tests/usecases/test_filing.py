"""What the database finds is what the domain says of each document: random filings, schedules, time zones and closing times."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.filing import DueQuestion, Filing, Kept, RetentionRule, Schedule, due_for_disposal, lies_under, rule_for
from app.store import filing as store
from app.store.database import Database
from app.usecases.filing import Search, due, search
from tests.support.filed_documents import Put, put_documents, put_offices
from tests.support.statements import sent

ZONES = {"a": "Asia/Makassar", "b": "Asia/Jakarta", "c": "Asia/Jayapura", "d": "America/Los_Angeles", "e": "Asia/Makassar"}
"""`e` has no schedule."""
CODES = (None, "000", "000.8", "000.8.6", "000.8.60", "000.80", "0008", "900.1", "9")
KEYS = (None, None, None, "umum", "khusus", "hilang")
ACTIONS = ("destroy", "keep_permanently", "review")
NOW = datetime(2031, 12, 31, 16, 30, tzinfo=UTC)
"""New Year in Makassar and Jayapura, and still the old year in Jakarta."""
ANYTHING: dict[str, Any] = dict.fromkeys(("office", "number", "classification", "security_class", "period", "closed", "filed"))


def rules_of(random: Random) -> tuple[RetentionRule, ...]:
    codes = random.sample([code for code in CODES if code], 3)
    years = [(random.randrange(3), random.randrange(3), random.choice(ACTIONS)) for _ in codes]
    made = [RetentionRule(f"k{code.replace('.', '_')}", code, code, *kept) for code, kept in zip(codes, years, strict=True)]
    return (*made, RetentionRule("umum", "umum", None, random.randrange(3), 0, "review"))


def one(random: Random, number: int) -> Put:
    """Closed within three days of some New Year, at any hour: that is where zones differ."""
    office = random.choice(list(ZONES))
    closed = datetime(random.randrange(2026, 2032), 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(-4000, 4000))
    closed = min(closed, NOW)
    security: Any = random.choice(("ordinary", "secret"))
    said = Filing(classification=random.choice(CODES), retention_rule=random.choice(KEYS), number=f"No. {number}/A", security_class=security)
    filing = None if random.random() < 0.2 else said
    identity = UUID(int=random.getrandbits(128))
    kept = Kept(identity, "laporan", UUID(int=number), "Judul", office, ZoneInfo(ZONES[office]), closed, filing or Filing())
    return Put(kept, random.choice(("completed", "cancelled", "completed", "running")), filing)


async def filled(database: Database, seed: int) -> tuple[list[Put], dict[str, tuple[RetentionRule, ...]]]:
    random = Random(seed)
    documents = [one(random, number) for number in range(1, 401)]
    rules = {code: rules_of(random) for code in ZONES if code != "e"}
    rules["c"] = rules["a"]
    async with database.write() as connection:
        await put_offices(connection, ZONES)
        await put_documents(connection, documents)
        for code, own in rules.items():
            assert await store.put_schedule(connection, Schedule(code, "JRA", own), 1)
    return documents, rules


def caller() -> Any:
    return SimpleNamespace(visible_offices=lambda: frozenset(ZONES))


async def test_what_is_due_is_what_the_domain_says(database: Database) -> None:
    documents, rules = await filled(database, 6)
    closed = [put.kept for put in documents if put.state != "running"]
    seen = set()
    days = (None, date(2028, 6, 1), date(2032, 1, 1), date(8999, 12, 31))
    questions = [DueQuestion(now=NOW, on=on, action=action) for on in days for action in (None, "destroy")]
    async with database.read() as connection:
        for question in questions:
            wanted = due_for_disposal(closed, rules, question)
            found, after = [], None
            while page := await due(connection, caller(), None, question=replace(question, after=after), limit=7):
                found += page
                after = page[-1].key
            assert [(row.key, row.rule, row.kept.closed_at) for row in found] == [(row.key, row.rule, row.kept.closed_at) for row in wanted]
            seen.add(len(found))
        for office in ZONES:
            wanted = due_for_disposal((kept for kept in closed if kept.office == office), rules, questions[0])
            with sent(database) as statements:
                found = await due(connection, caller(), office, question=questions[0], limit=1000)
            assert len(statements) <= 5
            assert [row.key for row in found] == [row.key for row in wanted]
    assert len(seen) > 4


async def test_what_is_found_is_what_the_filters_say(database: Database) -> None:
    documents, rules = await filled(database, 7)

    def is_filed(put: Put) -> bool:
        return rule_for(rules.get(put.kept.office, ()), put.kept.filing) is not None

    cases: list[tuple[dict[str, Any], Any]] = [
        ({}, lambda put: True),
        ({"office": "b"}, lambda put: put.kept.office == "b"),
        ({"filed": True}, is_filed),
        ({"filed": False, "closed": True}, lambda put: not is_filed(put) and put.state != "running"),
        ({"closed": False}, lambda put: put.state == "running"),
        ({"security_class": "ordinary"}, lambda put: put.kept.filing.security_class == "ordinary"),
        ({"security_class": "secret", "filed": True}, lambda put: put.kept.filing.security_class == "secret" and is_filed(put)),
        ({"number": "no. 17/a"}, lambda put: put.kept.filing.number == "No. 17/A"),
        ({"number": "no. 1"}, lambda put: False),
        ({"period": "0000009"}, lambda put: put.kept.instance_id.int == 10),
    ]

    def under(code: str) -> Callable[[Put], bool]:
        return lambda put: lies_under(put.kept.filing.classification or "-", code)

    cases += [({"classification": code}, under(code)) for code in ("000", "000.8", "9", "7")]
    async with database.read() as connection:
        for filters, holds in cases:
            lines, after = [], None
            with sent(database) as statements:
                await search(connection, caller(), Search(**ANYTHING | filters), now=NOW, after=None, limit=60)
            assert len(statements) <= 4
            while page := (await search(connection, caller(), Search(**ANYTHING | filters), now=NOW, after=after, limit=60)).lines:
                lines += page
                after = page[-1].key
            wanted = sorted((put for put in documents if holds(put)), key=lambda put: put.kept.instance_id, reverse=True)
            assert [line.document_id for line in lines] == [put.kept.document_id for put in wanted], filters
            assert all(line.version == 2 and line.sha256 == "2" * 64 for line in lines)
            assert [line.filing for line in lines] == [put.kept.filing for put in wanted]
            assert [line.closed_at for line in lines] == [None if put.state == "running" else put.kept.closed_at for put in wanted]
            assert all(earlier.key[0] > later.key[0] for earlier, later in pairwise(lines))
