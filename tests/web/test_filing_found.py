"""Documents found again by their number and classification, and those that nobody filed: over HTTP, on both databases."""

from typing import Any

import pytest

from app.usecases.demo import DemoPerson
from tests.support.contract import check_answer
from tests.support.filing import FILED, RETENTION
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.people import KUTAI
from tests.support.shared_office import nothing_saved
from tests.web.test_filing import cancel, file, office_kind, schedule, with_document
from tests.web.test_frame_errors import problem

__all__ = ["office_kind"]
RECORDS = "/v1/records"


@pytest.fixture(scope="module", autouse=True)
async def above(office: Office) -> None:
    await office.enrol(DemoPerson("kukar", "Admin Kutai Kartanegara", ("admin",), KUTAI))
    for username in ("camat", "admin", "auditor", "kukar", "camat.muarajawa"):
        await office.as_(username)


async def records(own: Office, who: str = "auditor", **params: Any) -> Any:
    answer = await (await own.as_(who)).get(RECORDS, params=params)
    check_answer("listRecords", answer)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ids(own: Office, who: str = "auditor", **params: Any) -> list[str]:
    return [item["document_id"] for item in (await records(own, who, **params))["items"]]


async def test_found_by_what_it_bears(office: Office) -> None:
    run, path = await with_document(office)
    assert (await run.upload("camat", "draf_tim", b"%PDF-1.7 lebih baru")).status_code == 201
    document = path.split("/")[3]
    filed = (await file(office, path, **FILED | {"number": "  045/Pem/2027 "})).json()
    assert filed["number"] == "045/Pem/2027"
    (item,) = (await records(office, number=" 045/pem/2027"))["items"]
    assert item["document_id"] == document
    assert (item["label"], item["version"], item["filename"]) == ("Draf Tim", 2, "draf_tim.pdf")
    versions = (await (await office.as_("auditor")).get(f"/v1/documents/{document}")).json()["versions"]
    assert {name: item[name] for name in ("sha256", "size", "media_type", "scan")} == {
        name: versions[-1][name] for name in ("sha256", "size", "media_type", "scan")
    }
    own = (await (await office.as_("auditor")).get(f"/v1/instances/{run.id}")).json()
    assert item["instance"] == {name: own[name] for name in ("id", "title", "procedure", "office", "period")}
    assert (item["instance_state"], item["closed_at"], item["rule"], item["retention_over_on"]) == ("running", None, None, None)
    for code in ("000", "000.8", "000.8.6.3"):
        assert document in await ids(office, classification=code), code
    for nothing in (
        {"number": "045"},
        {"classification": "000.8.6.3.1"},
        {"classification": "000.8.6.30"},
        {"number": "045/Pem/2027", "closed": True},
    ):
        assert await ids(office, **nothing) == []
    assert document in await ids(office, security_class="limited")
    assert document not in await ids(office, security_class="ordinary")
    assert await ids(office, number="045/Pem/2027", office=SAMBOJA, security_class="limited", closed=False) == [document]


async def test_a_number_is_the_same_with_blanks_around_it(office: Office) -> None:
    _, path = await with_document(office)
    _, other = await with_document(office)
    assert (await file(office, path, number="800/1")).status_code == 200
    async with nothing_saved(office):
        problem(await file(office, other, number=" 800/1 "), 409, "number_taken")
    assert (await file(office, other, number="\x1c")).json()["number"] == "\x1c"  # blank to Python, and to nobody else
    emptied = (await file(office, path)).json()
    assert (emptied["number"], emptied["security_class"]) == (None, "ordinary")
    assert emptied["described_at"] is not None
    assert (await file(office, other, number="800/1")).status_code == 200


async def test_what_is_still_to_be_filed(office: Office) -> None:
    """Nobody described it, or its code or rule is none of the schedule: all of these are kept for ever unless somebody looks."""
    cases = {"bare": None, "no rule": {"classification": "900"}, "reached": {"classification": "000.1"}}
    documents = {}
    for name, body in cases.items():
        run, path = await with_document(office)
        await cancel(run)
        if body is not None:
            assert (await file(office, path, **body)).status_code == 200
        documents[name] = path.split("/")[3]
    await schedule(office, RETENTION)
    try:
        todo, done = await ids(office, filed=False, closed=True), await records(office, filed=True)
        assert set(documents.values()) & set(todo) == {documents["bare"], documents["no rule"]}
        (reached,) = (item for item in done["items"] if item["document_id"] == documents["reached"])
        assert (reached["rule"]["key"], reached["retention_over_on"], reached["instance_state"]) == ("umum", "2029-01-01", "cancelled")
        assert reached["closed_at"] is not None
    finally:
        await schedule(office, {"source": "-", "rules": []})
    assert await ids(office, filed=True) == []
    assert set(documents.values()) <= set(await ids(office, filed=False))


async def test_page_by_page_and_not_for_strangers(office: Office) -> None:
    run, path = await with_document(office)
    assert (await run.upload("camat", "struktur_organisasi")).status_code == 201
    await with_document(office)
    everything = await ids(office)
    assert path.split("/")[3] in everything
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await records(office, limit=1, **cursor)
        found += [item["document_id"] for item in page["items"]]
        if page["page"]["next_cursor"] is None:
            break
        cursor = {"cursor": page["page"]["next_cursor"]}
    assert found == everything
    first = await records(office, limit=1)
    auditor, stranger = await office.as_("auditor"), await office.as_("camat.muarajawa")
    problem(await auditor.get(RECORDS, params={"period": "2027", "cursor": first["page"]["next_cursor"]}), 422, "cursor_invalid")
    assert set(await ids(office, "camat.muarajawa", limit=1, cursor=first["page"]["next_cursor"])).isdisjoint(everything)
    problem(await stranger.get(RECORDS, params={"office": SAMBOJA}), 404, "not_found")
    problem(await auditor.get(RECORDS, params={"office": MUARA_JAWA}), 404, "not_found")
    for wrong in ({"number": " "}, {"classification": "000."}, {"security_class": "top"}, {"period": "27"}, {"filed": "mungkin"}):
        problem(await auditor.get(RECORDS, params=wrong), 422, "invalid_request")
    assert set(everything) <= set(await ids(office, "kukar", limit=200))
