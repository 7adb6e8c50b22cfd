"""A store of documents for each test that asks for one."""

from pathlib import Path

import pytest

from app.outside.storage import Blobs, DiskBlobs
from tests.support.s3_server import S3Server, blobs_on


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """On a disk; once on each of the two where the test is marked with `tests.support.blobs.EVERYWHERE`."""
    if getattr(request, "param", "disk") == "disk":
        return DiskBlobs(tmp_path / "documents")
    s3: S3Server = request.getfixturevalue("s3")
    return blobs_on(s3, tmp_path)
