"""Downloads: whole, in parts, unchanged; always an attachment, and never a stack where the bytes are gone."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from structlog.testing import capture_logs

from tests.support.office import Office, Run
from tests.support.shared_office import files, fresh
from tests.web.test_frame_errors import problem

CONTENT = b"%PDF-1.7" + (bytes(range(256)) * 3)[8:]
SIZE = len(CONTENT)


async def uploaded(run: Run, content: bytes = CONTENT) -> dict[str, Any]:
    answer = await run.upload("camat", "draf_tim", content)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def document(office: Office) -> dict[str, Any]:
    return await uploaded(await fresh(office))


@pytest.fixture
async def camat(office: Office) -> AsyncClient:
    return await office.as_("camat")


def address(document: dict[str, Any], version: object = 1) -> str:
    return f"/v1/documents/{document['id']}/versions/{version}/content"


async def test_the_whole_file_comes_as_it_was_sent(camat: AsyncClient, document: dict[str, Any]) -> None:
    answer = await camat.get(address(document))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-disposition"].startswith('attachment; filename="draf_tim.pdf"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_an_older_version_stays_downloadable(office: Office, camat: AsyncClient) -> None:
    run = await fresh(office)
    document = await uploaded(run)
    await uploaded(run, b"%PDF-1.7 second")
    assert (await camat.get(address(document, 1))).content == CONTENT
    assert (await camat.get(address(document, 2))).content == b"%PDF-1.7 second"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=700-", 700, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-{SIZE * 9}", SIZE - 1, SIZE - 1),
        ("bytes= 1 - 3", 1, 3),
    ],
)
async def test_a_range_is_answered_with_just_these_bytes(camat: AsyncClient, document: dict[str, Any], asked: str, first: int, last: int) -> None:
    answer = await camat.get(address(document), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, CONTENT[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE * 5}-{SIZE * 6}", "bytes=-0"])
async def test_a_range_behind_the_end_says_how_long_the_file_is(camat: AsyncClient, document: dict[str, Any], asked: str) -> None:
    answer = await camat.get(address(document), headers={"Range": asked, "Accept-Language": "en"})
    body = problem(answer, 416, "range_not_satisfiable")
    assert str(SIZE) in str(body["detail"])
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("asked", ["bytes=9-2", "bytes=0-1,5-9", "lines=1-2", "bytes=a-b", "bytes=", "bytes=-", "nonsense", "bytes=١-٢".encode()])
async def test_a_range_that_cannot_be_read_gets_the_whole_file(camat: AsyncClient, document: dict[str, Any], asked: str | bytes) -> None:
    answer = await camat.get(address(document), headers={b"Range": asked.encode() if isinstance(asked, str) else asked})
    assert (answer.status_code, answer.content) == (200, CONTENT)


async def test_an_endless_range_header_is_refused(camat: AsyncClient, document: dict[str, Any]) -> None:
    body = problem(await camat.get(address(document), headers={"Range": "bytes=" + "1-2," * 100}), 422, "invalid_request")
    assert [error["pointer"] for error in body["errors"]] == ["Range"]  # type: ignore[attr-defined]


async def test_a_download_goes_on_only_if_the_file_is_still_the_same(camat: AsyncClient, document: dict[str, Any]) -> None:
    tag = (await camat.get(address(document))).headers["etag"]
    for if_range, status in ((tag, 206), ('"another"', 200), (f"W/{tag}", 200), ("Mon, 04 Jan 2027 00:00:00 GMT", 200)):
        answer = await camat.get(address(document), headers={"Range": "bytes=0-9", "If-Range": if_range})
        assert answer.status_code == status, if_range


async def test_who_holds_it_already_is_told_so(camat: AsyncClient, document: dict[str, Any]) -> None:
    for path in (address(document), f"/v1/documents/{document['id']}"):
        first = await camat.get(path)
        again = await camat.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert (await camat.get(path, headers={"If-None-Match": '"1.0"'})).status_code == 200


async def test_head_tells_of_the_file_without_sending_it(camat: AsyncClient, document: dict[str, Any]) -> None:
    answer = await camat.head(address(document))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)


async def test_what_claims_to_be_a_page_is_an_attachment_all_the_same(office: Office, camat: AsyncClient) -> None:
    run = await fresh(office)
    for name, kind in (("halaman.html", "text/html"), ("gambar.svg", "image/svg+xml"), ("x.pdf", "text/html; charset=utf-7"), ("y", "not a type")):
        sent = {"file": (name, b"%PDF-1.7 <script>alert(1)</script>", kind)}
        answer = await camat.post(f"/v1/instances/{run.id}/documents", data={"slot": "draf_tim"}, files=sent)
        found = await camat.get(address(answer.json(), answer.json()["version"]))
        assert found.headers["content-disposition"].startswith("attachment;")
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["content-type"] == answer.json()["media_type"]
        assert "charset" not in found.headers["content-type"]


@pytest.mark.parametrize("damage", ["gone", "shorter"])
@pytest.mark.parametrize("asked", [None, "bytes=0-9"])
async def test_bytes_that_are_gone_are_named_as_such(office: Office, camat: AsyncClient, damage: str, asked: str | None) -> None:
    """The database was restored, the documents were not."""
    before = files(office)
    document = await uploaded(await fresh(office))
    (blob,) = files(office) - before
    if damage == "gone":
        blob.unlink()
    else:
        blob.write_bytes(CONTENT[:100])
    with capture_logs() as logs:
        answer = await camat.get(address(document), headers={"Range": asked, "Accept-Language": "en"} if asked else {})
    problem(answer, 503, "content_missing")
    assert int(answer.headers["retry-after"]) > 0
    assert str(blob.name) not in answer.text
    named = [line for line in logs if line["event"] == "content missing"]
    assert [Path(line["storage_key"]).name for line in named] == [blob.name]
    assert [line for line in logs if "exc_info" in line] == []
    assert (await camat.get(f"/v1/documents/{document['id']}")).status_code == 200


async def test_other_offices_and_strangers_find_no_document(office: Office, document: dict[str, Any]) -> None:
    neighbour, stranger = await office.as_("camat.muarajawa"), office.client()
    addresses = [f"/v1/documents/{document['id']}", address(document)]
    for path in addresses:
        problem(await neighbour.get(path), 404, "not_found")
        problem(await stranger.get(path), 401, "token_missing")
    for mark in ("initials", "signatures"):
        path = f"/v1/documents/{document['id']}/versions/1/{mark}"
        for body in ({"kind": "wet"}, {"kind": 5}, None):
            problem(await neighbour.post(path, json=body), 404, "not_found")
            problem(await stranger.post(path, json=body), 401, "token_missing")
    await stranger.aclose()


async def test_what_is_not_there_is_not_found(camat: AsyncClient, document: dict[str, Any]) -> None:
    other = {"id": uuid4()}
    wanted: list[Response] = [await camat.get(address(document, version)) for version in (2, 0, -1, 10**7, 10**30, "one", "%00")]
    wanted += [await camat.get(address(other)), await camat.get(f"/v1/documents/{uuid4()}"), await camat.get("/v1/documents/draf_tim")]
    for answer in wanted:
        problem(answer, 404, "not_found")


@pytest.mark.parametrize("reader", ["staf", "auditor", "admin", "tim3"])
async def test_whoever_belongs_to_the_office_may_read(office: Office, document: dict[str, Any], reader: str) -> None:
    answer = await (await office.as_(reader)).get(address(document))
    assert answer.content == CONTENT
