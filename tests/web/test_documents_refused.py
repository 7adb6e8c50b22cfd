"""Uploads that are refused: who may not is told before a byte is taken, and nothing of what was sent stays behind."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from tests.support.forms import BOUNDARY, FORM, PDF, Feed, a_file, feed, form, part
from tests.support.office import Office, Run, digest
from tests.support.shared_office import fresh, nothing_saved
from tests.web.test_frame_errors import problem

CAP = 64 * 1024


@pytest.fixture(scope="module")
def office_settings() -> dict[str, str]:
    return {"ALUR_MAX_UPLOAD_BYTES": str(CAP)}


async def post(client: AsyncClient, run: Run, body: bytes | Feed, headers: dict[str, str] | None = None) -> Response:
    content = body if isinstance(body, bytes) else aiter(body)
    return await client.post(f"/v1/instances/{run.id}/documents", content=content, headers=FORM | (headers or {}))


# ── before a byte is taken ──────────────────────────────────────────────────────────────────────────────────────────


async def _as_it_is(run: Run) -> None:
    pass


async def _suspended(run: Run) -> None:
    assert (await run.act("camat", "suspend", reason="Cuti bersama")).status_code == 201


async def _cancelled(run: Run) -> None:
    assert (await run.act("camat", "cancel", reason="Salah periode")).status_code == 201


@pytest.mark.parametrize(
    ("username", "prepare", "status", "codes"),
    [
        ("sekretaris", _as_it_is, 403, ["not_a_performer"]),
        ("tim1", _as_it_is, 403, ["not_a_performer"]),
        ("auditor", _as_it_is, 403, ["not_a_performer"]),
        ("sekretaris", _suspended, 403, ["not_a_performer", "instance_suspended"]),
        ("camat", _suspended, 409, ["instance_suspended"]),
        ("camat", _cancelled, 409, ["instance_closed"]),
        ("camat.muarajawa", _as_it_is, 404, []),
        ("camat.muarajawa", _cancelled, 404, []),
    ],
)
async def test_who_may_not_is_told_before_a_byte_is_taken(
    office: Office, username: str, prepare: Callable[[Run], Awaitable[None]], status: int, codes: list[str]
) -> None:
    run, client = await fresh(office), await office.as_(username)
    await prepare(run)
    body = feed("draf_tim", size=CAP - 1)
    async with nothing_saved(office):
        answer = await post(client, run, body)
    found = problem(answer, status, codes[0] if codes else "not_found")
    assert [refusal["code"] for refusal in found["refusals"]] == codes  # type: ignore[attr-defined]
    assert body.taken == 0


async def test_a_stranger_and_an_unknown_instance_cost_no_byte_either(office: Office) -> None:
    run, stranger, camat = await fresh(office), office.client(), await office.as_("camat")
    body = feed("draf_tim")
    problem(await post(stranger, run, body), 401, "token_missing")
    await stranger.aclose()
    for name in (str(uuid4()), "bukan-uuid"):
        problem(await camat.post(f"/v1/instances/{name}/documents", content=aiter(body), headers=FORM), 404, "not_found")
    assert body.taken == 0


async def test_a_stale_if_match_costs_no_byte_and_the_right_one_passes(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    tag = (await camat.get(f"/v1/instances/{run.id}")).headers["etag"]
    assert (await post(camat, run, form(part("slot", "draf_tim"), a_file()), {"If-Match": tag})).status_code == 201
    body = feed("draf_tim")
    async with nothing_saved(office):
        for stale in (tag, '"999.0"', "nonsense", ""):
            problem(await post(camat, run, body, {"If-Match": stale}), 412, "precondition_failed")
    assert body.taken == 0
    assert (await post(camat, run, feed("draf_tim"), {"If-Match": "*"})).status_code == 201


# ── which slot ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("slot", "status", "code"),
    [
        ("rencana_kegiatan", 409, "slot_closed"),
        ("laporan_final", 409, "slot_closed"),
        ("tim_penyusun", 422, "slot_holds_no_document"),
        ("Draf_Tim", 422, "unknown_slot"),
        ("draf_tim ", 422, "unknown_slot"),
        ("../draf_tim", 422, "unknown_slot"),
        ("{open}", 422, "unknown_slot"),
    ],
)
async def test_another_slot_is_refused(office: Office, slot: str, status: int, code: str) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    async with nothing_saved(office):
        answer = await post(camat, run, form(part("slot", slot), a_file()))
    assert [refusal["code"] for refusal in problem(answer, status, code)["refusals"]] == [code]  # type: ignore[attr-defined]


async def test_a_closed_slot_names_the_open_ones(office: Office) -> None:
    run, camat = await fresh(office, at_step=4), await office.as_("tim1")
    answer = await post(camat, run, form(part("slot", "draf_tim"), a_file()), {"Accept-Language": "en"})
    assert problem(answer, 409, "slot_closed")["detail"] == "Slot draf_tim is not open in step 4. Open now: data_kinerja, konsep_laporan."


async def test_an_input_that_an_earlier_step_put_out_is_closed(office: Office) -> None:
    """Step 5 reads `konsep_laporan`; a new draft takes a return to step 4."""
    run = await fresh(office, at_step=5)
    async with nothing_saved(office):
        problem(await run.upload("camat", "konsep_laporan"), 409, "slot_closed")


# ── the form ────────────────────────────────────────────────────────────────────────────────────────────────────────

SLOT = part("slot", "draf_tim")
NO_FILE = "file_or_copy_of"
FORMS: dict[str, tuple[bytes, list[tuple[str, str]]]] = {
    "no part at all": (form(), [("/slot", "missing"), ("/file", NO_FILE)]),
    "no slot": (form(a_file()), [("/slot", "missing")]),
    "an empty slot": (form(part("slot", ""), a_file()), [("/slot", "missing")]),
    "no file": (form(SLOT), [("/file", NO_FILE)]),
    "the file input of a browser left alone": (form(SLOT, a_file(b"", "")), [("/file", NO_FILE)]),
    "an empty file": (form(SLOT, a_file(b"")), [("/file", "empty_file")]),
    "two files": (form(SLOT, a_file(), a_file(b"second")), [("/file", "duplicate_field")]),
    "a file and a copy": (form(SLOT, a_file(), part("copy_of", "1")), [("/file", NO_FILE)]),
    "a file under another name": (form(SLOT, part("dokumen", PDF, filename="x.pdf")), [("/dokumen", "unexpected_file")]),
    "a file without a name": (form(SLOT, part("file", PDF)), [("/file", "not_a_file")]),
    "two slots": (form(SLOT, SLOT, a_file()), [("/slot", "duplicate_field")]),
    "an unknown part": (form(SLOT, a_file(), part("version", "7")), [("/version", "unknown_field")]),
    "unknown parts and no slot": (
        form(a_file(), part("a/b", "1"), part("id", "1")),
        [("/a/b", "unknown_field"), ("/id", "unknown_field"), ("/slot", "missing")],
    ),
    "a copy of nothing": (form(SLOT, part("copy_of", "0")), [("/copy_of", "not_a_version")]),
    "a copy of words": (form(SLOT, part("copy_of", "yang pertama")), [("/copy_of", "not_a_version")]),
    "a copy of a negative": (form(SLOT, part("copy_of", "-1")), [("/copy_of", "not_a_version")]),
    "a copy in other digits": (form(SLOT, part("copy_of", "١")), [("/copy_of", "not_a_version")]),
    "a copy of a huge number": (form(SLOT, part("copy_of", "9" * 5000)), [("/copy_of", "not_a_version")]),
    "a copy and an unknown part": (form(SLOT, part("copy_of", "x"), part("y", "")), [("/y", "unknown_field"), ("/copy_of", "not_a_version")]),
    "a long note": (form(SLOT, a_file(), part("note", "x" * 4001)), [("/note", "too_long")]),
    "a longer note": (form(SLOT, a_file(), part("note", "x" * 20_000)), [("/note", "too_long")]),
    "no digest": (form(SLOT, a_file(), part("sha256", "abc")), [("/sha256", "not_a_digest")]),
    "a digest and a line end": (form(SLOT, a_file(), part("sha256", "0" * 64 + "\n")), [("/sha256", "not_a_digest")]),
    "a digest of a copy": (form(SLOT, part("copy_of", "1"), part("sha256", "0" * 64)), [("/sha256", "without_file")]),
    "a NUL in the note": (form(SLOT, a_file(), part("note", "a\0b")), [("/note", "not_text")]),
    "a NUL in the slot": (form(part("slot", "draf_tim\0"), a_file()), [("/slot", "not_text")]),
    "half a surrogate in the note": (form(SLOT, a_file(), part("note", b"\xed\xa0\x80")), [("/note", "not_text")]),
    "no text in the slot": (form(part("slot", b"\xff\xfe"), a_file()), [("/slot", "not_text")]),
    "a part without a name": (form(SLOT, part("", "x"), a_file()), [("", "part_unnamed")]),
    "base64": (form(SLOT, part("file", PDF, "Content-Transfer-Encoding: base64", filename="x.pdf")), [("/file", "transfer_encoding")]),
    "seventeen fields": (form(*(part(f"f{n}", "x") for n in range(17)), a_file()), [("", "too_many_fields")]),
    "cut off": (form(SLOT, a_file())[:-20], [("", "truncated")]),
    "cut off in the file": (form(SLOT, a_file(PDF * 50))[:-200], [("", "truncated")]),
    "nothing": (b"", [("", "truncated")]),
    "JSON": (b'{"slot": "draf_tim"}', [("", "malformed_multipart")]),
}


@pytest.mark.parametrize("name", FORMS)
async def test_a_form_that_is_wrong_says_where(office: Office, name: str) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    body, mistakes = FORMS[name]
    async with nothing_saved(office):
        answer = await post(camat, run, body)
    found = problem(answer, 422, "invalid_request")
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == mistakes  # type: ignore[attr-defined]


async def test_a_file_that_is_not_the_one_announced_is_refused(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    async with nothing_saved(office):
        problem(await post(camat, run, form(SLOT, a_file(), part("sha256", digest(b"lain")))), 422, "sha256_differs")
    assert (await post(camat, run, form(SLOT, a_file(), part("sha256", digest(PDF).upper())))).status_code == 201


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/mixed; boundary=x", ""])
async def test_another_content_type_is_told_the_right_one(office: Office, kind: str) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    answer = await camat.post(f"/v1/instances/{run.id}/documents", content=form(SLOT, a_file()), headers={"Content-Type": kind})
    assert "multipart/form-data" in str(problem(answer, 415, "unsupported_media_type")["detail"])


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "x" * 71, "; boundary=a\tb"])
async def test_a_boundary_that_is_none_is_refused(office: Office, boundary: str) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    answer = await camat.post(f"/v1/instances/{run.id}/documents", content=form(SLOT, a_file()), headers=headers)
    assert [error["code"] for error in problem(answer, 422, "invalid_request")["errors"]] == ["boundary_missing"]  # type: ignore[attr-defined]


async def test_a_copy_needs_a_version_that_is_there(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    problem(await post(camat, run, form(SLOT, part("copy_of", "1"))), 422, "copy_source_missing")
    assert (await post(camat, run, form(SLOT, a_file()))).status_code == 201
    async with nothing_saved(office):
        problem(await post(camat, run, form(SLOT, part("copy_of", "2"))), 422, "unknown_version")


# ── how much ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_file_of_just_the_cap_is_taken(office: Office) -> None:
    answer = await post(await office.as_("camat"), await fresh(office), feed("draf_tim", size=CAP))
    assert (answer.status_code, answer.json()["size"]) == (201, CAP)


async def test_a_file_over_the_cap_is_refused_whether_or_not_it_declares_its_length(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    undeclared = feed("draf_tim", size=100 * CAP)
    async with nothing_saved(office):
        for body in (form(SLOT, a_file(b"x" * (CAP + 1))), form(SLOT, a_file(b"x" * 20 * CAP)), undeclared):
            answer = await post(camat, run, body)
            assert str(CAP) in str(problem(answer, 413, "payload_too_large")["detail"])
            assert answer.headers["connection"] == "close"
    assert undeclared.taken * 4096 <= CAP + 2 * 4096


async def test_a_declared_length_over_the_cap_is_refused_unread(office: Office) -> None:
    run, camat, body = await fresh(office), await office.as_("camat"), feed("draf_tim")
    async with nothing_saved(office):
        answer = await post(camat, run, body, {"Content-Length": str(10**15)})
    problem(answer, 413, "payload_too_large")
    assert body.taken == 0


async def test_a_form_that_hides_its_bulk_outside_the_file_is_refused(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    preamble = Feed(*[b"\r\n" * 2048] * 500)
    fields = Feed(f"--{BOUNDARY}\r\n".encode(), *[b"x" * 4096] * 500)
    async with nothing_saved(office):
        for body in (preamble, fields):
            assert (await post(camat, run, body)).status_code in {413, 422}
            assert body.taken * 4096 < 6 * CAP + 4096


async def test_what_the_slot_says_comes_before_what_the_content_says(office: Office) -> None:
    """Also when both are wrong, and both are told."""
    run = await fresh(office)
    answer = await run.upload("camat", "laporan_final", b"MZ\x90\x00 program")
    assert (answer.status_code, [refusal["code"] for refusal in answer.json()["refusals"]]) == (409, ["slot_closed", "type_unknown"])
