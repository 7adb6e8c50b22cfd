"""Why a resumable upload does not go on."""

from collections.abc import Mapping

from app.domain.wordings import Wording

WORDINGS: Mapping[str, Wording] = {
    "too_many_uploads": Wording(
        "state",
        "Sudah ada {most} unggahan Anda yang belum selesai; selesaikan atau hapus salah satunya dahulu.",
        "You have {most} unfinished uploads already; finish or delete one of them first.",
    ),
    "too_many_open_bytes": Wording(
        "state",
        "Unggahan kantor ini yang belum selesai sudah {open} byte dari paling banyak {most}; tunggu sampai ada yang selesai.",
        "The unfinished uploads of this office hold {open} bytes of {most} at most; wait until some are finished.",
    ),
    "sha256_differs": Wording(
        "input",
        "Berkas yang tiba berbeda dari sha256 yang disebut dan tidak disimpan; unggah lagi dari awal.",
        "What arrived is not the file whose sha256 was given, and was not stored; upload it again from the start.",
    ),
}
