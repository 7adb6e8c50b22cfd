"""Who may call the operations of documents and records: rows of tests/support/authorization.py."""

from tests.support.cells import ABOVE, MACHINES, STRANGERS, WORKERS, performed, row

A_PAPER = {"files": {"file": ("gaji.pdf", b"%PDF-1.7")}}
_NOT_KEEPERS = f"{WORKERS} admin auditor {ABOVE} {STRANGERS}"

RESTRICTED_RECORDS = (
    performed("createRestrictedRecord", 422, "arsip", data={"record": "bukan_jenis"}, **A_PAPER, proof="the procedure keeps no such record"),
    performed("listRestrictedRecords", 200, "arsip"),
    row("getRestrictedRecord", {200: "arsip", 404: _NOT_KEEPERS, 403: MACHINES}),
    row("downloadRestrictedRecord", {200: "arsip", 404: _NOT_KEEPERS, 403: MACHINES}),
)
