"""Permissions and machine scopes: their names, who holds them, and the words that refuse who does not.

A permission lets read or administer; it never performs a step (roles do that, and roles come from procedures). It is held at an office
and reaches down to every office below. None implies another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.wordings import Wording


@dataclass(frozen=True, slots=True)
class Permission:
    """`held_by` says who is given it; `id` and `en` say what its holder may do."""

    name: str
    held_by: str
    id: str
    en: str


ADMIN, AUDITOR, INTEGRATION, RESTRICTED_RECORDS = "admin", "auditor", "integration", "restricted_records"

ABOUT: Mapping[str, Permission] = {
    permission.name: permission
    for permission in (
        Permission(
            ADMIN,
            "who administers an office's accounts: a person, by assignment",
            "mengelola kantor, akun, dan penugasan; tidak mengerjakan langkah apa pun",
            "administers offices, accounts and assignments; performs nothing",
        ),
        Permission(
            AUDITOR,
            "who inspects an office: a person, by assignment",
            "membaca semua milik kantornya, kecuali arsip terbatas; tidak bertindak",
            "reads everything of its offices, restricted records aside; never acts",
        ),
        Permission(
            RESTRICTED_RECORDS,
            "who works with salary papers: a person, by assignment; implied by nothing, also not by admin",
            "membaca dan menambah arsip terbatas (berkas gaji)",
            "reads and adds restricted records (salary papers)",
        ),
        Permission(
            INTEGRATION,
            "machines alone: service accounts, with the scopes below",
            "membaca sesuai cakupan akun layanannya; tidak pernah bertindak",
            "reads what the scopes of its service account name; never acts",
        ),
    )
}

PERMISSIONS = frozenset(ABOUT)
"""Names that are no role of any procedure."""

FOR_PEOPLE = tuple(name for name in ABOUT if name != INTEGRATION)
"""What an assignment can give a person."""

SCOPES: Mapping[str, str] = {
    "procedures:read": "procedures and their plans",
    "instances:read": "instances, their timelines and comments",
    "documents:read": "documents and their bytes",
    "evidence:read": "evidence bundles: an instance's documents, timeline and log in one archive",
    "records:read": "retention schedules, and what is due for disposal",
    "calendars:read": "calendars: office hours, seasons, days off, and when reports are due",
    "deadlines:read": "deadlines, and calculations with office time",
    "deadlines:check": "having deadlines checked now",
    "reports:read": "reports: what was finished in time",
    "events:read": "the feed of events",
    "audit:read": "verification of the log",
    "people:read": "offices, accounts (without NIP), assignments and roles",
}
"""What a machine may be let read; an operation that names none of these is closed to machines."""

WORDINGS: Mapping[str, Wording] = {
    "permission_missing": Wording(
        "caller", "Perlu izin {permission} di kantor {office}.", "This needs the permission {permission} at office {office}."
    ),
    "permission_missing:anywhere": Wording("caller", "Perlu izin {permission}.", "This needs the permission {permission}."),
    "scope_missing": Wording("caller", "Akun layanan ini tidak memiliki cakupan {scope}.", "This service account does not have the scope {scope}."),
    "not_for_machines": Wording("caller", "Operasi ini hanya untuk orang, bukan mesin.", "This operation is for people, not for machines."),
    "not_to_yourself": Wording(
        "caller",
        "Izin admin tidak berlaku untuk diri sendiri; mintalah admin lain.",
        "The permission admin does not reach yourself; ask another administrator.",
    ),
    "second_factor_missing": Wording(
        "caller",
        "{positions} memerlukan faktor kedua: pasang dahulu (POST /v1/me/second-factor), lalu segarkan token (POST /v1/auth/sessions/refresh).",
        "{positions} needs a second factor: enrol one first (POST /v1/me/second-factor), then refresh the token (POST /v1/auth/sessions/refresh).",
    ),
    "second_factor_of_issuer_missing": Wording(
        "caller",
        "{positions} memerlukan faktor kedua, dan penerbit token Anda tidak menyatakannya: hubungi admin (ALUR_ISSUERS_FILE: require).",
        "{positions} needs a second factor, and the issuer of your token does not assert one: ask an administrator (ALUR_ISSUERS_FILE: require).",
    ),
    "no_position": Wording(
        "caller",
        "Token Anda belum menyebut jabatan atau izin di sini; mintalah kepada pengelola penerbitnya (mis. Keycloak).",
        "Your token names no position or permission here yet; ask whoever gives roles at its issuer (such as Keycloak).",
    ),
    "position_waiting": Wording(
        "caller",
        "{positions} belum ada di dalam token Anda: segarkan token (POST /v1/auth/sessions/refresh).",
        "{positions} is not in your token yet: refresh the token (POST /v1/auth/sessions/refresh).",
    ),
}
