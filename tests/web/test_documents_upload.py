"""Uploads that succeed: what is kept of them, and what a new version does to marks and sign-offs."""

from typing import Any

import pytest
from httpx import AsyncClient

from app.domain.permissions import PERMISSIONS
from tests.support.forms import FORM, PDF, a_file, form, part
from tests.support.office import Office, Run, digest
from tests.support.shared_office import files, fresh, saved
from tests.web.test_frame_errors import problem


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def sent(client: AsyncClient, run: Run, *parts: bytes, **headers: str) -> dict[str, Any]:
    answer = await client.post(f"/v1/instances/{run.id}/documents", content=form(*parts), headers=FORM | headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/documents/{found['id']}"
    return found


async def performer(run: Run, step: int, role: str) -> dict[str, Any]:
    found = (await run.get())["steps"][step - 1]["performers"]
    return next(p for p in found if p["role"] == role)


async def kinds_of_events(office: Office, run: Run) -> list[dict[str, Any]]:
    answer = await (await office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


async def test_what_is_answered_says_what_is_kept(office: Office) -> None:
    run = await fresh(office)
    camat = await office.as_("camat")
    answer = await sent(camat, run, part("slot", "draf_tim"), part("note", "Versi rapat 3 Januari — final?"), a_file())
    document = answer.pop("id")
    uploader = {"name": "Wiraja Tanumaheswara", "role": "camat", "office": "64.02.13", "capacity": "definitive", "label": "Camat"}
    assert answer == {
        "instance_id": run.id,
        "slot": "draf_tim",
        "version": 1,
        "step": 1,
        "round": 1,
        "sha256": digest(PDF),
        "size": len(PDF),
        "media_type": "application/pdf",
        "filename": "draf.pdf",
        "copy_of": None,
        "signed_from": None,
        "note": "Versi rapat 3 Januari — final?",
        "scan": "unscanned",
        "scanned_at": None,
        "threat": None,
        "damaged_at": None,
        "uploaded_by": uploader | {"account_id": str(office.accounts["camat"])},
        "uploaded_at": "2027-01-04T07:30:00+08:00",
        "marks": [],
    }
    shown = (await camat.get(f"/v1/documents/{document}")).json()
    assert (shown["id"], shown["slot"], shown["label"], shown["versions"]) == (document, "draf_tim", "Draf Tim", [answer | {"id": document}])
    slot = next(s for s in (await run.get())["steps"][0]["outputs"] if s["slot"] == "draf_tim")
    assert (slot["filled"], slot["document_id"]) == (True, document)


async def test_the_order_of_the_parts_does_not_matter(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    one = await sent(camat, run, a_file(), part("note", "a"), part("slot", "draf_tim"))
    two = await sent(camat, run, part("note", "a"), part("slot", "draf_tim"), a_file(b"%PDF-1.7 another"))
    assert [(v["version"], v["slot"], v["note"], v["sha256"]) for v in (one, two)] == [
        (1, "draf_tim", "a", digest(PDF)),
        (2, "draf_tim", "a", digest(b"%PDF-1.7 another")),
    ]


@pytest.mark.parametrize("note", ["", None])
async def test_a_note_left_empty_is_none(office: Office, note: str | None) -> None:
    parts = [part("slot", "draf_tim"), a_file()] + ([] if note is None else [part("note", note)])
    assert (await sent(await office.as_("camat"), await fresh(office), *parts))["note"] is None


async def test_a_copy_takes_the_bytes_of_the_version_that_it_names(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    first = await sent(camat, run, part("slot", "draf_tim"), a_file())
    await sent(camat, run, part("slot", "draf_tim"), a_file(b"%PDF-1.7 second", "kedua.pdf"))
    stored = files(office)
    third = await sent(camat, run, part("slot", "draf_tim"), part("copy_of", "1"), part("note", "kembali ke yang pertama"))
    assert files(office) == stored
    same = ("id", "sha256", "size", "filename", "media_type")
    assert {name: third[name] for name in same} == {name: first[name] for name in same}
    assert (third["version"], third["copy_of"], third["note"]) == (3, 1, "kembali ke yang pertama")
    assert (await camat.get(f"/v1/documents/{third['id']}/versions/3/content")).content == PDF


async def test_documents_are_listed_by_slot_with_all_their_versions(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    for slot, content in (("draf_tim", PDF + b"a"), ("struktur_organisasi", PDF + b"b"), ("draf_tim", PDF + b"c")):
        await sent(camat, run, part("slot", slot), a_file(content))
    listed = (await (await office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()
    assert [(d["slot"], [v["sha256"] for v in d["versions"]]) for d in listed["items"]] == [
        ("struktur_organisasi", [digest(PDF + b"b")]),
        ("draf_tim", [digest(PDF + b"a"), digest(PDF + b"c")]),
    ]
    assert listed["page"]["next_cursor"] is None
    assert (await (await office.as_("staf")).get(f"/v1/instances/{(await fresh(office)).id}/documents")).json()["items"] == []


async def test_a_new_version_voids_the_sign_offs_of_this_round(office: Office) -> None:
    run = await fresh(office, at_step=4)
    await run.fill(4)
    assert (await run.act("sekretaris", "complete", step=4)).status_code == 201
    assert (await performer(run, 4, "sekretaris"))["signed_off_by"] is not None
    assert (await run.upload("tim1", "konsep_laporan", b"%PDF-1.7 better")).status_code == 201
    assert (await performer(run, 4, "sekretaris"))["signed_off_by"] is None
    event = (await kinds_of_events(office, run))[-1]
    assert (event["type"], event["data"]["slot"], event["data"]["version"]) == ("document.uploaded", "konsep_laporan", 2)
    assert event["data"]["voided_sign_offs"] == [{"role": "sekretaris", "account_id": str(office.accounts["sekretaris"])}]
    assert (await run.act("tim2", "complete", step=4)).json()["instance"]["current_step"] == 4
    assert (await run.act("sekretaris", "complete", step=4)).json()["instance"]["current_step"] == 5


async def test_a_new_version_starts_without_marks_and_the_old_one_keeps_its_own(office: Office) -> None:
    run = await fresh(office, at_step=7)
    await run.fill(7)
    assert (await run.upload("staf", "laporan_ditandatangani", b"%PDF-1.7 scanned again")).json()["marks"] == []
    documents = (await (await office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    versions = next(d["versions"] for d in documents if d["slot"] == "laporan_ditandatangani")
    assert [[mark["mark"] for mark in version["marks"]] for version in versions] == [["signature"], []]
    answer = await run.act("staf", "complete", step=7)
    assert [refusal["code"] for refusal in problem(answer, 409, "signature_missing")["refusals"]] == ["signature_missing"]  # type: ignore[attr-defined]
    assert (await run.mark("camat", "laporan_ditandatangani", "signatures")).status_code == 201
    assert (await run.act("staf", "complete", step=7)).json()["instance"]["state"] == "completed"


async def test_free_text_enters_the_log_only_as_its_hash(office: Office) -> None:
    run = await fresh(office)
    secret = "Gaji Bimantara"
    await sent(await office.as_("camat"), run, part("slot", "draf_tim"), part("note", secret), a_file(filename=f"{secret}.pdf"))
    event = (await kinds_of_events(office, run))[-1]
    assert secret not in str(event)
    assert (event["data"]["note_sha256"], event["data"]["filename_sha256"]) == (digest(secret.encode()), digest(f"{secret}.pdf".encode()))


async def test_an_upload_is_one_act(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    before = await saved(office.database)
    await sent(camat, run, part("slot", "draf_tim"), a_file())
    after = await saved(office.database)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "acts": 1,
        "blob": 1,
        "document": 1,
        "document_version": 1,
        "event": 1,
    }


@pytest.mark.parametrize("username", ["admin", "auditor"])
async def test_no_permission_makes_a_performer(office: Office, username: str) -> None:
    assert username in PERMISSIONS
    problem(await (await fresh(office)).upload(username, "draf_tim"), 403, "not_a_performer")
