"""Documents in a bucket, through HTTP: sent, read, damaged there, and the bucket's server gone. Never a 500."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from app.outside.storage.s3 import S3Blobs
from tests.support.broken_line import Line
from tests.support.office import Office, open_office
from tests.support.s3_server import BUCKET, SECRET, S3Server
from tests.support.shared_office import fresh
from tests.support.tus import Tus
from tests.web.test_frame_errors import problem

MIB = 1024 * 1024
CONTENT = b"%PDF-1.7" + bytes(n % 251 for n in range(2 * MIB + 1000))


@pytest.fixture
def line(s3: S3Server) -> Iterator[Line]:
    with Line(s3.port) as line:
        yield line


def settings(line: Line, **changed: str) -> dict[str, str]:
    return {
        "ALUR_STORAGE_URL": f"s3://{BUCKET}/tests/{uuid4()}",
        "ALUR_S3_ENDPOINT": line.endpoint,
        "ALUR_S3_ACCESS_KEY_ID": "alur:office",
        "ALUR_S3_SECRET_ACCESS_KEY": SECRET,
        **changed,
    }


@pytest.fixture
async def office(sqlite_office_url: str, tmp_path: Path, line: Line) -> AsyncIterator[Office]:
    async with open_office(sqlite_office_url, tmp_path, **settings(line)) as office:
        yield office


def blobs_of(office: Office) -> S3Blobs:
    found: S3Blobs = office.app.state.reception.blobs
    return found


async def test_an_upload_is_read_back_whole_and_in_ranges(office: Office) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    made = await run.upload("camat", "draf_tim", CONTENT)
    assert made.status_code == 201, made.text
    address = f"/v1/documents/{made.json()['id']}/versions/1/content"
    assert (await camat.get(address)).content == CONTENT
    part = await camat.get(address, headers={"range": f"bytes={MIB - 3}-{MIB + 2}"})
    assert (part.status_code, part.content) == (206, CONTENT[MIB - 3 : MIB + 3])
    assert (await camat.get("/readyz")).json()["checks"]["storage"] == "ok"


async def test_an_upload_in_two_parts_becomes_one_document(office: Office) -> None:
    run = await fresh(office)
    tus = await Tus.of(office, run)
    at = await tus.begun(len(CONTENT))
    assert (await tus.send(at, CONTENT[:MIB])).status_code == 204
    ended = await tus.send(at, CONTENT[MIB:], MIB)
    assert ended.status_code == 204, ended.text
    (document,) = (await tus.client.get(f"/v1/instances/{run.id}/documents")).json()["items"]
    assert await tus.content(document["id"], 1) == CONTENT


@pytest.mark.parametrize(("how", "code"), [("other bytes", "content_damaged"), ("shorter", "content_missing"), ("gone", "content_missing")])
async def test_what_was_changed_in_the_bucket_is_not_sent(office: Office, how: str, code: str) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    made = await run.upload("camat", "draf_tim", CONTENT)
    bucket = blobs_of(office)._store
    (key,) = [item["path"] for page in bucket.list() for item in page]
    if how == "gone":
        bucket.delete(key)
    else:
        bucket.put(key, b"x" + CONTENT[1:] if how == "other bytes" else CONTENT[:100], use_multipart=False)
    answer = await camat.get(f"/v1/documents/{made.json()['id']}/versions/1/content")
    problem(answer, 503, code)


async def test_a_bucket_that_is_gone_while_serving_is_said(office: Office, line: Line, tmp_path: Path) -> None:
    run, camat = await fresh(office), await office.as_("camat")
    made = await run.upload("camat", "draf_tim", CONTENT)
    tus = await Tus.of(office, run)
    at = await tus.begun(len(CONTENT))
    line.cut()
    address = f"/v1/documents/{made.json()['id']}/versions/1/content"
    for answer in (
        await camat.get(address),
        await camat.get(address, headers={"range": "bytes=5-9"}),
        await run.upload("camat", "draf_tim", CONTENT + b" "),
        await tus.send(at, CONTENT),
    ):
        body = problem(answer, 503, "storage_unreachable")
        assert SECRET not in str(body)
        assert int(answer.headers["retry-after"]) > 0
    assert [error["code"] for error in problem(await camat.get("/readyz"), 503, "not_ready")["errors"]] == ["storage_not_ready"]  # type: ignore[attr-defined]
    assert [*(tmp_path / "incoming").iterdir()] == []
    assert (await camat.get(f"/v1/instances/{run.id}/documents")).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"ALUR_S3_SECRET_ACCESS_KEY": "of-another-server"}, {"ALUR_STORAGE_URL": "s3://not-there"}], ids=["secret", "bucket"]
)
async def test_a_server_with_a_wrong_bucket_starts_and_is_not_ready(
    sqlite_office_url: str, tmp_path: Path, line: Line, wrong: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    async with open_office(sqlite_office_url, tmp_path, **settings(line, **wrong)) as office:
        answer = await (await office.as_("camat")).get("/readyz")
        problem(answer, 503, "not_ready")
    assert "of-another-server" not in "".join(capfd.readouterr()) + answer.text


async def test_a_bucket_without_keys_is_no_setting(sqlite_office_url: str, tmp_path: Path, line: Line) -> None:
    with pytest.raises(ValueError, match="set ALUR_S3_ACCESS_KEY_ID and ALUR_S3_SECRET_ACCESS_KEY"):
        async with open_office(sqlite_office_url, tmp_path, **settings(line, ALUR_S3_SECRET_ACCESS_KEY="")):
            pass
