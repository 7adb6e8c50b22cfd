"""A store of documents for each test that asks for one."""

from pathlib import Path

import pytest

from app.outside.storage import DiskBlobs


@pytest.fixture
def store(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "documents")
