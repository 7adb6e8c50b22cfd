"""The parts that every operation refers to: problems, headers, security, tags."""

from typing import Any

from app.web.schemas.problems import Problem
from app.web.wording import BY_STATUS, Words

PROBLEM_NAMES: dict[int, str] = {
    400: "BadRequest",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "NotFound",
    408: "RequestTimeout",
    409: "Conflict",
    412: "PreconditionFailed",
    413: "ContentTooLarge",
    415: "UnsupportedMediaType",
    416: "RangeNotSatisfiable",
    422: "InvalidRequest",
    428: "PreconditionRequired",
    429: "TooManyRequests",
    500: "ServerError",
    460: "ChecksumMismatch",
    503: "Unavailable",
    507: "InsufficientStorage",
}

_DESCRIPTIONS: dict[int, Words] = {
    401: Words("Belum masuk, atau token tidak berlaku.", "Not signed in, or the token is not valid."),
    403: Words("Ada alasan penolakan yang menyangkut pemanggil.", "A refusal concerns the caller."),
    404: Words("Tidak ada, atau bukan untuk pemanggil ini.", "It does not exist, or not for this caller."),
    408: Words("Terlalu lama tidak ada byte yang tiba.", "No byte came for too long."),
    409: Words("Ada alasan penolakan yang menyangkut keadaan.", "A refusal concerns the state."),
    412: Words("If-Match menyebut versi lama, atau versi tus tidak dikenal.", "If-Match names an older version, or tus is of another."),
    413: Words("Isi permintaan melebihi batas.", "The body is over the limit."),
    415: Words("Jenis isi tidak diterima di sini.", "This kind of body is not taken here."),
    416: Words("Rentang di luar isi berkas.", "The range lies outside the file."),
    422: Words("Permintaan tidak benar, atau masukan kurang.", "The request is malformed, or an input is missing."),
    428: Words("If-Match diperlukan.", "If-Match is required."),
    429: Words("Terlalu sering; lihat Retry-After.", "Too often; see Retry-After."),
    460: Words("Byte yang tiba bukan yang dikirim.", "What came is not what was sent."),
    500: Words("Kesalahan di server.", "An error of the server."),
    503: Words("Sedang tidak tersedia; lihat Retry-After.", "Unavailable for the moment; see Retry-After."),
    507: Words("Tempat penyimpanan penuh; yang sudah tercatat tetap ada.", "Storage is full; what was recorded before stays."),
}

_HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "X-Request-Id": ({"type": "string"}, "Pengenal permintaan ini, juga dalam catatan server. The id of this request, as in the server's log."),
    "API-Version": ({"type": "string"}, "Versi lengkap API. The full version of the API."),
    "ETag": ({"type": "string"}, '`"<versi>.<hash>"`; untuk If-None-Match dan If-Match. For If-None-Match and If-Match.'),
    "WWW-Authenticate": ({"type": "string"}, "RFC 6750: Bearer."),
    "Retry-After": ({"type": "integer"}, "Detik. Seconds."),
    "Idempotency-Replayed": ({"type": "string", "enum": ["true"]}, "Jawaban pertama, diulang. The first answer, replayed."),
    "Content-Range": ({"type": "string"}, "RFC 9110: `bytes 0-1023/4096`; 416: `bytes */4096`."),
    "Accept-Ranges": ({"type": "string", "enum": ["bytes"]}, "Unduhan dapat dilanjutkan. A download can be resumed."),
    "Content-Disposition": ({"type": "string"}, "RFC 6266: `attachment`, dengan nama berkasnya. With the file's name."),
    "Location": ({"type": "string", "format": "uri-reference"}, "Alamat yang baru dibuat. Where the new one is."),
    "Content-Location": ({"type": "string", "format": "uri-reference"}, "Dokumen yang menjadi hasilnya. The document that it became."),
    "Upload-Offset": ({"type": "integer"}, "Byte yang sudah diterima. Bytes received so far (tus)."),
    "Upload-Length": ({"type": "integer"}, "Panjang berkas. The file's length in bytes (tus)."),
    "Upload-Metadata": ({"type": "string"}, "Seperti disebut pengirim. As its sender gave it (tus)."),
    "Upload-Expires": ({"type": "string"}, "Sesudah ini unggahan dibuang. Dropped after this (RFC 9110 date)."),
    "Tus-Resumable": ({"type": "string", "enum": ["1.0.0"]}, "Versi tus. The version of tus."),
    "Tus-Version": ({"type": "string"}, "Versi tus yang dikenal. Versions of tus that are spoken."),
    "Tus-Extension": ({"type": "string"}, "Ekstensi tus. Extensions of tus."),
    "Tus-Max-Size": ({"type": "integer"}, "Byte paling banyak. The largest file, in bytes."),
    "Tus-Checksum-Algorithm": ({"type": "string"}, "Untuk Upload-Checksum. For Upload-Checksum."),
    "Link": ({"type": "string"}, 'RFC 8288: `rel="next"`.'),
}

