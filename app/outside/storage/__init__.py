"""Documents' bytes: received on this machine, kept where `ALUR_STORAGE_URL` says."""

from app.outside.storage.disk import READ_BYTES, DiskBlobs
from app.outside.storage.port import Blobs
from app.outside.storage.s3 import S3Access
from app.outside.storage.spool import BATCH_BYTES, BlobMissing, BlobTooLarge, TemporaryBlob, TornWrite
from app.outside.storage.urls import blobs_from_url

__all__ = [
    "BATCH_BYTES",
    "READ_BYTES",
    "BlobMissing",
    "BlobTooLarge",
    "Blobs",
    "DiskBlobs",
    "S3Access",
    "TemporaryBlob",
    "TornWrite",
    "blobs_from_url",
]
