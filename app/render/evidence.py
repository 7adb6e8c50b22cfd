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

Periksa · Check:
  sha256sum -c {manifest}
  python3 verify.py

verify.py menghitung ulang rantai hash dan mencocokkan dokumen dengan catatan; hanya perlu Python 3.
verify.py recomputes the chain of hashes and holds the documents against the log; it needs nothing but Python 3.
Yang menulis ulang semuanya secara konsisten hanya ketahuan dari salinan di luar: bandingkan `hash` terakhir di audit.json.
Whoever rewrote all of it consistently shows only against a copy elsewhere: compare the last `hash` in audit.json.
"""

VERIFY = '''\
"""Checks this bundle: every digest, the chain of the log, and that each document is the one the log tells of. Python 3, nothing else."""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
wrong = []


def read(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def digest(path):
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            found.update(piece)
    return found.hexdigest()


listed = 0
for line in (HERE / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines():
    said, _, name = line.partition("  ")
    listed += 1
    if not (HERE / name).is_file():
        wrong.append(f"{name}: missing")
    elif digest(HERE / name) != said:
        wrong.append(f"{name}: not as listed")

sequence, last, uploaded = 0, "0" * 64, {}
for line in (HERE / "events.jsonl").read_text(encoding="utf-8").split("\\n")[:-1]:
    event = json.loads(line)
    said = event.pop("hash")
    # RFC 8785: sorted names, no spaces; the log holds no fractions, so nothing else differs from plain JSON
    plain = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    sequence += 1
    if (event["sequence"], event["previous_hash"], hashlib.sha256(plain.encode()).hexdigest()) != (sequence, last, said):
        wrong.append(f"events.jsonl, event {sequence}: the chain is broken")
        break
    last = said
    if event["type"] == "document.uploaded":
        uploaded[event["data"]["document_id"], event["data"]["version"]] = event["data"]["sha256"]

if read("audit.json")["head"] != {"sequence": sequence, "hash": last}:
    wrong.append("audit.json: the log does not end where it says")

versions = [version for document in read("documents.json") for version in document["versions"]]
for version in versions:
    if uploaded.pop((version["id"], version["version"]), None) != version["sha256"]:
        wrong.append(f"{version['slot']} v{version['version']}: not the one that the log tells of")
    if version["path"] and digest(HERE / version["path"]) != version["sha256"]:
        wrong.append(f"{version['path']}: not as the log tells")
wrong += [f"document {document_id} v{number}: the log tells of it, documents.json does not" for document_id, number in uploaded]

for line in wrong:
    print(line)
left_out = sum(version["path"] is None for version in versions)
print(f"{listed} files, {sequence} events, {len(versions)} versions ({left_out} left out): {'NOT INTACT' if wrong else 'intact'}")
sys.exit(1 if wrong else 0)
'''


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
