"""Why nothing is signed through the gateway, or what came of it."""

from collections.abc import Mapping

from app.domain.wordings import Wording

WORDINGS: Mapping[str, Wording] = {
    "gateway_not_configured": Wording(
        "state",
        "Gerbang tanda tangan belum dipasang di sini (ALUR_BSRE_URL): tanda tangani di luar lalu unggah, atau mintalah pengelola memasangnya.",
        "No signing gateway is set up here (ALUR_BSRE_URL): sign elsewhere and upload, or ask an administrator to set it up.",
    ),
    "gateway_takes_pdf": Wording(
        "input",
        "Gerbang hanya menandatangani PDF sampai {most} byte; versi ini {media_type}, {size} byte.",
        "The gateway signs PDF of up to {most} bytes; this version is {media_type}, {size} bytes.",
    ),
    "slot_not_at_work": Wording(
        "state",
        "Slot {slot} bukan bagian langkah yang sedang berjalan, maka hasil gerbang tidak dapat disimpan di sana.",
        "Slot {slot} is not part of the active step, so what the gateway gives back could not be kept there.",
    ),
    "version_of_earlier_round": Wording(
        "state",
        "Versi {version} berasal dari putaran sebelumnya; tunggu versi putaran ini (boleh salinan dengan copy_of), lalu tandatangani itu.",
        "Version {version} is of an earlier round; wait for one of this round (a copy_of will do), then sign that.",
    ),
    "signing_under_way": Wording(
        "state",
        "Versi ini sedang ditandatangani lewat gerbang; tunggu hasilnya (GET /v1/documents/{document}/signings).",
        "This version is being signed through the gateway; wait for what comes of it (GET /v1/documents/{document}/signings).",
    ),
    "signing_outcome_unknown": Wording(
        "state",
        "Percobaan sebelumnya tidak terjawab: gerbang mungkin sudah menandatangani. Periksa di gerbang, lalu ulangi dengan despite_unknown: true.",
        "An earlier try was never answered: the gateway may have signed. Look there, then try again with despite_unknown: true.",
    ),
    "passphrase_wrong": Wording(
        "input",
        "Frasa sandi ini tidak cocok. Tidak ada yang ditandatangani; periksa, lalu coba lagi.",
        "This passphrase is wrong. Nothing was signed; check it and try again.",
    ),
    "signer_unknown": Wording(
        "input",
        "Gerbang tidak mengenal NIK ini; daftarkan dahulu ke BSrE. Tidak ada yang ditandatangani.",
        "The gateway does not know this NIK; register it with BSrE first. Nothing was signed.",
    ),
    "certificate_not_active": Wording(
        "state",
        "Sertifikat Anda di BSrE belum atau tidak lagi aktif; aktifkan atau perbarui di sana. Tidak ada yang ditandatangani.",
        "Your certificate at BSrE is not active, or no longer; activate or renew it there. Nothing was signed.",
    ),
    "gateway_refused": Wording(
        "state",
        "Gerbang menolak permintaan ini. Tidak ada yang ditandatangani; beri tahu pengelola server, alasannya ada di log.",
        "The gateway refuses this request. Nothing was signed; tell whoever runs the server, its log has the reason.",
    ),
    "gateway_unreachable": Wording(
        "state",
        "Gerbang tidak terjangkau; coba lagi nanti. Tidak ada yang ditandatangani.",
        "The gateway is out of reach; try later. Nothing was signed.",
    ),
    "gateway_answer_unsound": Wording(
        "state",
        "Tanda tangan pada PDF dari gerbang tidak sah untuk dokumen ini ({reason}); tidak disimpan. Beri tahu pengelola server.",
        "The signature in the PDF from the gateway does not hold for this document ({reason}); it was not kept. Tell whoever runs the server.",
    ),
}
