"""What stands in an evidence bundle beside the documents: how to read it, how to check it, and the digests of all of it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

_NOT_IN_A_PATH = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # Windows has no such names
_LONGEST_NAME = 180  # bytes: with the version in front, and in any folder, every file system takes it

MANIFEST = "MANIFEST.sha256"

README = """\
BERKAS BUKTI · EVIDENCE BUNDLE
{title}
{office} · {period} · {procedure} v{version}

ID  Berkas ini memuat semua dokumen pelaksanaan di atas, siapa melakukan apa dan kapan, dan catatan yang berantai hash.
    Dibuat {at} oleh {by}. Tidak memuat arsip terbatas (berkas gaji): hanya nomornya.
EN  This bundle holds all documents of the instance above, who did what and when, and the hash-chained log.
    Made {at} by {by}. Restricted records (salary papers) are not in it, only their ids.

  instance.json            keadaan pada saat itu · the state at that moment
  procedure.json           SOP yang dijalankan · the procedure it ran by
  documents.json           dokumen, versi, paraf, tanda tangan · documents, versions, initials, signatures; `left_out` says why one is missing here
  documents/               isinya · their bytes
  transitions.json         transisi dengan alasan yang ditulis · transitions, with the reasons people wrote
  comments.json            komentar · comments
  events.jsonl             catatan, satu kejadian per baris · the log, one event a line
  audit.json               di mana catatan berakhir · where the log ends
  restricted-records.json  acuan saja · references only
  {manifest}          SHA-256 setiap berkas · of every file

Periksa, di map yang hanya berisi berkas ini · Check, in a folder that holds nothing else:
  sha256sum -c {manifest}
  python3 -I verify.py

verify.py menghitung ulang rantai hash, mencocokkan dokumen, paraf, tanda tangan, transisi, dan komentar dengan catatan, dan menyebut berkas
yang tidak terdaftar. Yang TIDAK dapat dilihatnya: seluruh berkas bukti yang ditulis ulang secara konsisten, juga bila catatannya dipotong di
akhir: bandingkan `hash` terakhir di audit.json dengan kantornya (GET /v1/instances/{{id}}/events). Isi procedure.json, restricted-records.json,
pencatatan arsip, hasil pemindaian, dan selebihnya di instance.json hanya dijaga {manifest}, yang dapat ditulis ulang. verify.py pun dapat
diganti: pakai salinan dari berkas bukti lain. Dokumen dengan `left_out` tidak ada isinya untuk diperiksa.
verify.py computes the chain of hashes anew, holds documents, initials, signatures, transitions and comments against the log, and names files
that are not listed. What it CANNOT see: a bundle that was rewritten consistently as a whole, its log cut at the end included: compare the
last `hash` in audit.json with the office's (GET /v1/instances/{{id}}/events). procedure.json, restricted-records.json, how documents are filed,
what scans found, and the rest of instance.json are guarded by {manifest} alone, which can be rewritten. verify.py itself can be replaced:
take it from another bundle. Of a document with `left_out` there are no bytes to check.
"""


def version_path(slot: str, version: int, filename: str) -> str:
    """Where a version lies in the bundle: unique by slot and version, in a name that every system takes; `documents.json` has its true one."""
    safe = filename.translate(_NOT_IN_A_PATH)
    stem, dot, ending = safe.rpartition(".")
    room = _LONGEST_NAME - len(f"{dot}{ending}".encode())
    name = (
        f"{stem.encode()[:room].decode(errors='ignore')}{dot}{ending}" if stem and room > 0 else safe.encode()[:_LONGEST_NAME].decode(errors="ignore")
    )
    return f"documents/{slot}/v{version}-{name}"


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def as_line(event: Mapping[str, Any]) -> bytes:
    """One event as its hash was made of, with the hash."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def manifest(digests: Iterable[tuple[str, str]]) -> bytes:
    """Path and SHA-256 (hex) of each file, as `sha256sum -c` reads them."""
    return "".join(f"{digest}  {path}\n" for path, digest in digests).encode()
