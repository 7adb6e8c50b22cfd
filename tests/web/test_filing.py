"""How documents are filed, retention schedules, and what is due for disposal: over HTTP, on both databases."""

from typing import Any

import pytest
from httpx import Response

from app.usecases.demo import DemoPerson
from tests.support.contract import check_answer
from tests.support.filing import FILED, RETENTION, rule
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run, digest
from tests.support.people import KUTAI
from tests.support.shared_office import fresh, nothing_saved
from tests.support.together import document_in
from tests.web.test_frame_errors import problem

ANY = {"If-Match": "*"}
DUE = "/v1/records/due-for-disposal"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module", autouse=True)
async def above(office: Office) -> None:
    """And everyone is signed in, which saves something."""
    await office.enrol(DemoPerson("kukar", "Admin Kutai Kartanegara", ("admin",), KUTAI))
    for username in ("camat", "admin", "auditor", "kukar", "tim1", "camat.muarajawa"):
        await office.as_(username)


async def with_document(office: Office) -> tuple[Run, str]:
    run = await fresh(office)
    assert (await run.upload("camat", "draf_tim")).status_code == 201
    return run, f"/v1/documents/{await document_in(run, 'draf_tim')}/record"


async def cancel(run: Run) -> None:
    path = f"/v1/instances/{run.id}/transitions"
    assert (await (await run.office.as_("camat")).post(path, json={"action": "cancel", "reason": "Salah."})).status_code == 201


async def file(office: Office, path: str, *, who: str = "camat", headers: dict[str, str] = ANY, **body: Any) -> Response:
    answer = await (await office.as_(who)).put(path, json=body, headers=headers)
    check_answer("putDocumentRecord", answer)
    return answer


async def schedule(office: Office, body: Any, at: str = SAMBOJA, who: str = "admin") -> Response:
    answer = await (await office.as_(who)).put(f"/v1/offices/{at}/retention-schedule", json=body, headers=ANY)
    check_answer("putRetentionSchedule", answer)
    return answer


async def due(own: Office, who: str = "auditor", **params: Any) -> Any:
    answer = await (await own.as_(who)).get(DUE, params=params)
    check_answer("listDueForDisposal", answer)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_nobody_described(office: Office) -> None:
    _, path = await with_document(office)
    answer = await (await office.as_("auditor")).get(path)
    check_answer("getDocumentRecord", answer)
    shown = answer.json()
    assert (shown["security_class"], shown["classification"], shown["described_at"], shown["rule"]) == ("ordinary", None, None, None)


async def test_filed_and_told_without_words(office: Office) -> None:
    run, path = await with_document(office)
    camat = await office.as_("camat")
    before = (await camat.get(path)).headers["etag"]
    answer = await file(office, path, headers={"If-Match": before}, **FILED)
    assert answer.status_code == 200, answer.text
    assert answer.json()["number"] == FILED["number"]
    assert answer.json()["described_by"]["role"] == "camat"
    assert answer.headers["etag"] != before
    assert (await camat.get(path)).json() == answer.json()
    assert (await camat.get(path)).headers["etag"] == answer.headers["etag"]
    last = (await camat.get(f"/v1/instances/{run.id}/events?limit=200")).json()["items"][-1]
    assert (last["type"], last["data"]["classification"]) == ("document.described", FILED["classification"])
    assert last["data"]["number_sha256"] == digest(FILED["number"].encode())
    assert FILED["number"] not in str(last)
    async with nothing_saved(office):
        assert (await file(office, path, **FILED)).json() == answer.json()
        problem(await file(office, path, headers={"If-Match": before}, **FILED), 412, "precondition_failed")
        problem(await file(office, path, headers={}, **FILED), 428, "precondition_required")
    other = await file(office, path, number="1", numbered_by="SRIKANDI")
    assert (other.json()["classification"], other.json()["numbered_by"]) == (None, "SRIKANDI")
    verified = (await (await office.as_("auditor")).get("/v1/audit/verify", params={"instance": run.id})).json()
    assert verified["intact"], verified


