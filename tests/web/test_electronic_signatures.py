"""Signing step 7 with a signature that the PDF carries: verified, kept fact by fact, told without names; by the procedure's policy."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from app.domain.signatures import PdfSignature
from app.outside.pdf_signatures import PdfUnreadable
from app.store.tables import DocumentVersionRow, MarkRow, table
from app.usecases import electronic_signing
from tests.support.audit import found, rewritten
from tests.support.drafts import SHIPPED, changed
from tests.support.office import Office, Run, digest
from tests.support.shared_office import blobs_of, fresh, nothing_saved
from tests.support.signed_pdfs import person, plain, roots_file, signed
from tests.web.test_authority_meanwhile import revoke
from tests.web.test_damaged_content import told
from tests.web.test_frame_errors import problem
from tests.web.test_rules_other_sop import published

REPORT, SIGNED = "laporan_final", "laporan_ditandatangani"
MARK, VERSION = table(MarkRow), table(DocumentVersionRow)


PDF = signed(plain(), person("Camat Uji"))
"""Made while the tests are collected: pyHanko signs in a loop of its own."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    return roots_file(tmp_path)


async def at_step_7(office: Office, content: bytes = PDF) -> Run:
    run = await fresh(office, at_step=7)
    assert (await run.mark("sekretaris", REPORT, "initials")).status_code == 201
    assert (await run.upload("staf", SIGNED, content)).status_code == 201
    return run


