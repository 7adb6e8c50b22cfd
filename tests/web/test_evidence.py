"""The evidence bundle: one archive with everything about an instance, which its own tools and `sha256sum` find to be what it says."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.office import Office, Run
from tests.support.shared_office import files, fresh

PDF = b"%PDF-1.7\n"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def bundle_of(office: Office, run: Run, username: str = "auditor") -> bytes:
    answer = await (await office.as_(username)).get(f"/v1/instances/{run.id}/evidence.zip")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="bukti-pengumpulan-data-kinerja-')
    return answer.content


def unpacked(content: bytes, at: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        archive.extractall(at)
    return at


def verified(at: Path) -> tuple[int, str]:
    return ran(at, sys.executable, "-I", "verify.py")


def ran(at: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def read(at: Path, name: str) -> Any:
    return json.loads((at / name).read_text(encoding="utf-8"))


async def test_a_finished_procedure_is_one_archive_that_proves_itself(office: Office, tmp_path: Path) -> None:
    run = await (await fresh(office)).until(8)
    at = unpacked(await bundle_of(office, run), tmp_path)
    listed = (at / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
    there = {str(path.relative_to(at)) for path in at.rglob("*") if path.is_file()}
    assert {line.partition("  ")[2] for line in listed} == there - {"MANIFEST.sha256"}
    if shutil.which("sha256sum"):
        assert ran(at, "sha256sum", "-c", "--strict", "MANIFEST.sha256")[0] == 0
    assert verified(at)[0] == 0, verified(at)
    assert read(at, "instance.json")["state"] == "completed"
    assert "actions" not in read(at, "instance.json")
    assert [taken["action"] for taken in read(at, "transitions.json")][:1] == ["complete"]
    versions = [version for document in read(at, "documents.json") for version in document["versions"]]
    assert {version["slot"] for version in versions} >= {"draf_tim", "laporan_ditandatangani"}
    for version in versions:
        assert hashlib.sha256((at / version["path"]).read_bytes()).hexdigest() == version["sha256"]
    assert any(mark["mark"] == "signature" for version in versions for mark in version["marks"])
    events = [json.loads(line) for line in (at / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert (events[0]["type"], events[-1]["type"]) == ("instance.started", "instance.completed")
    assert read(at, "audit.json")["head"] == {"sequence": len(events), "hash": events[-1]["hash"]}


@pytest.mark.parametrize("spoiled", ["documents", "events.jsonl", "documents.json", "audit.json"])
async def test_its_own_tool_sees_what_was_changed(office: Office, tmp_path: Path, spoiled: str) -> None:
    run = await fresh(office)
    await run.upload("camat", "draf_tim", PDF + b"satu")
    await run.upload("camat", "draf_tim", PDF + b"dua")
    at = unpacked(await bundle_of(office, run), tmp_path)
    victim = next((at / "documents" / "draf_tim").iterdir()) if spoiled == "documents" else at / spoiled
    changed = victim.read_bytes()
    for was, is_now in ((b"satu", b"tiga"), (b"dua", b"dui"), (b"draf_tim", b"draf_tin"), (b'"sequence": ', b'"sequence": 1')):
        changed = changed.replace(was, is_now)
    victim.write_bytes(changed)
    forged = (at / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
    name = str(victim.relative_to(at))
    lines = [f"{hashlib.sha256(changed).hexdigest()}  {name}" if line.endswith(f"  {name}") else line for line in forged]
    (at / "MANIFEST.sha256").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if spoiled == "documents.json":  # whoever leaves a version out of the list
        documents = read(at, "documents.json")
        documents[0]["versions"].pop()
        victim.write_text(json.dumps(documents), encoding="utf-8")
    code, said = verified(at)
    assert code == 1, said


async def test_names_that_no_system_takes_are_written_so_that_all_do(office: Office, tmp_path: Path) -> None:
    run = await fresh(office)
    client = await office.as_("camat")
    for name in ('Laporan: "akhir" <v2>?*|.pdf', "CON.pdf", "é" * 120 + ".pdf", "- mulai.pdf", "..pdf"):
        files = {"file": (name, PDF + name.encode(), "application/pdf")}
        answer = await client.post(f"/v1/instances/{run.id}/documents", data={"slot": "draf_tim"}, files=files)
        assert answer.status_code == 201, answer.text
    at = unpacked(await bundle_of(office, run), tmp_path)
    names = [path.name for path in (at / "documents" / "draf_tim").iterdir()]
    assert len(names) == 5
    assert not any(set(name) & set('<>:"|?*\\') or len(name.encode()) > 200 for name in names)
    assert verified(at)[0] == 0
    shown = read(at, "documents.json")[0]["versions"][0]["filename"]
    assert shown.startswith("Laporan: ")


async def test_what_is_not_there_is_said_and_the_rest_still_comes(office: Office, tmp_path: Path) -> None:
    run = await fresh(office)
    await run.upload("camat", "struktur_organisasi", PDF + b"a")
    before = files(office)
    await run.upload("camat", "draf_tim", PDF + b"b")
    (gone,) = files(office) - before
    gone.unlink()
    at = unpacked(await bundle_of(office, run), tmp_path)
    told = {document["slot"]: document["versions"][0] for document in read(at, "documents.json")}
    assert (told["draf_tim"]["left_out"], told["draf_tim"]["path"]) == ("missing", None)
    assert told["struktur_organisasi"]["left_out"] is None
    assert verified(at)[0] == 0


async def test_an_instance_without_anything_has_a_bundle_too(office: Office, tmp_path: Path) -> None:
    run = await fresh(office)
    at = unpacked(await bundle_of(office, run, "camat"), tmp_path)
    assert (read(at, "documents.json"), read(at, "comments.json"), read(at, "transitions.json")) == ([], [], [])
    assert verified(at)[0] == 0


async def test_words_that_the_log_only_hashes_are_there_to_be_read(office: Office, tmp_path: Path) -> None:
    run = await fresh(office)
    camat = await office.as_("camat")
    for number in range(3):
        said = {"body": f"catatan ke-{number} \u2028 é"}
        assert (await camat.post(f"/v1/instances/{run.id}/comments", json=said)).status_code == 201
    at = unpacked(await bundle_of(office, run), tmp_path)
    assert [comment["body"] for comment in read(at, "comments.json")] == [f"catatan ke-{number} \u2028 é" for number in range(3)]
    assert b"catatan" not in (at / "events.jsonl").read_bytes()
    assert verified(at)[0] == 0


async def test_another_office_has_no_such_instance(office: Office) -> None:
    run = await fresh(office)
    assert (await (await office.as_("camat.muarajawa")).get(f"/v1/instances/{run.id}/evidence.zip")).status_code == 404
