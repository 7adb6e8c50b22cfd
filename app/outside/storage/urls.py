"""Where documents are kept, by `ALUR_STORAGE_URL`."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.outside.storage.disk import DiskBlobs
from app.outside.storage.port import Blobs


def blobs_from_url(url: str) -> Blobs:
    """`file:///absolute/path`. Raises ValueError for anything else: `file://var/x` would silently mean /x on a host named var."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise ValueError(f"ALUR_STORAGE_URL names {parts.scheme or 'no scheme'}; use file:///absolute/path")
    path = Path(unquote(parts.path))
    elsewhere = parts.netloc not in {"", "localhost"} or parts.query or parts.fragment
    if elsewhere or not path.is_absolute() or path == path.parent or "\0" in str(path):
        raise ValueError("ALUR_STORAGE_URL needs an absolute path, with three slashes and special characters percent-encoded: file:///absolute/path")
    return DiskBlobs(path)
