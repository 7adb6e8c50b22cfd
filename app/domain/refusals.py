"""Why an act is refused: a stable code, whom it concerns, and the words in both languages.

A rule answers with a `Refusal`; it does not raise. The edge lists them all, the caller's own first, and answers 403 if any concerns
the caller, else 409 if any concerns the state, else 422 (contract.md, "Order of judgement").
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain import permissions
from app.domain.refusal_words import archive, content, gateway, marks, uploads
from app.domain.wordings import Concern, Language, Wording

__all__ = ["WORDINGS", "Concern", "Language", "Refusal", "Wording", "in_order"]

WORDINGS: dict[str, Wording] = {
    # `code:variant` is another sentence of the same code
    **permissions.WORDINGS,
    **content.WORDINGS,
    **uploads.WORDINGS,
    **marks.WORDINGS,
    **gateway.WORDINGS,
    **archive.WORDINGS,
    # the caller
    "not_a_performer": Wording("caller", "Langkah {step} dikerjakan oleh {performers}.", "Step {step} is performed by {performers}."),
    "not_in_control": Wording("caller", "Hanya {roles} yang dapat melakukan ini.", "Only {roles} may do this."),
    "may_not_start": Wording("caller", "Prosedur ini dimulai oleh {roles}.", "This procedure is started by {roles}."),
    "may_not_mark": Wording("caller", "Dokumen ini diparaf atau ditandatangani oleh {roles}.", "This document is initialed or signed by {roles}."),
    "may_not_mark:nobody": Wording(
        "caller", "Prosedur tidak meminta paraf atau tanda tangan ini pada dokumen ini.", "The procedure asks nobody for this mark on this document."
    ),
    "may_not_comment": Wording(
        "caller",
        "Yang berkomentar adalah pemegang jabatan; auditor, admin, dan akun mesin membaca.",
        "Who holds a position comments; auditors, admins and machine accounts read.",
    ),
    "signer_is_uploader": Wording("caller", "Yang mengunggah versi ini tidak boleh menandatanganinya.", "Who uploaded this version may not sign it."),
    "held_elsewhere": Wording(
        "caller",
        "Akun ini juga memegang jabatan atau izin di luar wilayah izin admin Anda; mintalah admin di atasnya.",
        "This account also holds something beyond the reach of your permission admin; ask an administrator above.",
    ),
    # the state
    "instance_closed": Wording("state", "Pelaksanaan ini sudah selesai atau dibatalkan.", "This instance is completed or cancelled."),
    "instance_suspended": Wording("state", "Pelaksanaan ini sedang ditangguhkan; lanjutkan dahulu.", "This instance is suspended; resume it first."),
    "not_suspended": Wording("state", "Pelaksanaan ini tidak sedang ditangguhkan.", "This instance is not suspended."),
    "wrong_step": Wording("state", "Yang sedang berjalan langkah {current}, bukan langkah {step}.", "The active step is {current}, not {step}."),
    "already_signed_off": Wording("state", "Bagian Anda pada langkah ini sudah diparipurnakan.", "Your part of this step is signed off already."),
    "claimed_by_another": Wording("state", "Bagian ini sedang diambil oleh {name}.", "This part is claimed by {name}."),
    "already_claimed": Wording("state", "Bagian ini sudah Anda ambil.", "You hold this claim already."),
    "not_claimed": Wording("state", "Bagian ini tidak sedang diambil siapa pun.", "Nobody holds a claim on this part."),
    "part_is_shared": Wording(
        "state", "Bagian ini memerlukan beberapa orang, tidak dapat diambil sendiri.", "This part needs several people; it cannot be claimed."
    ),
    "input_missing": Wording("state", "Kelengkapan belum ada: {label} (slot {slot}).", "Required input is missing: {label} (slot {slot})."),
    "output_missing": Wording("state", "Keluaran belum ada: {label} (slot {slot}).", "Output is missing: {label} (slot {slot})."),
    "initial_missing": Wording("state", "{label} belum diparaf oleh {role}.", "{label} is not yet initialed by {role}."),
    "signature_missing": Wording("state", "{label} belum ditandatangani oleh {role}.", "{label} is not yet signed by {role}."),
    "slot_closed": Wording(
        "state",
        "Slot {slot} tidak terbuka pada langkah {current}. Terbuka sekarang: {open}.",
        "Slot {slot} is not open in step {current}. Open now: {open}.",
    ),
    "too_many_versions": Wording("state", "Slot {slot} sudah memuat {most} versi.", "Slot {slot} holds {most} versions already."),
    "no_return_target": Wording("state", "Dari langkah ini tidak ada jalan kembali dalam SOP.", "The procedure declares no way back from this step."),
    "team_not_formed": Wording("state", "Tim belum dibentuk.", "The team has not been formed yet."),
    "version_superseded": Wording(
        "state", "Versi ini sudah diganti; versi terakhir {latest}.", "This version has been replaced; the latest is {latest}."
    ),
    "already_marked": Wording("state", "Anda sudah membubuhkannya pada versi ini.", "You have put this mark on this version already."),
    "instance_already_open": Wording(
        "state",
        "Sudah ada pelaksanaan yang terbuka untuk prosedur, kantor, dan periode ini.",
        "An instance is already open for this procedure, office and period.",
    ),
    "concurrent_change": Wording(
        "state", "Keadaan berubah bersamaan dengan permintaan ini; coba lagi.", "The state kept changing while this was tried; try again."
    ),
    "no_office_time": Wording(
        "state",
        "Kalender kantor ini tidak memiliki cukup jam kerja ke depan; minta pengelola melengkapinya.",
        "This office's calendar has too few office hours ahead; ask its administrator to complete it.",
    ),
    "second_factor_needed": Wording(
        "state",
        "Faktor kedua diperlukan selama Anda memegang {positions}.",
        "A second factor is needed while you hold {positions}.",
    ),
    "second_factor_enrolled": Wording(
        "state", "Akun ini sudah memiliki faktor kedua; lepaskan dahulu.", "This account has a second factor already; remove it first."
    ),
    "second_factor_enrolled:confirmed": Wording(
        "state",
        "Faktor kedua sudah terpasang; bila perlu, minta kode pemulihan baru (POST /v1/me/second-factor/recovery-codes).",
        "The second factor is enrolled already; where needed, ask for new recovery codes (POST /v1/me/second-factor/recovery-codes).",
    ),
    "second_factor_not_begun": Wording(
        "state", "Pasang dahulu faktor keduanya (POST /v1/me/second-factor).", "Begin the enrolment first (POST /v1/me/second-factor)."
    ),
    "service_account_over": Wording(
        "state", "Akun layanan ini sudah dicabut atau berakhir; buat yang baru.", "This service account is revoked or over; create a new one."
    ),
    "second_factor_not_enrolled": Wording("state", "Akun ini tidak memiliki faktor kedua.", "This account has no second factor."),
    "national_office_stays": Wording("state", "Kantor nasional tidak berada di bawah kantor lain.", "The national office stands under no other."),
    "already_its_parent": Wording(
        "state", "Pada {day} {code} memang sudah berada di bawah {parent}.", "On {day} {code} stands under {parent} already."
    ),
    "role_already_held": Wording(
        "state",
        "{role} definitif di kantor ini sudah {name} (sampai {until}); akhiri dahulu, atau tunjuk Plt. atau Plh.",
        "The definitive {role} of this office is {name} (until {until}); end that first, or appoint a Plt. or Plh.",
    ),
    "role_already_held:open": Wording(
        "state",
        "{role} definitif di kantor ini sudah {name} (tanpa batas waktu); akhiri dahulu, atau tunjuk Plt. atau Plh.",
        "The definitive {role} of this office is {name} (without end); end that first, or appoint a Plt. or Plh.",
    ),
    "already_assigned": Wording(
        "state", "Orang ini sudah memegang {role} di kantor ini (sampai {until}).", "This person holds {role} at this office already (until {until})."
    ),
    "already_assigned:open": Wording(
        "state",
        "Orang ini sudah memegang {role} di kantor ini (tanpa batas waktu).",
        "This person holds {role} at this office already (without end).",
    ),
    "assignment_over": Wording("state", "Penugasan ini sudah berakhir; buat yang baru.", "This assignment is over; make a new one."),
    "assignment_revoked": Wording("state", "Penugasan ini sudah dicabut; buat yang baru.", "This assignment is revoked; make a new one."),
    "assignment_of_issuer": Wording(
        "state",
        "Penugasan ini berasal dari token penerbit lain; di sini hanya dapat dicabut.",
        "This assignment comes from the tokens of another issuer; here it can only be revoked.",
    ),
    "inherited_row": Wording(
        "state",
        "Baris ini ditetapkan oleh kantor {office} dan diwarisi; ubah di kantor itu, atau tetapkan sendiri di sini.",
        "This row is said by office {office} and inherited; change it there, or say otherwise here.",
    ),
    "account_closed": Wording("state", "Akun ini sudah ditutup.", "This account is closed."),
    "account_open": Wording("state", "Akun ini tidak ditutup.", "This account is not closed."),
    "account_of_issuer": Wording(
        "state",
        "Pemilik akun ini masuk lewat penerbit lain; kata sandinya ada di sana.",
        "This account signs in with another issuer; its password is there.",
    ),
    "account_of_issuer:feed": Wording(
        "state",
        "Pemilik akun ini masuk lewat penerbit lain, yang tidak memberi tahu bila jabatan berakhir: akun ini tidak dapat berlangganan kalender.",
        "This account signs in with another issuer, which does not tell when a position ends: it can have no calendar feed.",
    ),
    "too_many_feeds": Wording(
        "state", "Sudah ada {most} langganan kalender; cabut yang tidak dipakai.", "There are {most} calendar feeds already; revoke what is not used."
    ),
    # the input
    "wrong_password": Wording("input", "Kata sandi ini tidak cocok.", "This password is wrong."),
    "wrong_code": Wording(
        "input", "Kode ini tidak cocok atau sudah dipakai; tunggu kode berikutnya.", "This code is wrong, or has been used; wait for the next one."
    ),
    "office_cycle": Wording(
        "input",
        "{parent} berada di bawah {code} sejak atau setelah {day}: kantor tidak dapat berada di bawah dirinya sendiri.",
        "{parent} stands under {code} on or after {day}: no office can stand under itself.",
    ),
    "valid_from_too_early": Wording(
        "input",
        "Riwayat tidak ditulis ulang: {code} dapat pindah paling awal {earliest}.",
        "History is not rewritten: {code} may move on {earliest} at the earliest.",
    ),
    "valid_from_too_late": Wording(
        "input",
        "Perpindahan dicatat paling jauh sepuluh tahun ke depan: {code} paling lambat {latest}.",
        "A move is recorded ten years ahead at most: {code} on {latest} at the latest.",
    ),
    "unknown_step": Wording("input", "Prosedur ini tidak memiliki langkah {step}.", "This procedure has no step {step}."),
    "unknown_slot": Wording("input", "Prosedur ini tidak memiliki slot {slot}.", "This procedure has no slot {slot}."),
    "slot_holds_no_document": Wording("input", "Slot {slot} berisi tim, bukan dokumen.", "Slot {slot} holds the team, not a document."),
    "unknown_version": Wording("input", "Slot {slot} tidak memiliki versi {version}.", "Slot {slot} has no version {version}."),
    "return_target_not_allowed": Wording("input", "Langkah ini hanya dapat kembali ke langkah {targets}.", "This step returns only to {targets}."),
    "reason_missing": Wording("input", "Sebutkan alasannya (reason).", "Give the reason."),
    "late_reason_missing": Wording(
        "input", "Langkah ini lewat tenggat; sebutkan sebabnya (late_reason).", "This step is overdue; say why (late_reason)."
    ),
    "team_missing": Wording("input", "Sebutkan anggota tim (team).", "Name the members of the team (team)."),
    "team_too_small": Wording("input", "Tim memerlukan sedikitnya {quorum} anggota.", "The team needs at least {quorum} members."),
    "unknown_member": Wording("input", "{username} bukan pegawai kantor ini.", "{username} is not one of this office's people."),
    "too_many_rows": Wording(
        "input",
        "Lebih dari {most} baris; persempit dengan state, office, procedure, atau role.",
        "More than {most} rows; narrow it by state, office, procedure or role.",
    ),
    "decision_missing": Wording("input", "Langkah keputusan memerlukan decision: yes atau no.", "A decision step needs decision: yes or no."),
    "decision_differs": Wording(
        "input", "Keputusan langkah ini sudah {decision}; sepakati dahulu.", "This step was decided {decision} already; agree first."
    ),
    "copy_source_missing": Wording("input", "Slot {slot} belum memiliki versi untuk disalin.", "Slot {slot} has no version to copy yet."),
}

_ORDER: dict[Concern, int] = {"caller": 0, "state": 1, "input": 2}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason. `params` fill the sentence; the code is what a client's program reads. `variant`: which of its sentences, where it has several."""

    code: str
    params: dict[str, str | int] = field(default_factory=dict)
    variant: str = ""

    @property
    def concern(self) -> Concern:
        return WORDINGS[self.code].concern

    def message(self, language: Language) -> str:
        wording = WORDINGS[f"{self.code}:{self.variant}" if self.variant else self.code]
        return (wording.en if language == "en" else wording.id).format(**self.params)


def in_order(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """The caller's own first, then the state's, then the input's; each group in the order of its rules."""
    return tuple(sorted(refusals, key=lambda refusal: _ORDER[refusal.concern]))
