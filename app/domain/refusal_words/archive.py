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
}
