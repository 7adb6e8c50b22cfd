"""How many statements an act costs on PostgreSQL when nobody collides: one that says who calls, one load, one guarded write."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.office import KEY, SAMBOJA, TEAM, Office, Run, open_office
from tests.support.prepared import prepared
from tests.support.statements import Sent, sent
from tests.support.together import document_in

WHO_CALLS, LOAD, LIMITS, WRITE = "FROM session", "FROM instance i", "JOIN office_documents", "WITH guard AS"


@pytest.fixture
async def office(postgres_office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """With warm caches: every procedure and calendar has been met before."""
    async with open_office(postgres_office_url, tmp_path) as opened:
        await Run.start(opened, year=2100)
        for username in ("camat", "sekretaris", "tim1", "tim2", "staf", "auditor"):
            await opened.as_(username)
        yield opened


async def counted(office: Office, call: Any, *, status: int = 201) -> Sent:
    with sent(office.database) as found:
        answer: httpx.Response = await call
    assert answer.status_code == status, answer.text
    return found


def is_two_statements(found: Sent, load: str = LOAD) -> None:
    who, loading, writing = found.texts
    assert WHO_CALLS in who
    assert load in loading
    assert writing.startswith(WRITE)
    assert found.transactions == 1


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}], ids=["plain", "with a key"])
async def test_starting_takes_two_statements(office: Office, headers: dict[str, str]) -> None:
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2026, "quarter": 4}, "title": "Pengumpulan data"}
    found = await counted(office, (await office.as_("camat")).post("/v1/instances", json=body, headers=headers))
    is_two_statements(found, "FROM procedure WHERE key")


@pytest.mark.parametrize("headers", [None, {"Idempotency-Key": "once"}], ids=["plain", "with a key"])
@pytest.mark.parametrize(
    ("step", "username", "body"),
    [(1, "camat", {}), (2, "sekretaris", {"team": TEAM}), (4, "tim2", {}), (7, "staf", {})],
    ids=["next step opens", "a team is formed", "one part of two", "the instance ends"],
)
async def test_completing_takes_two_statements(office: Office, step: int, username: str, body: Any, headers: dict[str, str] | None) -> None:
    (run,) = await prepared(office, 1, step=step)
    is_two_statements(await counted(office, run.act(username, "complete", headers=headers, step=step, **body)))


@pytest.mark.parametrize(
    ("step", "username", "action", "body"),
    [
        (5, "camat", "return", {"step": 5, "to_step": 4, "reason": "Angka belum lengkap"}),
        (4, "sekretaris", "claim", {"step": 4}),
        (4, "camat", "suspend", {"reason": "rapat"}),
        (4, "camat", "cancel", {"reason": "salah periode"}),
        (4, "sekretaris", "change_team", {"team": TEAM, "reason": "pindah tugas"}),
    ],
)
async def test_every_other_transition_takes_two_statements(office: Office, step: int, username: str, action: str, body: dict[str, Any]) -> None:
    (run,) = await prepared(office, 1, step=step)
    is_two_statements(await counted(office, run.act(username, action, comment="catatan", **body)))


async def test_a_comment_takes_two_statements(office: Office) -> None:
    (run,) = await prepared(office, 1, step=1)
    is_two_statements(await counted(office, (await office.as_("staf")).post(f"/v1/instances/{run.id}/comments", json={"body": "catatan"})))


async def test_a_replay_a_refusal_and_a_dry_run_only_load(office: Office) -> None:
    (run,) = await prepared(office, 1, step=1)
    key = {"Idempotency-Key": "once"}
    dry = await counted(office, run.act("camat", "complete", step=1, dry_run=True), status=200)
    await run.act("camat", "complete", headers=key, step=1)
    replayed = await counted(office, run.act("camat", "complete", headers=key, step=1))
    refused = await counted(office, run.act("camat", "complete", step=1), status=409)
    assert [len(dry), len(replayed), len(refused)] == [2, 2, 2]


async def test_an_upload_looks_before_the_bytes_come_and_again_afterwards(office: Office) -> None:
    """Who calls and what stands, both times: bytes may come in for as long as their sender likes. How large they may be, once. Then the write."""
    (run,) = await prepared(office, 1, step=3, without=["rencana_kegiatan"])
    found = await counted(office, run.upload("tim1", "rencana_kegiatan"))
    *looks, write = found.texts
    assert [part in text for part, text in zip((WHO_CALLS, LOAD, LIMITS, WHO_CALLS, LOAD), looks, strict=True)] == [True] * 5
    assert write.startswith(WRITE)
    assert found.transactions == 1


async def test_a_mark_finds_its_instance_and_then_takes_two_statements(office: Office) -> None:
    (run,) = await prepared(office, 1, step=7, without=["signature"])
    path = f"/v1/documents/{await document_in(run, 'laporan_ditandatangani')}/versions/1/signatures"
    assert len(await counted(office, (await office.as_("camat")).post(path, json={"kind": "wet"}))) == 4


@pytest.mark.parametrize(
    "path", ["/v1/tasks?", "/v1/deadlines?", "/v1/deadlines?state=on_time&role=camat&", "/v1/instances?", "/v1/instances?q=data&"]
)
async def test_a_page_takes_one_statement(office: Office, path: str) -> None:
    """However many rows it has, on the first page and on the next."""
    await prepared(office, 30, step=1)
    camat = await office.as_("camat")
    cursor = ""
    for _ in range(2):
        found = await counted(office, camat.get(f"{path}limit=10{cursor}"), status=200)
        assert (len(found), found.transactions) == (2, 0)
        answer = (await camat.get(f"{path}limit=10{cursor}")).json()
        assert len(answer["items"]) == 10
        cursor = f"&cursor={answer['page']['next_cursor']}"


async def test_a_pull_of_the_feed_takes_one_statement(office: Office) -> None:
    """It may be empty: any open transaction on the server holds it back."""
    found = await counted(office, (await office.as_("camat")).get("/v1/events"), status=200)
    assert (len(found), found.transactions) == (2, 0)


async def test_one_instance_takes_one_statement(office: Office) -> None:
    (run,) = await prepared(office, 1, step=7)
    for path in ("", "/deadlines", "/documents"):
        found = await counted(office, (await office.as_("auditor")).get(f"/v1/instances/{run.id}{path}"), status=200)
        assert (len(found), found.transactions) == (2, 0), path


async def test_explaining_an_instances_deadlines_takes_one_statement_more(office: Office) -> None:
    (run,) = await prepared(office, 1, step=7)
    found = await counted(office, (await office.as_("auditor")).get(f"/v1/instances/{run.id}/deadlines?explain=true"), status=200)
    assert (len(found), found.transactions) == (3, 0)
