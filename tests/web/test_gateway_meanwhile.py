"""Signing through a gateway while other things happen: what came back is judged by the state as it is then, and damage is told."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio import create_task_group, to_thread
from httpx import Response

from app.store.tables import DocumentVersionRow, table
from tests.support.audit import found
from tests.support.bsre_gateway import SigningGateway, signing_gateway
from tests.support.office import Office, Run, digest
from tests.support.shared_office import blobs_of, files
from tests.support.signed_pdfs import person, plain, signed
from tests.web.test_authority_meanwhile import revoke
from tests.web.test_damaged_content import flip, told
from tests.web.test_electronic_signatures import SOUND
from tests.web.test_gateway_signatures import BY_THE_CAMAT, PDF, SIGNED, at_step_7, codes, found_in_the_answer, install, sign, signings

VERSION = table(DocumentVersionRow)
ANOTHER = signed(plain("Lain"), person("Camat Uji"))


@pytest.fixture
def gateway(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[SigningGateway]:
    """The office's gateway; what the child process would say of the answer is said here, without its start."""
    found_in_the_answer(monkeypatch, SOUND)
    with signing_gateway(lambda _: BY_THE_CAMAT) as made:
        install(own_office, made, api="v1")
        yield made


@asynccontextmanager
async def while_it_signs(run: Run, gateway: SigningGateway) -> AsyncIterator[list[Response]]:
    """What happens inside the block happens between the call and its answer; afterwards the list holds the signatory's."""
    answers: list[Response] = []
    gateway.go_on.clear()

    async def ask() -> None:
        answers.append(await sign(run))

    async with create_task_group() as group:
        group.start_soon(ask)
        assert await to_thread.run_sync(partial(_entered, gateway.entered))
        yield answers
        gateway.go_on.set()


def _entered(event: threading.Event) -> bool:
    return event.wait(30)


async def _loses_the_role(run: Run) -> None:
    await revoke(run.office, "camat")


async def _signs_out(run: Run) -> None:
    assert (await (await run.office.as_("camat")).delete("/v1/auth/sessions/current")).status_code == 204


async def _goes_back(run: Run) -> None:
    assert (await run.act("staf", "return", step=7, to_step=6, reason="Belum lengkap.")).status_code == 201
    assert (await run.upload("sekretaris", "laporan_final", plain("Baru"))).status_code == 201
    assert (await run.act("sekretaris", "complete", step=6)).status_code == 201


async def _is_cancelled(run: Run) -> None:
    assert (await run.act("camat", "cancel", reason="Salah periode.")).status_code == 201


async def _stands_still(run: Run) -> None:
    assert (await run.act("camat", "suspend", reason="Banjir.")).status_code == 201


@pytest.mark.parametrize(
    ("happens", "status", "code"),
    [
        (_loses_the_role, 404, "not_found"),
        (_signs_out, 401, "session_ended"),
        (_goes_back, 409, "slot_not_at_work"),
        (_stands_still, 409, "instance_suspended"),
        (_is_cancelled, 409, "instance_closed"),
    ],
)
async def test_what_happens_while_the_gateway_signs_decides_whether_it_is_kept(
    own_office: Office, gateway: SigningGateway, happens: Callable[[Run], Awaitable[None]], status: int, code: str
) -> None:
    run = await at_step_7(own_office)
    async with while_it_signs(run, gateway) as answers:
        await happens(run)
        before = kept(own_office)
    (answer,) = answers
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kept(own_office) == before
    (tried,) = await signings(run)
    assert (tried["state"], tried["code"], tried["made_version"], tried["actor"]["role"]) == ("failed", "not_kept", None, "camat")
    assert [code for stream, _, code in await found(own_office) if stream.startswith("instance")] == []


def kept(office: Office) -> set[Path]:
    """What is sent to the gateway lies in `incoming` meanwhile."""
    return {path for path in files(office) if "incoming" not in path.parts}


async def test_a_return_meanwhile_leaves_the_sign_offs_of_the_step_that_is_active_then(own_office: Office, gateway: SigningGateway) -> None:
    run = await at_step_7(own_office)
    async with while_it_signs(run, gateway):
        await _goes_back(run)
    assert (await run.act("tim1", "complete", step=6)).status_code == 201
    assert (await run.get("sekretaris"))["current_step"] == 7


@pytest.mark.parametrize("content", [ANOTHER, PDF, PDF[:-20]], ids=["another", "unchanged", "shorter"])
async def test_another_document_than_the_one_sent_is_not_kept(own_office: Office, gateway: SigningGateway, content: bytes) -> None:
    """Its signature may be as sound as it likes: nobody has initialed it."""
    run, gateway.sign = await at_step_7(own_office), lambda _: content
    before = files(own_office)
    refused = await sign(run)
    assert (refused.status_code, codes(refused), files(own_office)) == (409, ["gateway_answer_unsound"], before)
    assert "another_document" in refused.json()["detail"]
    assert [(tried["state"], tried["code"]) for tried in await signings(run)] == [("failed", "gateway_answer_unsound")]


async def test_damage_met_on_the_way_to_the_gateway_is_noted(own_office: Office, gateway: SigningGateway) -> None:
    run = await at_step_7(own_office)
    await damage(own_office)
    refused = await sign(run)
    assert (refused.status_code, refused.json()["code"], gateway.forms) == (503, "content_damaged", [])
    (event,) = await told(run)
    assert (event["actor"], event["data"]["chunk"], event["data"]["sha256"]) == (None, 0, digest(PDF))
    assert [(tried["state"], tried["code"]) for tried in await signings(run)] == [("failed", "content_damaged")]
    assert await found(own_office) == []


async def damage(office: Office, content: bytes = PDF) -> None:
    async with office.database.read() as connection:
        kept: Any = (await connection.execute(VERSION.select().where(VERSION.c.sha256 == digest(content)))).mappings().all()
    for row in kept:
        flip(blobs_of(office).root / row["storage_key"], 12)


async def test_nothing_is_signed_of_an_earlier_round(own_office: Office, gateway: SigningGateway) -> None:
    """What the gateway gave back would fill this round's output, and nobody has brought one."""
    run = await at_step_7(own_office)
    await _goes_back(run)
    assert (await run.act("tim1", "complete", step=6)).status_code == 201
    assert (await run.mark("sekretaris", "laporan_final", "initials")).status_code == 201
    refused = await sign(run)
    assert (refused.status_code, codes(refused), SIGNED, gateway.forms) == (409, ["version_of_earlier_round"], SIGNED, [])
