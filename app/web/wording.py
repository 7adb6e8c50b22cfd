"""The words of every problem, in both languages. The code is what a program reads; these are for people."""

from dataclasses import dataclass

from app.domain.refusals import WORDINGS, Language


@dataclass(frozen=True, slots=True)
class Words:
    id: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.en if language == "en" else self.id


@dataclass(frozen=True, slots=True)
class ProblemText:
    """`title` never changes from one occurrence to the next; `detail` says what to do about it."""

    title: Words
    detail: Words


_REFUSED = Words("Setiap alasan disebutkan dalam refusals, yang menyangkut Anda lebih dahulu.", "Every reason is listed in refusals, your own first.")
_SIGN_IN = Words("Masuk lagi untuk memperoleh token baru.", "Sign in again for a new token.")

BY_STATUS: dict[int, ProblemText] = {
    400: ProblemText(Words("Permintaan tidak terbaca", "Unreadable request"), Words("Permintaan ini tidak terbaca.", "This request cannot be read.")),
    401: ProblemText(Words("Belum masuk", "Not signed in"), _SIGN_IN),
    403: ProblemText(Words("Bukan wewenang Anda", "Not yours to do"), _REFUSED),
    404: ProblemText(
        Words("Tidak ditemukan", "Not found"),
        Words("Tidak ada, atau bukan untuk Anda lihat.", "It does not exist, or it is not yours to see."),
    ),
    409: ProblemText(Words("Keadaan tidak mengizinkan", "The state does not allow it"), _REFUSED),
    422: ProblemText(
        Words("Permintaan tidak benar", "Invalid request"),
        Words("Setiap kesalahan disebutkan dalam errors dengan tempatnya.", "Each mistake is named in errors, with its place."),
    ),
    500: ProblemText(
        Words("Kesalahan di server", "Server error"),
        Words("Kesalahan ini di pihak kami. Sebutkan request_id saat melaporkannya.", "This error is ours. Name the request_id when you report it."),
    ),
}