_ALWAYS = ("X-Request-Id", "API-Version")
_BESIDES = {401: ("WWW-Authenticate",), 416: ("Content-Range",), 429: ("Retry-After",), 503: ("Retry-After",), 507: ("Retry-After",)}

TAGS: list[dict[str, str]] = [
    {"name": "sessions", "description": "Masuk, keluar, token mesin. Sign in, sign out, tokens of machines."},
    {"name": "me", "description": "Siapa saya, kata sandi, faktor kedua, sesi saya. Who am I, my password, second factor and sessions."},
    {"name": "people", "description": "Kantor, akun, penugasan. Offices, accounts, assignments."},
    {"name": "procedures", "description": "SOP sebagai data, berversi. Procedures as data, versioned."},
    {"name": "instances", "description": "Pelaksanaan SOP, langkah demi langkah. A procedure being carried out, step by step."},
    {"name": "tasks", "description": "Apa yang menunggu pemanggil. What waits for the caller."},
    {"name": "documents", "description": "Dokumen, versi, paraf, tanda tangan. Documents, versions, initials, signatures."},
    {"name": "uploads", "description": "Unggahan yang dapat dilanjutkan (tus 1.0.0). Resumable uploads."},
    {"name": "restricted-records", "description": "Arsip terbatas (berkas gaji), tersegel. Restricted records (salary papers), sealed."},
    {"name": "records", "description": "Jadwal retensi, dan yang habis masa simpannya. Retention, and what is due for disposal."},
    {"name": "calendars", "description": "Jam kerja, musim, hari libur; diwariskan. Office hours, seasons, days off; inherited."},
    {"name": "deadlines", "description": "Tenggat dalam waktu kantor. Deadlines in office time."},
    {"name": "reports", "description": "Apa yang selesai tepat waktu. What was finished in time."},
    {"name": "events", "description": "Satu log, banyak pembaca. One log, many readers."},
    {"name": "audit", "description": "Apakah log utuh. Whether the log is intact."},
    {"name": "health", "description": "Keadaan server. How the server is."},
]


def header_refs(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*_ALWAYS, *names)}


def problem_ref(status: int) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{PROBLEM_NAMES[status]}"}


def components(open_id_url: str) -> dict[str, Any]:
    return {
        "schemas": _problem_schemas(),
        "responses": {name: _problem_response(status) for status, name in PROBLEM_NAMES.items()},
        "headers": {name: {"description": text, "schema": schema} for name, (schema, text) in _HEADERS.items()},
        "securitySchemes": {
            "openIdConnect": {
                "type": "openIdConnect",
                "openIdConnectUrl": open_id_url,
                "description": "Token dari penerbit luar yang dipercaya. A token of a trusted external issuer.",
            }
        },
    }


def _problem_schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    nested = schema.pop("$defs")
    return {"Problem": schema, **nested}


def _problem_response(status: int) -> dict[str, Any]:
    words = _DESCRIPTIONS.get(status) or BY_STATUS.get(status, BY_STATUS[400]).detail
    return {
        "description": f"{words.id} {words.en}",
        "headers": header_refs(*_BESIDES.get(status, ())),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