async def test_who_may_not_and_what_is_refused(office: Office) -> None:
    run, path = await with_document(office)
    await file(office, path, number="nomor satu")
    _, other = await with_document(office)
    async with nothing_saved(office):
        for who in ("admin", "auditor", "kukar", "tim1"):  # tim1 is an employee, and no member of this team
            problem(await file(office, other, who=who), 403, "may_not_file")
        problem(await file(office, other, who="camat.muarajawa"), 404, "not_found")
        said = problem(await file(office, other, number="nomor satu"), 409, "number_taken")
        assert run.id not in str(said)
        problem(await file(office, other, retention_rule="tidak_ada"), 422, "unknown_retention_rule")
        problem(await file(office, other, numbered_by="SRIKANDI"), 422, "number_missing")
        problem(await file(office, other, classification="000..8"), 422, "invalid_request")
    for _ in range(2):
        assert (await file(office, other, number="nomor satu", numbered_by="SRIKANDI")).status_code == 200


async def test_the_nearest_schedule_holds(office: Office) -> None:
    above = {"source": "JRA kabupaten", "rules": [rule("kabupaten", "000", 9)]}
    try:
        assert (await schedule(office, above, KUTAI, "kukar")).status_code == 200
        path = f"/v1/offices/{SAMBOJA}/retention-schedule"
        auditor = await office.as_("auditor")
        found = await auditor.get(path)
        check_answer("getRetentionSchedule", found)
        assert (found.json()["from_office"], found.json()["source"]) == (KUTAI, "JRA kabupaten")
        own = (await schedule(office, RETENTION)).json()
        assert (own["from_office"], own["version"], own["rules"]) == (SAMBOJA, found.json()["version"] + 1, RETENTION["rules"])
        async with nothing_saved(office):
            assert (await schedule(office, RETENTION)).json() == own
            problem(await schedule(office, RETENTION, who="auditor"), 403, "permission_missing")
            problem(await schedule(office, {"source": "-", "rules": [rule("a", "1", 1), rule("b", "1", 1)]}), 422, "invalid_request")
        assert (await schedule(office, {"source": "-", "rules": []})).json()["from_office"] == KUTAI
    finally:
        await schedule(office, {"source": "-", "rules": []})
        await schedule(office, {"source": "-", "rules": []}, KUTAI, "kukar")


async def test_what_is_due_page_by_page(office: Office) -> None:
    """Cancelled in January 2027: what is kept for one year is due from 2029 on; also for what was described after the end."""
    documents = {}
    for code in ("000.1", "000.8.6.3", None):
        run, path = await with_document(office)
        await cancel(run)
        filed = await file(office, path, classification=code)
        assert filed.status_code == 200, filed.text
        documents[filed.json()["document_id"]] = code
    _, still_open = await with_document(office)
    await file(office, still_open, classification="000.1")
    assert (await due(office, on="2099-01-01"))["items"] == []
    await schedule(office, RETENTION)
    try:
        assert (await due(office))["items"] == []
        assert (await due(office, on="2028-12-31"))["items"] == []
        (only,) = (await due(office, on="2029-01-01", office=SAMBOJA))["items"]
        assert (only["due_since"], only["final_action"], documents[only["document_id"]]) == ("2029-01-01", "destroy", "000.1")
        all_of_them = (await due(office, on="2031-01-01"))["items"]
        assert [(row["due_since"], row["rule"]["key"]) for row in all_of_them] == [("2029-01-01", "umum"), ("2031-01-01", "kinerja")]
        assert (await due(office, on="2031-01-01", action="keep_permanently"))["items"] == all_of_them[1:]
        first = await due(office, on="2031-01-01", limit=1)
        cursor = first["page"]["next_cursor"]
        assert (await due(office, on="2031-01-01", limit=1, cursor=cursor))["items"] == all_of_them[1:]
        auditor, stranger = await office.as_("auditor"), await office.as_("camat.muarajawa")
        problem(await auditor.get(DUE, params={"on": "2032-01-01", "cursor": cursor}), 422, "cursor_invalid")
        assert (await due(office, "camat.muarajawa", on="2031-01-01", cursor=cursor))["items"] == []
        problem(await stranger.get(DUE, params={"office": SAMBOJA}), 404, "not_found")
        problem(await auditor.get(DUE, params={"office": MUARA_JAWA}), 404, "not_found")
    finally:
        await schedule(office, {"source": "-", "rules": []})
