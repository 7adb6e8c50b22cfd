"""Where documents are kept, by `ALUR_STORAGE_URL`."""

from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from app.outside.storage.disk import DiskBlobs
from app.outside.storage.port import Blobs
from app.outside.storage.s3 import S3Access, S3Blobs


def blobs_from_url(url: str, *, s3: S3Access | None = None, incoming: Path | None = None) -> Blobs:
    """`file:///absolute/path`, or `s3://bucket/prefix` with access and room for uploads under way.

    Raises ValueError for anything else: `file://var/x` would silently mean /x on a host named var.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return _bucket(parts, s3, incoming)
    if parts.scheme != "file":
        raise ValueError(f"ALUR_STORAGE_URL names {parts.scheme or 'no scheme'}; use file:///absolute/path or s3://bucket/prefix")
    path = Path(unquote(parts.path))
    elsewhere = parts.netloc not in {"", "localhost"} or parts.query or parts.fragment
    if elsewhere or not path.is_absolute() or path == path.parent or "\0" in str(path):
        raise ValueError("ALUR_STORAGE_URL needs an absolute path, with three slashes and special characters percent-encoded: file:///absolute/path")
    try:
        return DiskBlobs(path)
    except OSError as error:
        raise ValueError(f"ALUR_STORAGE_URL names {path}, where no files can be kept: {error.strerror}.") from error


def _bucket(parts: SplitResult, access: S3Access | None, incoming: Path | None) -> S3Blobs:
    if "@" in parts.netloc or ":" in parts.netloc or parts.query or parts.fragment or not parts.netloc:
        raise ValueError("ALUR_STORAGE_URL needs a bucket and nothing but a prefix: s3://bucket/prefix; keys go into ALUR_S3_ACCESS_KEY_ID")
    if access is None or incoming is None or not access.access_key_id or not access.secret_access_key:
        raise ValueError("ALUR_STORAGE_URL names a bucket; set ALUR_S3_ACCESS_KEY_ID and ALUR_S3_SECRET_ACCESS_KEY too")
    if access.endpoint is not None and not urlsplit(access.endpoint).hostname:
        raise ValueError("ALUR_S3_ENDPOINT names no host; write an address such as https://s3.example.go.id")
    try:
        return S3Blobs(parts.netloc, unquote(parts.path).strip("/"), access=access, incoming=incoming)
    except OSError as error:
        raise ValueError(f"ALUR_DATA_DIR has no room for uploads under way; {incoming} cannot be made: {error.strerror}.") from error
