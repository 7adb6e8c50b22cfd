"""Signing step 7 through a gateway: intended, asked, verified, kept; and what stays known when something of it goes wrong."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from anyio import create_task_group, to_thread
from httpx import Response
from sqlalchemy import update
from structlog.testing import capture_logs

from app.domain.signatures import PdfSignature
from app.outside.bsre import MAX_DOCUMENT, Gateway
from app.store.tables import DocumentVersionRow, table
from app.usecases import gateway_signing
from tests.support.audit import found
from tests.support.bsre_gateway import EXPIRED_NIK, NIK, PASSPHRASE, PASSWORD, USERNAME, WRONG_NIK, SigningGateway, signing_gateway
from tests.support.office import Office, Run, digest
from tests.support.shared_office import files, fresh
from tests.support.signed_pdfs import person, plain, roots_file, signed
from tests.web.test_electronic_signatures import SOUND

REPORT, SIGNED = "laporan_final", "laporan_ditandatangani"
VERSION = table(DocumentVersionRow)
PDF = plain()
BY_THE_CAMAT = signed(PDF, person("Camat Uji"))
"""Made while the tests are collected: pyHanko signs in a loop of its own."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def stub() -> Iterator[SigningGateway]:
    with signing_gateway(lambda _: BY_THE_CAMAT) as made:
        yield made


