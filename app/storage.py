"""The place that the settings name for documents, for whatever starts here: server, worker, commands."""

from app.outside.storage import Blobs, S3Access, blobs_from_url
from app.settings import Settings


def configured_blobs(settings: Settings) -> Blobs:
    """Asks no server. Raises ValueError for a place that cannot be one, or a bucket without its keys."""
    given = settings.s3
    access = S3Access(
        endpoint=given.endpoint,
        region=given.region,
        access_key_id=given.access_key_id,
        secret_access_key=given.secret_access_key,
    )
    return blobs_from_url(settings.storage_url, s3=access, incoming=settings.data_dir / "incoming")
