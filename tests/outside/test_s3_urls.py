"""`s3://bucket/prefix`, and a bucket whose server does not answer."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.outside.storage import blobs_from_url
from app.outside.storage.s3 import S3Access, StorageUnreachable

pytestmark = pytest.mark.anyio
ACCESS = S3Access(endpoint="http://127.0.0.1:1", region="us-east-1", access_key_id="alur", secret_access_key="not-to-be-told")


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://key:secret@bucket/x", "s3://bucket/x?y=1", "s3://bucket/x#y"])
def test_any_other_bucket_url_is_refused_with_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="s3://bucket/prefix"):
        blobs_from_url(url, s3=ACCESS, incoming=tmp_path)


@pytest.mark.parametrize("endpoint", ["http://", "https:///x", "localhost:9000", "nonsense"])
def test_an_endpoint_without_a_host_is_refused_with_a_sentence(endpoint: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ALUR_S3_ENDPOINT"):
        blobs_from_url("s3://bucket", s3=replace(ACCESS, endpoint=endpoint), incoming=tmp_path)


def test_a_bucket_without_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ALUR_S3_ACCESS_KEY_ID"):
        blobs_from_url("s3://bucket", incoming=tmp_path)


async def test_a_dead_server_is_a_problem_that_tells_no_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    blobs = blobs_from_url("s3://bucket/prefix", s3=ACCESS, incoming=tmp_path)
    async with blobs.receive(10) as upload:
        await upload.write(b"paper")
        await upload.finish()
        with pytest.raises(StorageUnreachable) as refused:
            await blobs.keep(upload)
    assert ACCESS.secret_access_key not in caplog.text + str(refused.value)
    assert [*tmp_path.iterdir()] == []  # noqa: ASYNC240
