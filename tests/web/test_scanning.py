"""The malware scanner over HTTP, against a real clamd: refused at the door, held while clamd is away, judged by the worker once it is back."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from app.outside.antivirus import Clamd, Scanner
from app.web.scanning import ScanLook, Scanned, scan_waiting
from app.worker import Work, own_shelf, scan_round
from tests.support.audit import found_anywhere
from tests.support.clamd import CLAMD, EICAR, MOST_STREAM_BYTES, THREAT, clamd
from tests.support.office import Office, Run, digest, open_office
from tests.support.shared_office import nothing_saved

pytestmark = pytest.mark.skipif(CLAMD is None, reason="clamd is not installed (Debian: clamav-daemon), so nothing was scanned for real")

SLOT = "draf_tim"
PDF = b"%PDF-1.7 rencana kegiatan\n"
EVIL = PDF + EICAR


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with clamd(tmp_path_factory.mktemp("clamd")) as socket:
        yield socket


@pytest.fixture
async def office(office_url: str, tmp_path: Path, where: Path) -> AsyncIterator[Office]:
    """Its clamd listens at `tmp_path / "clamd.ctl"`: there once `bring` has put it there."""
    async with open_office(office_url, tmp_path, ALUR_CLAMD_URL=f"unix://{tmp_path}/clamd.ctl") as opened:
        yield opened


def bring(where: Path, tmp_path: Path) -> None:
    (tmp_path / "clamd.ctl").symlink_to(where)


async def look(office: Office) -> Scanned:
    """One round of the worker."""
    blobs, scanner = office.app.state.reception.blobs, office.app.state.reception.scanner
    return await scan_waiting(ScanLook(office.database, blobs, scanner, own_shelf(), office.clock()))


async def shown(run: Run, slot: str = SLOT) -> list[tuple[str, str | None, str | None]]:
    listed = (await (await run.office.as_("camat")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    return [(v["scan"], v["scanned_at"], v["threat"]) for d in listed if d["slot"] == slot for v in d["versions"]]


async def content(run: Run, document: str, version: int = 1) -> httpx.Response:
    return await (await run.office.as_("camat")).get(f"/v1/documents/{document}/versions/{version}/content")


async def events(run: Run) -> list[dict[str, Any]]:
    answer = await (await run.office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def docx(payload: bytes) -> bytes:
    parts = {
        "[Content_Types].xml": '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": '<?xml version="1.0" encoding="UTF-8"?><w:document '
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>',
        "word/media/image1.png": payload,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize("evil", [EVIL, docx(EICAR)], ids=["PDF", "DOCX"])
async def test_malware_is_refused_at_the_door(office: Office, tmp_path: Path, where: Path, evil: bytes) -> None:
    bring(where, tmp_path)
    run = await Run.start(office)
    async with nothing_saved(office):
        with structlog.testing.capture_logs() as log:
            answer = await run.upload("camat", SLOT, evil)
    assert (answer.status_code, answer.json()["code"]) == (422, "infected")
    assert THREAT in answer.json()["detail"]
    (line,) = (entry for entry in log if entry["event"] == "infected upload refused")
    assert (line["threat"], line["sha256"]) == (THREAT, digest(evil))
    assert SLOT not in str(line)  # the file's name
    assert any(entry.get("account") == str(office.accounts["camat"]) and entry.get("problem") == "infected" for entry in log)


async def test_what_is_clean_is_said_to_be(office: Office, tmp_path: Path, where: Path) -> None:
    bring(where, tmp_path)
    run = await Run.start(office)
    for number, sent in enumerate((PDF, docx(b"gambar")), start=1):
        answer = await run.upload("camat", SLOT, sent)
        assert (answer.status_code, answer.json()["scan"], answer.json()["scanned_at"]) == (201, "clean", "2027-01-04T07:30:00+08:00")
        assert (await content(run, answer.json()["id"], number)).content == sent
    assert await look(office) == Scanned()
    assert await found_anywhere(office) == []


async def test_what_came_while_clamd_was_away_is_held_until_it_is_found_clean(office: Office, tmp_path: Path, where: Path) -> None:
    run = await Run.start(office)
    put = (await run.upload("camat", SLOT, PDF)).json()
    assert (put["scan"], put["scanned_at"], put["threat"]) == ("quarantined", None, None)
    refused = await content(run, put["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "content_quarantined")
    assert await look(office) == Scanned()  # still away: nobody's fault
    assert await shown(run) == [("quarantined", None, None)]
    bring(where, tmp_path)
    before = (await run.get())["version"]
    assert await look(office) == Scanned(clean=1)
    assert await shown(run) == [("clean", "2027-01-04T07:30:00+08:00", None)]
    assert (await content(run, put["id"])).content == PDF
    assert (await run.get())["version"] == before + 1
    last = (await events(run))[-1]
    assert (last["type"], last["actor"], last["data"]["scan"], last["data"]["versions"]) == ("document.scanned", None, "clean", [1])
    assert await look(office) == Scanned()
    assert await found_anywhere(office) == []


async def test_malware_found_later_is_never_given_out_and_fills_nothing(office: Office, tmp_path: Path, where: Path) -> None:
    run = await Run.start(office)
    await run.upload("camat", "struktur_organisasi", PDF)
    put = (await run.upload("camat", SLOT, EVIL)).json()
    bring(where, tmp_path)
    assert await look(office) == Scanned(clean=1, infected=1)
    assert await shown(run) == [("infected", "2027-01-04T07:30:00+08:00", THREAT)]
    refused = await content(run, put["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "content_infected")
    assert THREAT in refused.json()["detail"]
    completed = await run.act("camat", "complete", step=1)
    assert (completed.status_code, completed.json()["code"]) == (409, "output_missing")
    copied = await (await office.as_("camat")).post(f"/v1/instances/{run.id}/documents", files={"slot": (None, SLOT), "copy_of": (None, "1")})
    assert (copied.status_code, copied.json()["code"]) == (409, "content_infected")
    assert (await run.upload("camat", SLOT, PDF)).json()["scan"] == "clean"
    assert (await run.act("camat", "complete", step=1)).status_code == 201
    assert await found_anywhere(office) == []


async def test_sign_offs_given_for_malware_are_void(office: Office, tmp_path: Path, where: Path) -> None:
    run = await (await Run.start(office)).until(4)
    await run.upload("tim1", "data_kinerja", PDF)
    await run.upload("sekretaris", "konsep_laporan", EVIL)
    assert (await run.act("sekretaris", "complete", step=4)).status_code == 201
    bring(where, tmp_path)
    assert (await look(office)).infected == 1
    void = next(e for e in await events(run) if e["type"] == "document.scanned" and e["data"]["scan"] == "infected")
    assert [s["role"] for s in void["data"]["voided_sign_offs"]] == ["sekretaris"]
    assert (await run.upload("sekretaris", "konsep_laporan", PDF)).status_code == 201
    for username in ("sekretaris", "tim1"):
        assert (await run.act(username, "complete", step=4)).status_code == 201
    assert (await run.get())["current_step"] == 5
    assert await found_anywhere(office) == []


async def test_nobody_marks_what_is_held_and_everybody_once_it_is_clean(office: Office, tmp_path: Path, where: Path) -> None:
    run = await (await Run.start(office)).until(7)
    marked = await run.mark("sekretaris", "laporan_final", "initials")
    assert (marked.status_code, marked.json()["code"]) == (409, "not_scanned_yet")
    bring(where, tmp_path)
    await look(office)
    assert (await run.mark("sekretaris", "laporan_final", "initials")).status_code == 201
    assert await found_anywhere(office) == []


async def test_what_clamd_cannot_take_stays_held_and_is_tried_again_an_hour_later(office: Office, tmp_path: Path, where: Path) -> None:
    bring(where, tmp_path)
    run = await Run.start(office)
    put = (await run.upload("camat", SLOT, PDF + bytes(2 * MOST_STREAM_BYTES))).json()
    assert put["scan"] == "quarantined"
    for wanted in (1, 0, 0):
        assert await look(office) == Scanned(not_taken=wanted)
    refused = await content(run, put["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "content_quarantined")
    assert "tidak dapat memeriksa" in refused.json()["detail"]
    office.clock.forward(hours=1, seconds=1)
    assert await look(office) == Scanned(not_taken=1)
    assert await found_anywhere(office) == []


@pytest.mark.parametrize(("instead", "noted"), [(PDF.ljust(len(EVIL)), 1), (PDF, 0)], ids=["changed", "cut short: missing"])
async def test_bytes_that_storage_changed_are_not_judged_but_noted(office: Office, tmp_path: Path, where: Path, instead: bytes, noted: int) -> None:
    run = await Run.start(office)
    await run.upload("camat", SLOT, EVIL)
    (file,) = (path for path in office.app.state.reception.blobs.root.rglob("*") if path.is_file())
    file.chmod(0o600)
    file.write_bytes(instead)
    bring(where, tmp_path)
    for _ in range(2):
        assert await look(office) == Scanned(not_taken=1)
        assert (await shown(run))[0][0] == "quarantined"
        await office.at(office.clock() + timedelta(hours=1, seconds=1))
    assert [event["type"] for event in await events(run)].count("document.damaged") == noted
    assert await found_anywhere(office) == []


async def test_where_an_administrator_says_so_nothing_is_held(sqlite_office_url: str, tmp_path: Path) -> None:
    settings = {"ALUR_CLAMD_URL": f"unix://{tmp_path}/clamd.ctl", "ALUR_HOLD_QUARANTINED": "0"}
    async with open_office(sqlite_office_url, tmp_path, **settings) as office:
        run = await (await Run.start(office)).until(7)
        put = (await run.upload("staf", "laporan_ditandatangani", PDF)).json()
        assert put["scan"] == "quarantined"
        assert (await content(run, put["id"])).content == PDF
        assert (await run.mark("sekretaris", "laporan_final", "initials")).status_code == 201
        assert (await office.client().get("/readyz")).status_code == 200  # clamd being away is no reason to take no requests


async def test_the_worker_does_so_by_itself(office: Office, tmp_path: Path, where: Path) -> None:
    run = await Run.start(office)
    await run.upload("camat", SLOT, PDF)
    bring(where, tmp_path)
    reception = office.app.state.reception
    scanner: Scanner = reception.scanner
    assert isinstance(scanner, Clamd)
    await scan_round(Work(database=office.database, blobs=reception.blobs, clock=office.clock, every=timedelta(hours=1), scanner=scanner))
    assert (await shown(run))[0][0] == "clean"
