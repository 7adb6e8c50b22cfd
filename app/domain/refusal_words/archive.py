"""Why a document is not filed so, or a restricted record not kept."""

from collections.abc import Mapping

from app.domain.wordings import Wording

WORDINGS: Mapping[str, Wording] = {
    "restricted_key_not_configured": Wording(
        "state",
        "Server ini belum memiliki kunci arsip terbatas; minta pengelola server memasangnya (ALUR_RESTRICTED_KEY_FILE).",
        "This server has no key for restricted records yet; ask whoever runs it to set one (ALUR_RESTRICTED_KEY_FILE).",
    ),
    "too_large_to_scan": Wording(
        "input",
        "Berkas ini terlalu besar bagi pemindai malware server ini; bagilah, atau minta pengelola menaikkan batas pemindai (StreamMaxLength).",
        "This file is too large for this server's malware scanner; split it, or ask whoever runs it to raise the scanner's StreamMaxLength.",
    ),
    "unknown_restricted_record": Wording(
        "input",
        "Bagian record bukan kunci pencatatan terbatas prosedur ini; lihat identity.records dengan security_class restricted.",
        "The part record is no key of a restricted record of this procedure; see identity.records with security_class restricted.",
    ),
    "may_not_file": Wording(
        "caller",
        "Yang menata dokumen ini adalah {roles}, di kantor ini.",
        "How this document is filed is said by {roles}, at this office.",
    ),
    "number_taken": Wording(
        "state",
        "Nomor ini sudah dipakai di kantor ini. Beri nomor lain, atau sebut pemberinya (numbered_by) bila nomor ini dari luar.",
        "This number is in use at this office. Give another one, or name who gave it (numbered_by) if it comes from outside.",
    ),
    "number_missing": Wording(
        "input",
        "Isi juga number: numbered_by menyebut siapa yang memberi nomor itu.",
        "Give number as well: numbered_by says who gave that number.",
    ),
    "unknown_retention_rule": Wording(
        "input",
        "Aturan retensi itu tidak ada dalam jadwal yang berlaku di kantor ini. Yang ada: {keys}.",
        "That retention rule is not in the schedule in force at this office. There are: {keys}.",
    ),
}
