"""Bundles that somebody changed and whose manifest they wrote anew: its own tool sees that the log tells otherwise."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.office import Office
from tests.support.shared_office import fresh
from tests.web.test_evidence import bundle_of, read, unpacked, verified

Forge = Callable[[Path], None]


@pytest.fixture(scope="module")
async def whole(office: Office) -> bytes:
    run = await (await fresh(office)).until(7)
    assert (await run.mark("sekretaris", "laporan_final", "initials")).status_code == 201
    await run.upload("staf", "laporan_ditandatangani", b"%PDF-1.7\nsatu")
    await run.upload("staf", "laporan_ditandatangani", b"%PDF-1.7\ndua")
    assert (await run.act("camat", "suspend", reason="Banjir.", comment="Dua hari.")).status_code == 201
    camat = await office.as_("camat")
    assert (await camat.post(f"/v1/instances/{run.id}/comments", json={"body": "Sudah surut?"})).status_code == 201
    return await bundle_of(office, run)


def listed_anew(at: Path) -> None:
    """The manifest of whatever is there now."""
    files = sorted(path for path in at.rglob("*") if path.is_file() and path.name != "MANIFEST.sha256")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(at).as_posix()}\n" for path in files]
    (at / "MANIFEST.sha256").write_text("".join(lines), encoding="utf-8")


def replaced(name: str, was: str, is_now: str) -> Forge:
    def forge(at: Path) -> None:
        text = (at / name).read_text(encoding="utf-8")
        assert was in text
        (at / name).write_text(text.replace(was, is_now), encoding="utf-8")

    return forge


def lines(change: Callable[[list[str]], list[str]]) -> Forge:
    def forge(at: Path) -> None:
        written = (at / "events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (at / "events.jsonl").write_text("".join(change(written)), encoding="utf-8")

    return forge


def shown(name: str, change: Callable[[Any], object]) -> Forge:
    def forge(at: Path) -> None:
        content = read(at, name)
        change(content)
        (at / name).write_text(json.dumps(content), encoding="utf-8")

    return forge


def swapped(at: Path) -> None:
    one, other = sorted((at / "documents" / "laporan_ditandatangani").iterdir())
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def marked(documents: Any) -> Any:
    return next(version for document in documents for version in document["versions"] if version["marks"])


FORGED: dict[str, Forge] = {
    "an event changed": replaced("events.jsonl", '"late":false', '"late":true'),
    "an event left out": lines(lambda told: told[:4] + told[5:]),
    "the tail cut": lines(lambda told: told[:-1]),
    "events swapped": lines(lambda told: [told[1], told[0], *told[2:]]),
    "an event added without a line end": lines(lambda told: [*told, told[-1].replace("comment", "komentar").rstrip("\n")]),
    "an event that says two names": lines(lambda told: ['{"actor":{"name":"Orang lain"},' + told[0][1:], *told[1:]]),
    "a name twice in the documents": replaced("documents.json", '"slot": "draf_tim",', '"slot": "x", "slot": "draf_tim",'),
    "documents swapped": swapped,
    "a version renamed": replaced("documents.json", '"filename": "draf_tim.pdf"', '"filename": "lain.pdf"'),
    "a version of somebody else": shown("documents.json", lambda documents: documents[0]["versions"][0]["uploaded_by"].update(name="Orang lain")),
    "a version left out": shown("documents.json", lambda documents: documents[-1]["versions"].pop()),
    "an initial taken away": shown("documents.json", lambda documents: marked(documents)["marks"].clear()),
    "an initial of somebody else": shown("documents.json", lambda documents: marked(documents)["marks"][0]["actor"].update(name="Orang lain")),
    "an initial made a signature": shown("documents.json", lambda documents: marked(documents)["marks"][0].update(mark="signature")),
    "a mark at another time": shown("documents.json", lambda documents: marked(documents)["marks"][0].update(at="2027-01-04T07:30:01+08:00")),
    "another reason": replaced("transitions.json", "Banjir.", "Malas."),
    "a reason where none was given": shown("transitions.json", lambda taken: taken[0].update(reason="Terpaksa.")),
    "another remark": replaced("transitions.json", "Dua hari.", "Tiga hari."),
    "a transition left out": shown("transitions.json", lambda taken: taken.pop()),
    "another comment": replaced("comments.json", "surut", "kering"),
    "a comment left out": shown("comments.json", lambda comments: comments.clear()),
    "a comment made up": shown("comments.json", lambda comments: comments.append(comments[0] | {"id": "x"})),
    "another state": shown("instance.json", lambda instance: instance.update(state="completed")),
    "another title": shown("instance.json", lambda instance: instance.update(title="Lain")),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_what_the_log_does_not_tell_is_seen_though_the_manifest_fits(whole: bytes, tmp_path: Path, forge: Forge) -> None:
    at = unpacked(whole, tmp_path)
    assert verified(at)[0] == 0, verified(at)
    forge(at)
    listed_anew(at)
    code, said = verified(at)
    assert (code, said.rstrip().endswith("NOT INTACT"), "Traceback" in said) == (1, True, False), said


def added(at: Path) -> None:
    (at / "documents" / "draf_tim" / "v2-surat.pdf").write_bytes(b"%PDF-1.7\n")


def unlisted(at: Path) -> None:
    manifest = at / "MANIFEST.sha256"
    kept = [line for line in manifest.read_text(encoding="utf-8").splitlines(keepends=True) if "procedure.json" not in line]
    manifest.write_text("".join(kept), encoding="utf-8")


@pytest.mark.parametrize("forge", [added, unlisted, lambda at: (at / "procedure.json").write_text("{}"), lambda at: (at / "procedure.json").unlink()])
async def test_what_the_manifest_does_not_say_is_seen(whole: bytes, tmp_path: Path, forge: Forge) -> None:
    at = unpacked(whole, tmp_path)
    forge(at)
    code, said = verified(at)
    assert (code, "procedure.json" in said or "v2-surat.pdf: not listed" in said) == (1, True), said
