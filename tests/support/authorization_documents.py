"""Who may call the operations of documents and records: rows of tests/support/authorization.py."""

from tests.support.cells import ABOVE, MACHINES, PEOPLE, STRANGERS, WORKERS, administered, everyone, here, performed, public, row
from tests.support.office import SAMBOJA
from tests.support.tus import BYTES, TUS, metadata

A_PAPER = {"files": {"file": ("gaji.pdf", b"%PDF-1.7")}}
_NOT_KEEPERS = f"{WORKERS} admin auditor {ABOVE} {STRANGERS}"

RESTRICTED_RECORDS = (
    performed("createRestrictedRecord", 422, "arsip", data={"record": "bukan_jenis"}, **A_PAPER, proof="the procedure keeps no such record"),
    performed("listRestrictedRecords", 200, "arsip"),
    row("getRestrictedRecord", {200: "arsip", 404: _NOT_KEEPERS, 403: MACHINES}),
    row("downloadRestrictedRecord", {200: "arsip", 404: _NOT_KEEPERS, 403: MACHINES}),
)

BY_GATEWAY = {"nik": "0000000000000001", "passphrase": "frasa"}
SIGNINGS = (
    here("downloadEvidence"),
    here("listSignings"),
    performed("signThroughGateway", 409, "camat", path={"document_id": "{signed_id}"}, json=BY_GATEWAY, proof="there is no gateway"),
)

_OTHERS = " ".join(who for who in PEOPLE.split() if who != "staf")
_NO_SUCH_SLOT = TUS | {"Upload-Length": "9", "Upload-Metadata": metadata(slot="bukan_slot", filename="a.pdf")}
_ELSEWHERE = TUS | {"Upload-Offset": "5", "Content-Type": BYTES}

UPLOADS = (
    public("getUploadTerms", 204),
    performed("createUpload", 422, "staf", headers=_NO_SUCH_SLOT, proof="there is no such slot"),
    row("getUpload", {200: "staf", 404: _OTHERS, 403: MACHINES}),
    row("addUploadBytes", {409: "staf", 404: _OTHERS, 403: MACHINES}, headers=_ELSEWHERE, content=b"x", proof="the upload stands at its beginning"),
    row("removeUpload", {412: "staf", 404: _OTHERS, 403: MACHINES}, proof="it says no version of tus"),
    here("getDocumentLimits"),
    here("getDocumentRecord"),
    performed("putDocumentRecord", 422, f"{WORKERS}", json={"retention_rule": "tidak_ada"}, headers={"If-Match": "*"}, proof="there is no such rule"),
    here("getRetentionSchedule"),
    administered("putRetentionSchedule", 200, json={"source": "-", "rules": []}, headers={"If-Match": "*"}, proof="nothing was said, and nothing is"),
    everyone("listRecords"),
    here("listRecords", params={"office": SAMBOJA}, variant="of Samboja"),
    everyone("listDueForDisposal"),
    here("listDueForDisposal", params={"office": SAMBOJA}, variant="of Samboja"),
    administered(
        "putDocumentLimits", 200, json={"max_file_bytes": None, "max_open_bytes": None}, headers={"If-Match": "*"}, proof="nothing was said"
    ),
)