BY_CODE: dict[str, ProblemText] = {
    "token_missing": ProblemText(Words("Belum masuk", "Not signed in"), Words("Permintaan ini memerlukan token.", "This request needs a token.")),
    "token_invalid": ProblemText(Words("Token tidak berlaku", "Invalid token"), _SIGN_IN),
    "session_ended": ProblemText(Words("Sesi sudah berakhir", "The session has ended"), _SIGN_IN),
    "bad_credentials": ProblemText(
        Words("Gagal masuk", "Sign-in failed"),
        Words("Nama pengguna atau kata sandi tidak cocok.", "The user name or the password is wrong."),
    ),
    "bad_credentials:one_time_secret": ProblemText(
        Words("Gagal masuk", "Sign-in failed"),
        Words(
            "Nama pengguna atau rahasia sekali pakai ini tidak cocok, sudah dipakai, atau sudah lewat waktunya; mintalah yang baru kepada admin.",
            "The user name or the one-time secret is wrong, or the secret is used or over; ask an administrator for a new one.",
        ),
    ),
    "bad_credentials:client_secret": ProblemText(
        Words("Gagal masuk", "Sign-in failed"),
        Words(
            "client_id atau client_secret tidak cocok, atau akun layanannya sudah dicabut atau berakhir.",
            "The client_id or the client_secret is wrong, or the service account is revoked or over.",
        ),
    ),
    "second_factor_required": ProblemText(
        Words("Faktor kedua diperlukan", "Second factor required"),
        Words("Sertakan code dari aplikasi autentikator, atau kode pemulihan.", "Bring the code of your authenticator, or a recovery code."),
    ),
    "second_factor_invalid": ProblemText(
        Words("Kode tidak berlaku", "Invalid code"),
        Words("Kode ini tidak cocok atau sudah dipakai; tunggu kode berikutnya.", "This code is wrong, or has been used; wait for the next one."),
    ),
    "not_found": BY_STATUS[404],
    "route_not_found": ProblemText(
        Words("Alamat tidak dikenal", "Unknown address"),
        Words("Tidak ada operasi di alamat ini. Lihat /openapi.json.", "There is no operation at this address. See /openapi.json."),
    ),
    "method_not_allowed": ProblemText(
        Words("Metode tidak berlaku", "Method not allowed"),
        Words("Alamat ini hanya menjawab metode pada Allow.", "This address answers only the methods in Allow."),
    ),
    "precondition_failed": ProblemText(
        Words("Sudah berubah", "It has changed"),
        Words(
            "Muat ulang dan putuskan lagi: versinya bukan lagi yang disebut If-Match.",
            "Load it again and decide anew: its version is no longer that of If-Match.",
        ),
    ),
    "precondition_required": ProblemText(
        Words("If-Match diperlukan", "If-Match is required"),
        Words("Sebutkan ETag yang menjadi dasar perubahan ini.", "Name the ETag that this change was decided on."),
    ),
    "payload_too_large": ProblemText(
        Words("Terlalu besar", "Too large"), Words("Isi permintaan melebihi batas {limit} byte.", "The body is over the limit of {limit} bytes.")
    ),
    "payload_too_large:multipart": ProblemText(
        Words("Terlalu besar", "Too large"),
        Words(
            "Sekali kirim paling banyak {limit} byte; kirim berkas yang lebih besar bagian demi bagian (POST /v1/instances/…/uploads, tus 1.0.0).",
            "Sent whole, a file has at most {limit} bytes; send a larger one in parts (POST /v1/instances/…/uploads, tus 1.0.0).",
        ),
    ),
    "payload_too_large:server": ProblemText(
        Words("Terlalu besar", "Too large"), Words("Server ini menerima paling banyak {limit} byte.", "This server takes at most {limit} bytes.")
    ),
    "payload_too_large:office": ProblemText(
        Words("Terlalu besar", "Too large"), Words("Kantor ini menerima paling banyak {limit} byte.", "This office takes at most {limit} bytes.")
    ),
    "payload_too_large:open": ProblemText(
        Words("Terlalu besar", "Too large"),
        Words(
            "Unggahan bertahap di kantor ini paling banyak {limit} byte, semuanya bersama (max_open_bytes).",
            "Sent in parts, this office takes at most {limit} bytes, all unfinished uploads together (max_open_bytes).",
        ),
    ),
    "payload_too_large:slot": ProblemText(
        Words("Terlalu besar", "Too large"), Words("Slot ini menerima paling banyak {limit} byte.", "This slot takes at most {limit} bytes.")
    ),
    "tus_version_unsupported": ProblemText(
        Words("Versi tus tidak dikenal", "Unknown version of tus"),
        Words("Kirim header Tus-Resumable: 1.0.0.", "Send the header Tus-Resumable: 1.0.0."),
    ),
    "offset_mismatch": ProblemText(
        Words("Bukan dari sini", "Not from there"),
        Words("Tanyakan Upload-Offset (HEAD), lalu lanjutkan dari sana.", "Ask for Upload-Offset (HEAD), and go on from there."),
    ),
    "checksum_unsupported": ProblemText(
        Words("Algoritma tidak dikenal", "Unknown algorithm"),
        Words("Upload-Checksum: sha1, sha256, atau md5.", "Upload-Checksum: sha1, sha256 or md5."),
    ),
    "checksum_mismatch": ProblemText(
        Words("Byte berubah di jalan", "The bytes changed on their way"),
        Words(
            "Byte permintaan ini dibuang; kirim lagi dari Upload-Offset yang sama.", "They are dropped; send them again from the same Upload-Offset."
        ),
    ),
    "upload_silent": ProblemText(
        Words("Terlalu lama diam", "Silent for too long"),
        Words("Yang sudah tiba tersimpan; lanjutkan dari Upload-Offset (HEAD).", "What came is kept; go on from Upload-Offset (HEAD)."),
    ),
    "storage_full": ProblemText(
        Words("Penyimpanan penuh", "Storage is full"),
        Words("Yang sudah tercatat tetap ada. Beri tahu pengelola, lalu lanjutkan.", "What was recorded stays. Tell the administrator, then go on."),
    ),
    "unsupported_media_type": ProblemText(
        Words("Jenis isi tidak diterima", "Unsupported media type"), Words("Kirim sebagai {accepted}.", "Send it as {accepted}.")
    ),
    "range_not_satisfiable": ProblemText(
        Words("Di luar isi berkas", "Outside the file"),
        Words("Berkas ini hanya {size} byte; Range dimulai sesudahnya.", "This file holds {size} bytes; the Range begins behind them."),
    ),
    "invalid_request": BY_STATUS[422],
    "procedure_rejected": ProblemText(
        Words("Prosedur belum dapat diterbitkan", "The procedure cannot be published"),
        Words("Setiap masalah disebutkan dalam errors dengan tempatnya.", "Each problem is named in errors, with its place."),
    ),
    "malformed_json": ProblemText(
        Words("JSON tidak terbaca", "Malformed JSON"), Words("Isi permintaan bukan JSON UTF-8 yang benar.", "The body is not well-formed UTF-8 JSON.")
    ),
    "unstorable_text": ProblemText(
        Words("Teks tidak dapat disimpan", "Text that cannot be stored"),
        Words("Karakter NUL dan pasangan surrogate yang tidak lengkap tidak diterima.", "NUL characters and lone surrogates are not accepted."),
    ),
    "cursor_invalid": ProblemText(
        Words("Kursor tidak berlaku", "Invalid cursor"),
        Words("Mulai lagi tanpa cursor, atau dengan saringan yang sama.", "Start again without a cursor, or with the same filters."),
    ),
    "idempotency_key_reused": ProblemText(
        Words("Kunci sudah dipakai", "The key is taken"),
        Words("Idempotency-Key ini sudah dipakai untuk permintaan lain.", "This Idempotency-Key was used for another request."),
    ),
    "too_many_requests": ProblemText(
        Words("Terlalu sering", "Too many requests"), Words("Coba lagi setelah waktu pada Retry-After.", "Try again after the time in Retry-After.")
    ),
    "unavailable": ProblemText(
        Words("Sedang tidak tersedia", "Unavailable for the moment"),
        Words("Coba lagi sebentar lagi (Retry-After).", "Try again in a moment (Retry-After)."),
    ),
    "content_missing": ProblemText(
        Words("Isi berkas tidak tersedia", "The file's bytes are not available"),
        Words(
            "Berkas ini tercatat, tetapi isinya tidak ada di penyimpanan. Beri tahu pengelola.",
            "This file is on record, but its bytes are not in storage. Tell the administrator.",
        ),
    ),
    "content_damaged": ProblemText(
        Words("Isi berkas rusak", "The file's bytes are damaged"),
        Words(
            "Isinya bukan lagi yang diunggah. Pengelola memulihkannya dari cadangan; `alur storage check` menyebutnya, lalu mencatatnya utuh.",
            "Its bytes are not what was uploaded. An administrator restores them from a backup; `alur storage check` names it, then notes it whole.",
        ),
    ),
    "scanner_unavailable": ProblemText(
        Words("Pemindai malware tidak menjawab", "The malware scanner does not answer"),
        Words(
            "Arsip terbatas hanya diterima setelah dipindai. Coba lagi setelah waktu pada Retry-After.",
            "A restricted record is taken only once it is scanned. Try again after the time in Retry-After.",
        ),
    ),
    "restricted_key_missing": ProblemText(
        Words("Kunci arsip terbatas tidak ada", "The key of restricted records is not here"),
        Words(
            "Kunci yang menyegel arsip ini tidak ada di server. Beri tahu pengelola (ALUR_PREVIOUS_RESTRICTED_KEY_FILES).",
            "The key that sealed this record is not on the server. Tell whoever runs it (ALUR_PREVIOUS_RESTRICTED_KEY_FILES).",
        ),
    ),
    "not_ready": ProblemText(
        Words("Belum siap", "Not ready"), Words("Yang belum siap disebutkan pada errors.", "What is not ready stands in errors.")
    ),
    "internal_error": BY_STATUS[500],
}


def text_of(code: str, status: int, *, variant: str = "") -> ProblemText:
    """By code, else by status: a refusal's own sentence stands in `refusals`. `variant`: another detail of the same code, the same title."""
    return BY_CODE.get(f"{code}:{variant}") or BY_CODE.get(code) or BY_STATUS.get(status) or BY_STATUS[500]


def explained(code: str) -> Words | None:
    """What a code means, whatever list it stands in; None for a code that nothing here answers with."""
    if code in BY_CODE:
        return BY_CODE[code].detail
    wording = WORDINGS.get(code)
    return Words(wording.id, wording.en) if wording else None
