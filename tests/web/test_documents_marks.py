"""Initials and signatures: whose they are, which version they are bound to, and when it is too late for them."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from app.usecases.demo import DemoPerson
from tests.support.office import Office, Run, digest
from tests.support.shared_office import fresh, nothing_saved
from tests.web.test_frame_errors import problem

REPORT, SIGNED = "laporan_final", "laporan_ditandatangani"


@pytest.fixture
async def run(office: Office) -> Run:
    """At step 7, its report and its scan uploaded, without marks."""
    made = await fresh(office, at_step=7)
    assert (await made.upload("staf", SIGNED)).status_code == 201
    return made


async def document(run: Run, slot: str) -> dict[str, Any]:
    listed = (await (await run.office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    return next(d for d in listed if d["slot"] == slot)


async def mark(run: Run, username: str, slot: str, *, kind: str, version: int = 1, headers: dict[str, str] | None = None) -> Response:
    named = "signatures" if kind in {"wet", "electronic"} else "initials"
    path = f"/v1/documents/{(await document(run, slot))['id']}/versions/{version}/{named}"
    return await (await run.office.as_(username)).post(path, json={"kind": kind}, headers=headers)


@pytest.mark.parametrize("kind", ["hierarchical", "coordination"])
async def test_an_initial_is_bound_to_the_very_bytes(office: Office, run: Run, kind: str) -> None:
    answer = await mark(run, "sekretaris", REPORT, kind=kind)
    assert answer.status_code == 201
    found = answer.json()
    content = b"%PDF-1.7 " + REPORT.encode()
    assert (found["mark"], found["kind"], found["role"], found["sha256"]) == ("initial", kind, "sekretaris", digest(content))
    assert (found["at"], found["actor"]["label"]) == ("2027-01-04T07:30:00+08:00", "Sekretaris")
    assert (await document(run, REPORT))["versions"][0]["marks"] == [found]
    events = (await (await office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")).json()["items"]
    assert (events[-1]["type"], events[-1]["data"]["sha256"]) == ("document.initialed", digest(content))


async def test_a_wet_signature_is_the_signatorys_own(run: Run) -> None:
    answer = await mark(run, "camat", SIGNED, kind="wet")
    assert (answer.status_code, answer.json()["mark"], answer.json()["kind"], answer.json()["role"]) == (201, "signature", "wet", "camat")


@pytest.mark.parametrize(
    ("username", "slot", "kind"),
    [
        ("camat", REPORT, "hierarchical"),
        ("staf", REPORT, "hierarchical"),
        ("tim1", REPORT, "coordination"),
        ("auditor", REPORT, "hierarchical"),
        ("admin", SIGNED, "wet"),
        ("sekretaris", SIGNED, "wet"),
        ("sekretaris", SIGNED, "hierarchical"),
        ("camat", REPORT, "wet"),
        ("camat", "rencana_kegiatan", "wet"),
    ],
)
async def test_only_whom_the_procedure_names_may_mark(office: Office, run: Run, username: str, slot: str, kind: str) -> None:
    await office.as_(username)
    async with nothing_saved(office):
        answer = await mark(run, username, slot, kind=kind)
    assert [refusal["code"] for refusal in problem(answer, 403, "may_not_mark")["refusals"]] == ["may_not_mark"]  # type: ignore[attr-defined]


async def test_who_uploaded_the_bytes_may_not_sign_them_whoever_copies_them(office: Office) -> None:
    both = DemoPerson("rangkap", "Rangkap Jabatan", ("camat", "staf"))
    await office.enrol(both, capacity="plh")
    run = await fresh(office, at_step=7)
    assert (await run.upload("rangkap", SIGNED)).status_code == 201
    copied = {name: (None, value) for name, value in {"slot": SIGNED, "copy_of": "1"}.items()}
    for version in (1, 2):
        async with nothing_saved(office):
            answer = await mark(run, "rangkap", SIGNED, kind="wet", version=version)
        codes = [refusal["code"] for refusal in problem(answer, 403, "signer_is_uploader")["refusals"]]  # type: ignore[attr-defined]
        assert codes == ["signer_is_uploader"]
        if version == 1:
            path = f"/v1/instances/{run.id}/documents"
            assert (await (await office.as_("staf")).post(path, files=copied)).status_code == 201
    assert (await mark(run, "camat", SIGNED, kind="wet", version=2)).status_code == 201


async def test_who_uploaded_it_may_initial_it(office: Office) -> None:
    run = await fresh(office, at_step=6)
    assert (await run.upload("sekretaris", REPORT)).status_code == 201
    assert (await mark(run, "sekretaris", REPORT, kind="hierarchical")).status_code == 201


async def test_a_second_time_is_refused_and_another_kind_is_no_second_mark(office: Office, run: Run) -> None:
    assert (await mark(run, "sekretaris", REPORT, kind="hierarchical")).status_code == 201
    async with nothing_saved(office):
        for kind in ("hierarchical", "coordination"):
            problem(await mark(run, "sekretaris", REPORT, kind=kind), 409, "already_marked")


async def test_a_version_that_was_replaced_takes_no_more_marks(office: Office, run: Run) -> None:
    assert (await run.upload("staf", SIGNED, b"%PDF-1.7 second")).status_code == 201
    async with nothing_saved(office):
        answer = await mark(run, "camat", SIGNED, kind="wet", version=1, headers={"Accept-Language": "en"})
    assert "the latest is 2" in str(problem(answer, 409, "version_superseded")["detail"])
    assert (await mark(run, "camat", SIGNED, kind="wet", version=2)).status_code == 201


async def test_every_reason_is_named_at_once(office: Office, run: Run) -> None:
    assert (await run.upload("staf", SIGNED, b"%PDF-1.7 second")).status_code == 201
    assert (await run.act("camat", "suspend", reason="Cuti")).status_code == 201
    answer = await mark(run, "staf", SIGNED, kind="wet", version=1)
    codes = [refusal["code"] for refusal in problem(answer, 403, "may_not_mark")["refusals"]]  # type: ignore[attr-defined]
    assert codes == ["may_not_mark", "signer_is_uploader", "instance_suspended", "version_superseded"]


async def test_no_mark_once_it_is_over(office: Office, run: Run) -> None:
    assert (await mark(run, "sekretaris", REPORT, kind="hierarchical")).status_code == 201
    assert (await mark(run, "camat", SIGNED, kind="wet")).status_code == 201
    assert (await run.act("staf", "complete", step=7)).status_code == 201
    async with nothing_saved(office):
        for username, slot, kind in (("sekretaris", REPORT, "hierarchical"), ("camat", SIGNED, "wet")):
            codes = problem(await mark(run, username, slot, kind=kind), 409, "instance_closed")["refusals"]
            assert [refusal["code"] for refusal in codes] == ["instance_closed", "already_marked"]  # type: ignore[attr-defined]


async def test_a_mark_sent_twice_is_put_once(office: Office, run: Run) -> None:
    headers = {"Idempotency-Key": f"mark-{run.id}"}
    first = await mark(run, "sekretaris", REPORT, kind="hierarchical", headers=headers)
    async with nothing_saved(office):
        again = await mark(run, "sekretaris", REPORT, kind="hierarchical", headers=headers)
        problem(await mark(run, "sekretaris", REPORT, kind="coordination", headers=headers), 422, "idempotency_key_reused")
    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")


async def test_a_mark_decided_on_something_older_is_refused(office: Office, run: Run) -> None:
    tag = (await (await office.as_("camat")).get(f"/v1/documents/{(await document(run, SIGNED))['id']}")).headers["etag"]
    assert (await mark(run, "sekretaris", REPORT, kind="hierarchical")).status_code == 201
    async with nothing_saved(office):
        problem(await mark(run, "camat", SIGNED, kind="wet", headers={"If-Match": tag}), 412, "precondition_failed")


@pytest.mark.parametrize(
    "body", [{}, {"kind": "elektronik"}, {"kind": "hierarchical"}, {"kind": None}, {"kind": ["wet"]}, {"kind": "wet", "role": "camat"}, []]
)
async def test_a_signature_of_another_kind_is_malformed(office: Office, run: Run, body: object) -> None:
    path = f"/v1/documents/{(await document(run, SIGNED))['id']}/versions/1/signatures"
    async with nothing_saved(office):
        problem(await (await office.as_("camat")).post(path, json=body), 422, "invalid_request")


async def test_a_version_that_is_not_there_is_not_found(office: Office, run: Run) -> None:
    camat, found = await office.as_("camat"), (await document(run, SIGNED))["id"]
    for path in (f"{found}/versions/2", f"{found}/versions/0", f"{found}/versions/x", f"{uuid4()}/versions/1", "x/versions/1"):
        for body in ({"kind": "wet"}, {"kind": 1}):
            problem(await camat.post(f"/v1/documents/{path}/signatures", json=body), 404, "not_found")