@pytest.fixture(params=["v1", "v2"])
def gateway(request: pytest.FixtureRequest, office: Office, stub: SigningGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[SigningGateway]:
    """The office's gateway; what the child process would say of the answer is said here, without its start."""
    found_in_the_answer(monkeypatch, SOUND)
    install(office, stub, api=request.param)
    yield stub
    office.app.state.gateway = None


def install(office: Office, stub: SigningGateway, *, api: str) -> None:
    office.app.state.gateway = Gateway(url=stub.url, api=api, username=USERNAME, password=PASSWORD)


def found_in_the_answer(monkeypatch: pytest.MonkeyPatch, *signatures: PdfSignature) -> None:
    async def verify(path: Path, *, trust_roots: Path | None, at: datetime) -> tuple[PdfSignature, ...]:
        return signatures

    monkeypatch.setattr(gateway_signing, "verify", verify)


async def at_step_7(office: Office, content: bytes = PDF) -> Run:
    run = await fresh(office, at_step=7)
    assert (await run.mark("sekretaris", REPORT, "initials")).status_code == 201
    assert (await run.upload("staf", SIGNED, content)).status_code == 201
    return run


async def document(run: Run) -> dict[str, Any]:
    listed = (await (await run.office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    return next(document for document in listed if document["slot"] == SIGNED)


async def sign(run: Run, username: str = "camat", version: int = 1, **body: Any) -> Response:
    client = await run.office.as_(username)
    path = f"/v1/documents/{(await document(run))['id']}/versions/{version}/gateway-signatures"
    return await client.post(path, json={"nik": NIK, "passphrase": PASSPHRASE} | body)


async def signings(run: Run) -> list[dict[str, Any]]:
    answer = await (await run.office.as_("auditor")).get(f"/v1/documents/{(await document(run))['id']}/signings")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def codes(answer: Response) -> list[str]:
    return [refusal["code"] for refusal in answer.json()["refusals"]]


async def test_the_camat_signs_through_the_gateway_and_the_staf_completes(office: Office, gateway: SigningGateway) -> None:
    run = await at_step_7(office)
    answer = await sign(run)
    assert answer.status_code == 201, answer.text
    version = answer.json()
    assert (version["version"], version["signed_from"], version["sha256"]) == (2, 1, digest(BY_THE_CAMAT))
    (mark,) = version["marks"]
    assert (mark["kind"], mark["role"], mark["evidence"]["signatures"][0]["intact"]) == ("electronic", "camat", True)
    assert gateway.forms[-1]["file"] == PDF
    content = await (await office.as_("camat")).get(f"/v1/documents/{version['id']}/versions/2/content")
    assert content.content == BY_THE_CAMAT
    (tried,) = await signings(run)
    assert (tried["state"], tried["made_version"], tried["actor"]["role"], tried["code"]) == ("signed", 2, "camat", None)
    assert tried["gateway_document"] == ("dok-1" if tried["gateway"] == "v1" else None)
    assert (await run.act("staf", "complete", step=7)).status_code == 201
    told = [event["type"] for event in (await (await office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")).json()["items"]]
    assert told[told.index("signing.intended") :][:3] == ["signing.intended", "document.uploaded", "document.signed"]
    assert await found(office) == []


async def test_the_real_child_finds_the_real_signature(
    own_office: Office, stub: SigningGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(own_office, stub, api="v2")
    own_office.app.state.trust_roots = roots_file(tmp_path)
    answer = await sign(await at_step_7(own_office))
    assert answer.status_code == 201, answer.text
    (signature,) = answer.json()["marks"][0]["evidence"]["signatures"]
    assert (signature["intact"], signature["trusted"], signature["covers_whole_document"], signature["signer"]) == (True, True, True, "Camat Uji")


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({"passphrase": "salah"}, "passphrase_wrong", 422),
        ({"nik": WRONG_NIK}, "signer_unknown", 422),
        ({"nik": EXPIRED_NIK}, "certificate_not_active", 409),
    ],
)
async def test_what_the_gateway_refuses_is_told_and_may_be_tried_again(
    office: Office, gateway: SigningGateway, body: dict[str, str], code: str, status: int
) -> None:
    run = await at_step_7(office)
    refused = await sign(run, **body)
    assert (refused.status_code, codes(refused)) == (status, [code])
    (tried,) = await signings(run)
    assert (tried["state"], tried["code"], tried["made_version"]) == ("failed", code, None)
    assert (await sign(run)).status_code == 201
    assert [tried["state"] for tried in await signings(run)] == ["signed", "failed"]


@pytest.mark.parametrize("behaviour", ["vanishes", "fails", "garbles"])
async def test_nobody_signs_twice_by_mistake(office: Office, gateway: SigningGateway, behaviour: str) -> None:
    """The gateway may have signed: the signatory looks there first, and says so."""
    run = await at_step_7(office)
    gateway.behaviour = behaviour
    lost = await sign(run)
    assert (lost.status_code, codes(lost)) == (409, ["signing_outcome_unknown"])
    gateway.behaviour = "signs"
    asked_before = len(gateway.forms)
    again = await sign(run)
    assert (again.status_code, codes(again), len(gateway.forms)) == (409, ["signing_outcome_unknown"], asked_before)
    assert [tried["state"] for tried in await signings(run)] == ["unknown"]
    assert (await sign(run, despite_unknown=True)).status_code == 201
    assert await found(office) == []


async def test_while_it_is_being_signed_nobody_asks_again(office: Office, gateway: SigningGateway) -> None:
    run = await at_step_7(office)
    gateway.go_on.clear()
    answers = {}

    async def first() -> None:
        answers["first"] = await sign(run)

    async with create_task_group() as group:
        group.start_soon(first)
        await _until(gateway.entered)
        answers["second"] = await sign(run, despite_unknown=True)
        answers["upload"] = await run.upload("staf", "data_kinerja")  # no transaction is held open meanwhile
        gateway.go_on.set()
    assert (answers["second"].status_code, codes(answers["second"])) == (409, ["signing_under_way"])
    assert (answers["first"].status_code, len(gateway.signed)) == (201, 1)


async def test_what_is_signed_while_the_state_changes_is_not_kept(office: Office, gateway: SigningGateway) -> None:
    run = await at_step_7(office)
    gateway.go_on.clear()
    answers, stored = {}, files(office)

    async def first() -> None:
        answers["first"] = await sign(run)

    async with create_task_group() as group:
        group.start_soon(first)
        await _until(gateway.entered)
        assert (await run.upload("staf", SIGNED, plain("Lain"))).status_code == 201
        gateway.go_on.set()
    assert (answers["first"].status_code, codes(answers["first"])) == (409, ["version_superseded"])
    (tried,) = await signings(run)
    assert (tried["state"], tried["code"]) == ("failed", "not_kept")
    assert len(files(office) - stored) == 1  # the other upload alone
    assert await found(office) == []


async def _until(event: threading.Event) -> None:
    assert await to_thread.run_sync(partial(event.wait, 30))


@pytest.mark.parametrize("facts", [{"intact": False}, {"covers_whole_document": False}, {"trusted": False}, None])
async def test_an_answer_that_does_not_hold_is_not_kept(
    office: Office, gateway: SigningGateway, monkeypatch: pytest.MonkeyPatch, facts: dict[str, bool] | None
) -> None:
    found_in_the_answer(monkeypatch, *([] if facts is None else [replace(SOUND, **facts)]))
    run = await at_step_7(office)
    before = files(office)
    refused = await sign(run)
    assert (refused.status_code, codes(refused), files(office)) == (409, ["gateway_answer_unsound"], before)
    assert [(tried["state"], tried["code"]) for tried in await signings(run)] == [("failed", "gateway_answer_unsound")]


async def test_an_intent_left_by_a_server_that_went_down_is_unknown_after_a_while(
    own_office: Office, stub: SigningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(own_office, stub, api="v1")
    found_in_the_answer(monkeypatch, SOUND)
    run = await at_step_7(own_office)

    async def gone(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as down:
        down.setattr(gateway_signing, "asked", gone)
        with pytest.raises(KeyboardInterrupt):
            await sign(run)
    assert codes(await sign(run, despite_unknown=True)) == ["signing_under_way"]
    await own_office.at(own_office.clock() + timedelta(minutes=11))
    assert [tried["state"] for tried in await signings(run)] == ["unknown"]
    assert codes(await sign(run)) == ["signing_outcome_unknown"]
    assert (await sign(run, despite_unknown=True)).status_code == 201


async def test_only_the_signatory_and_only_a_pdf_of_bearable_size(office: Office, gateway: SigningGateway) -> None:
    run = await at_step_7(office)
    assert codes(await sign(run, "staf")) == ["may_not_mark", "signer_is_uploader"]
    assert codes(await sign(run, "sekretaris")) == ["may_not_mark"]
    large = await at_step_7(office, PDF + b" " * MAX_DOCUMENT)
    assert codes(await sign(large)) == ["gateway_takes_pdf"]
    assert (await sign(run, version=9)).status_code == 404
    assert gateway.forms == []


async def test_what_waits_for_the_scanner_is_signed_only_where_it_is_given_out(office: Office, gateway: SigningGateway) -> None:
    run, reception = await at_step_7(office), office.app.state.reception
    async with office.database.write() as connection:
        await connection.execute(update(VERSION).where(VERSION.c.document_id == UUID((await document(run))["id"])).values(scan="quarantined"))
    assert (codes(await sign(run)), gateway.forms) == (["not_scanned_yet"], [])
    office.app.state.reception = replace(reception, hold_quarantined=False)
    try:
        assert (await sign(run)).status_code == 201
    finally:
        office.app.state.reception = reception
        async with office.database.write() as connection:  # as it was told, for those who verify the log
            await connection.execute(update(VERSION).where(VERSION.c.scan == "quarantined").values(scan="unscanned"))


async def test_without_a_gateway_it_says_so(office: Office) -> None:
    run = await at_step_7(office)
    refused = await sign(run)
    assert (refused.status_code, codes(refused), await signings(run)) == (409, ["gateway_not_configured"], [])


@pytest.mark.parametrize("behaviour", ["signs", "vanishes", "fails"])
async def test_the_passphrase_is_kept_nowhere(office: Office, gateway: SigningGateway, behaviour: str) -> None:
    gateway.behaviour = behaviour
    run, planted = await at_step_7(office), "frasa-tertanam-4d1e"
    with capture_logs() as logged:
        answers = [await sign(run, passphrase=planted), await sign(run)]
        answers.append(await sign(run, nik="12", passphrase=planted))
        answers.append(await sign(run, nik=NIK, passphrase=planted, lain=planted))
    said = repr(logged) + "".join(answer.text for answer in answers) + repr(await signings(run))
    said += (await (await office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")).text
    async with office.database.read() as connection:
        for name in ("signing", "event", "document_version", "mark", "idempotency_key"):
            rows = await connection.exec_driver_sql(f"SELECT * FROM {name}")
            said += repr(rows.all())
    for secret in (planted, PASSPHRASE, PASSWORD, NIK):
        assert secret not in said