async def path_of(run: Run, version: int = 1) -> str:
    listed = (await (await run.office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    return f"/v1/documents/{next(d['id'] for d in listed if d['slot'] == SIGNED)}/versions/{version}/signatures"


async def sign(run: Run, kind: str = "electronic", username: str = "camat", version: int = 1, **headers: str) -> Response:
    client = await run.office.as_(username)
    return await client.post(await path_of(run, version), json={"kind": kind}, headers=headers)


SOUND = PdfSignature(
    field="Camat",
    intact=True,
    trusted=None,
    covers_whole_document=True,
    signer="Camat Uji",
    issuer="Otoritas Uji",
    serial_number="1f",
    signed_at=None,
    timestamped=False,
)


def found_instead(monkeypatch: pytest.MonkeyPatch, *signatures: PdfSignature) -> list[Path]:
    """What the child would say, without its start; and the files that it was shown."""
    shown: list[Path] = []

    async def verify(path: Path, *, trust_roots: Path | None, at: datetime) -> tuple[PdfSignature, ...]:
        shown.append(path)
        return signatures

    monkeypatch.setattr(electronic_signing, "verify", verify)
    return shown


async def test_step_7_with_an_electronic_signature(own_office: Office, roots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real child, the real file, trust roots: the mark, the document, the event, the verification of the log."""
    monkeypatch.setattr(own_office.app.state, "trust_roots", roots)
    run = await at_step_7(own_office)
    answer = await sign(run, **{"Idempotency-Key": "tanda-1"})
    assert answer.status_code == 201, answer.text
    mark = answer.json()
    assert (mark["kind"], mark["role"], mark["sha256"]) == ("electronic", "camat", digest(PDF))
    assert (mark["evidence"]["roots"], mark["evidence"]["verified_at"]) == (True, "2027-01-04T07:30:00+08:00")
    (one,) = mark["evidence"]["signatures"]
    facts = {"field": "Camat", "intact": True, "trusted": True, "covers_whole_document": True, "timestamped": False}
    assert one.items() >= (facts | {"signer": "Camat Uji", "issuer": "Otoritas Uji"}).items()
    again = await sign(run, **{"Idempotency-Key": "tanda-1"})
    assert (again.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (201, mark, "true")
    events = (await (await own_office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")).json()["items"]
    told = events[-1]["data"]["evidence"]["signatures"][0]
    assert (told["intact"], told["trusted"], told["covers_whole_document"]) == (True, True, True)
    assert "Uji" not in str(events[-1]["data"])
    assert (await run.act("staf", "complete", step=7)).status_code == 201
    assert await found(own_office) == []
    doubted = {**(await _kept(own_office)), "roots": False}
    async with rewritten(own_office, MarkRow, [MARK.c.mark == "signature"], evidence=doubted):
        assert [code for _, _, code in await found(own_office)] == ["document_differs"]


async def _kept(office: Office) -> dict[str, Any]:
    async with office.database.read() as connection:
        kept: dict[str, Any] = (await connection.execute(MARK.select().where(MARK.c.mark == "signature"))).mappings().one()["evidence"]
        return kept


async def test_no_signature_in_it_is_refused_kindly(office: Office) -> None:
    """The real child again."""
    run = await at_step_7(office, plain())
    async with nothing_saved(office):
        answer = await sign(run, **{"Accept-Language": "en"})
    assert "Sign the file" in str(problem(answer, 409, "not_signed_electronically")["detail"])


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"intact": False}, "signature_not_intact"),
        ({"covers_whole_document": False}, "signature_not_whole"),
        ({"trusted": False}, "signature_not_trusted"),
    ],
)
async def test_what_is_not_enough(office: Office, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], code: str) -> None:
    run = await at_step_7(office)
    shown = found_instead(monkeypatch, replace(SOUND, **facts))
    async with nothing_saved(office):
        answer = await sign(run)
    assert "Camat Uji" in str(problem(answer, 409, code)["detail"])
    assert not shown[0].exists()


@pytest.mark.parametrize("reason", ["damaged", "encrypted", "forms", "costly", "crashed"])
async def test_a_pdf_that_cannot_be_read_is_no_fault_of_the_server(office: Office, monkeypatch: pytest.MonkeyPatch, reason: Any) -> None:
    async def verify(path: Path, *, trust_roots: Path | None, at: datetime) -> tuple[PdfSignature, ...]:
        raise PdfUnreadable(reason)

    run = await at_step_7(office)
    monkeypatch.setattr(electronic_signing, "verify", verify)
    async with nothing_saved(office):
        problem(await sign(run), 409, "signature_unreadable")


async def test_nothing_is_verified_for_whom_it_is_not(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = found_instead(monkeypatch, SOUND)
    run = await at_step_7(office)
    problem(await sign(run, username="staf"), 403, "may_not_mark")
    problem(await sign(run, username="auditor"), 403, "may_not_mark")
    problem(await sign(run, version=2), 404, "not_found")
    problem(await sign(run, **{"If-Match": '"1"'}), 412, "precondition_failed")
    assert shown == []


async def test_bytes_that_are_not_those_uploaded_are_not_signed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await at_step_7(office)
    async with office.database.read() as connection:
        kept = (await connection.execute(VERSION.select().where(VERSION.c.sha256 == digest(PDF)))).mappings().all()
    for row in kept:
        path = blobs_of(office).root / row["storage_key"]
        path.write_bytes(PDF.replace(b"Laporan", b"Laporam"))
    problem(await sign(run), 503, "content_damaged")
    problem(await sign(run), 409, "version_damaged")  # known by now
    (event,) = await told(run)
    assert (event["actor"], event["data"]["chunk"], event["data"]["sha256"]) == (None, 0, digest(PDF))


async def test_a_new_version_while_it_is_verified_leaves_no_mark(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction is open meanwhile: the upload gets through, on SQLite too."""
    run = await at_step_7(office)

    async def verify(path: Path, *, trust_roots: Path | None, at: datetime) -> tuple[PdfSignature, ...]:
        assert (await run.upload("staf", SIGNED, b"%PDF-1.7 lain")).status_code == 201
        return (SOUND,)

    monkeypatch.setattr(electronic_signing, "verify", verify)
    problem(await sign(run), 409, "version_superseded")
    listed = (await (await office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    versions = next(d["versions"] for d in listed if d["slot"] == SIGNED)
    assert [version["marks"] for version in versions] == [[], []]
    found_instead(monkeypatch, SOUND)
    assert (await sign(run, version=2)).status_code == 201


async def test_a_role_lost_while_it_is_verified_signs_nothing(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await at_step_7(own_office)

    async def verify(path: Path, *, trust_roots: Path | None, at: datetime) -> tuple[PdfSignature, ...]:
        await revoke(own_office, "camat")
        return (SOUND,)

    monkeypatch.setattr(electronic_signing, "verify", verify)
    async with nothing_saved(own_office):
        problem(await sign(run), 404, "not_found")


@pytest.mark.parametrize(
    ("policy", "kind", "refusal"),
    [
        ("wet", "electronic", "signature_kind_not_allowed"),
        ("electronic", "wet", "signature_kind_not_allowed"),
        ("wet", "wet", None),
        ("electronic", "electronic", None),
    ],
)
async def test_the_procedure_says_by_which_hand(
    own_office: Office, monkeypatch: pytest.MonkeyPatch, policy: str, kind: str, refusal: str | None
) -> None:
    found_instead(monkeypatch, SOUND)
    await published(own_office, changed(SHIPPED, {"/steps/6/outputs/0/signature_kind": policy}))
    run = await at_step_7(own_office)
    answer = await sign(run, kind)
    if refusal is not None:
        problem(answer, 422, refusal)
        problem(await run.act("staf", "complete", step=7), 409, "signature_missing")
        return
    assert (answer.status_code, answer.json()["evidence"] is None) == (201, kind == "wet")
    assert (await run.act("staf", "complete", step=7)).status_code == 201
    assert await found(own_office) == []
