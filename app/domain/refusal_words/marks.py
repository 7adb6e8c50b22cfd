"""Why an initial or a signature is not put."""

from collections.abc import Mapping

from app.domain.wordings import Wording

WORDINGS: Mapping[str, Wording] = {
    "initial_out_of_order": Wording(
        "state",
        "{label} diparaf berjenjang; tunggu dahulu paraf {roles}.",
        "{label} is initialed in order; wait for the initial of {roles}.",
    ),
    "version_damaged": Wording(
        "state",
        "Isi versi ini rusak di penyimpanan, jadi tidak dapat dibaca. Pengelola memulihkannya (`alur storage check`), atau unggah versi baru.",
        "This version's bytes are damaged in storage: nobody can read them. An administrator restores them (`alur storage check`), or upload anew.",
    ),
    "signature_kind_not_allowed": Wording(
        "input",
        "{label} ditandatangani dengan kind {allowed}, bukan {kind}.",
        "{label} is signed with kind {allowed}, not {kind}.",
    ),
    "not_signed_electronically": Wording(
        "state",
        "PDF ini tidak memuat tanda tangan elektronik. Tandatangani berkasnya, lalu unggah sebagai versi baru.",
        "This PDF carries no electronic signature. Sign the file, then upload it as a new version.",
    ),
    "not_signed_electronically:no_pdf": Wording(
        "state",
        "Tanda tangan elektronik dibaca dari PDF; versi ini {media_type}. Unggah PDF yang sudah ditandatangani.",
        "Electronic signatures are read from a PDF; this version is {media_type}. Upload the signed PDF.",
    ),
    "signature_not_intact": Wording(
        "state",
        "Tanda tangan terakhir ({signer}) tidak cocok dengan isi berkas, atau algoritmanya terlalu lemah. Tandatangani ulang, lalu unggah.",
        "The last signature ({signer}) does not fit the file, or its algorithm is too weak. Sign it again, then upload.",
    ),
    "signature_not_whole": Wording(
        "state",
        "Berkas berubah setelah tanda tangan terakhir ({signer}). Unggah berkas tepat seperti saat ditandatangani.",
        "The file was changed after the last signature ({signer}). Upload it exactly as it was signed.",
    ),
    "signature_not_trusted": Wording(
        "state",
        "Sertifikat {signer} (penerbit {issuer}) tidak dipercaya di sini, atau tidak berlaku saat itu. Pakai sertifikat instansi Anda.",
        "The certificate of {signer} (issued by {issuer}) is not trusted here, or was not valid then. Use your office's.",
    ),
    "signature_unreadable": Wording(
        "state",
        "PDF ini rusak sehingga tanda tangannya tidak terbaca. Buat ulang PDF-nya, tandatangani, lalu unggah.",
        "This PDF is damaged, its signatures cannot be read. Make the PDF again, sign it, then upload.",
    ),
    "signature_unreadable:encrypted": Wording(
        "state",
        "PDF ini dikunci dengan kata sandi. Unggah PDF tanpa kata sandi yang ditandatangani.",
        "This PDF is locked with a password. Upload a signed PDF without one.",
    ),
    "signature_unreadable:forms": Wording(
        "state",
        "PDF ini formulir XFA, yang tampilannya tidak terikat tanda tangan. Cetak ke PDF biasa, tandatangani, lalu unggah.",
        "This PDF is an XFA form, whose looks no signature holds. Print it to a plain PDF, sign it, then upload.",
    ),
    "signature_unreadable:costly": Wording(
        "state",
        "PDF ini terlalu rumit untuk diperiksa di sini. Buat PDF yang lebih sederhana, tandatangani, lalu unggah.",
        "This PDF takes too much to check here. Make a simpler PDF, sign it, then upload.",
    ),
    "signature_unreadable:crashed": Wording(
        "state",
        "Pemeriksaan tanda tangan terhenti karena galat, maka berkas ini belum dinilai. Coba lagi; bila berulang, beri tahu pengelola server.",
        "The check of its signatures broke down, so this file was not judged. Try again; if it happens again, tell whoever runs the server.",
    ),
}
