"""What can be wrong with a draft: a stable code and a sentence in each language. The codes are listed in README.md.

No sentence repeats a value of the draft that has not passed the form: a hostile draft does not get to fill the answer.
"""

from app.domain.problems import FieldError

ProcedureProblem = FieldError
"""One mistake in a draft: a JSON pointer into it (`/steps/3/inputs/0/slot`), a code, and a sentence in each language."""

SENTENCES: dict[str, tuple[str, str]] = {
    # the file
    "yaml_invalid": ("Baris {line}, kolom {column}: bukan YAML yang sah.", "Line {line}, column {column}: not valid YAML."),
    "encoding_invalid": ("Berkas bukan teks UTF-8.", "The file is not UTF-8 text."),
    "file_too_large": ("Berkas melebihi {limit} byte.", "The file is larger than {limit} bytes."),
    "duplicate_key": ("Baris {line}, kolom {column}: kunci ini sudah ada.", "Line {line}, column {column}: this key is there already."),
    "key_not_text": ("Baris {line}, kolom {column}: kunci harus berupa teks.", "Line {line}, column {column}: a key must be text."),
    "alias_refused": ("Baris {line}, kolom {column}: jangkar dan alias ditolak.", "Line {line}, column {column}: anchors and aliases are refused."),
    "tag_refused": ("Baris {line}, kolom {column}: tag YAML ditolak.", "Line {line}, column {column}: YAML tags are refused."),
    "second_document": ("Baris {line}, kolom {column}: hanya satu dokumen.", "Line {line}, column {column}: one document only."),
    # the form
    "not_data": ("Hanya teks, bilangan, benar/salah, daftar, dan objek.", "Only text, numbers, true/false, lists and objects."),
    "too_deep": ("Bersarang terlalu dalam.", "Nested too deeply."),
    "too_large": ("Prosedur terlalu besar.", "The procedure is too large."),
    "character_not_allowed": ("Memuat karakter kendali yang tidak diizinkan.", "Holds a control character that is not allowed."),
    "field_missing": ("Wajib diisi.", "Required."),
    "field_unknown": ("Tidak dikenal di tempat ini.", "Not known in this place."),
    "type_wrong": ("Harus berupa {expected_id}.", "Must be {expected_en}."),
    "too_short": ("Terlalu pendek atau kosong.", "Too short or empty."),
    "too_long": ("Terlalu panjang.", "Too long."),
    "pattern_mismatch": ("Bentuknya tidak sesuai.", "Not of the right form."),
    "out_of_range": ("Di luar batas: {limit}.", "Out of range: {limit}."),
    "not_one_of": ("Pilih salah satu: {allowed}.", "Must be one of: {allowed}."),
    "date_invalid": ("Tulis tanggal sebagai YYYY-MM-DD, atau pakai …_text.", "Write a date as YYYY-MM-DD, or use …_text."),
    "value_invalid": ("Nilai ini tidak sah.", "This value is not valid."),
    # roles
    "unknown_role": ("Peran {role} tidak ada dalam roles.", "The role {role} is not in roles."),
    "role_reserved": ("Nama {role} sudah berarti hal lain; pilih nama peran lain.", "The name {role} means something else; choose another."),
    "duplicate_role": ("Peran {role} disebut dua kali.", "The role {role} is named twice."),
    "second_team_role": ("Hanya satu peran tim; {role} yang kedua.", "One team role only; {role} is the second."),
    "control_by_team": ("Tim {role} tidak dapat mengendalikan pelaksanaan.", "The team {role} cannot control an instance."),
    "mark_by_team": ("Tim {role} tidak dapat memaraf atau menandatangani.", "The team {role} cannot initial or sign."),
    "superior_is_team": ("Tim {role} tidak dapat menjadi atasan.", "The team {role} cannot be a superior."),
    "superior_circle": ("Atasan {role} akhirnya kembali ke {role} sendiri.", "The superiors of {role} lead back to {role} itself."),
    "first_step_by_team": (
        "Langkah pertama tidak dapat dikerjakan tim: belum ada yang dapat memulai.",
        "The first step cannot be performed by the team: nobody could start.",
    ),
    "team_never_formed": ("Tidak ada langkah yang membentuk tim {role}.", "No step forms the team {role}."),
    "team_formed_twice": ("Tim sudah dibentuk pada langkah {step}.", "The team is formed in step {step} already."),
    "team_formed_too_late": (
        "Langkah {step} dapat tercapai sebelum tim dibentuk.",
        "Step {step} can be reached before the team is formed.",
    ),
    "quorum_without_team": ("Quorum hanya berlaku bila tim ikut mengerjakan langkah.", "A quorum needs the team among the performers."),
    # slots
    "unknown_slot": ("Slot {slot} tidak ada dalam slots.", "The slot {slot} is not in slots."),
    "slot_unused": ("Slot {slot} tidak dipakai langkah mana pun.", "No step uses the slot {slot}."),
    "duplicate_slot": ("Slot {slot} disebut dua kali pada langkah ini.", "The slot {slot} is named twice in this step."),
    "team_slot_without_role": ("Slot {slot} berisi tim, tetapi tidak ada peran tim.", "The slot {slot} holds a team, but no role is a team."),
    "file_of_team_slot": (
        "Slot {slot} berisi tim, bukan berkas: hapus accepts dan max_bytes.",
        "The slot {slot} holds a team, no file: leave out accepts and max_bytes.",
    ),
    "mark_on_team_slot": (
        "Slot {slot} berisi tim: tidak dapat diparaf atau ditandatangani.",
        "The slot {slot} holds a team: nothing to initial or sign.",
    ),
    "signature_kind_without_signature": (
        "signature_kind pada slot {slot} tanpa signature_by: sebutkan siapa yang menandatangani, atau hapus.",
        "signature_kind on the slot {slot} without signature_by: say who signs, or leave it out.",
    ),
    "input_not_put_out": (
        "Slot {slot} berisi tim yang belum dibentuk langkah sebelumnya.",
        "The slot {slot} holds a team that no earlier step forms.",
    ),
    "input_put_out_later": ("Slot {slot} baru dihasilkan pada langkah {step}.", "The slot {slot} is put out only in step {step}."),
    "input_may_be_skipped": (
        "Slot {slot} dihasilkan langkah {step}, yang dapat dilewati sebelum langkah ini.",
        "The slot {slot} is put out in step {step}, which can be passed by before this step.",
    ),
    # the way through the steps
    "first_step_not_one": ("Langkah pertama bernomor 1.", "The first step is number 1."),
    "duplicate_step": ("Nomor langkah {step} sudah dipakai.", "The step number {step} is taken already."),
    "step_out_of_order": ("Langkah {step} tidak urut; tulis langkah menurut nomornya.", "Step {step} is out of order; list steps by number."),
    "return_unknown_step": ("Tidak ada langkah {step}.", "There is no step {step}."),
    "return_not_back": ("Langkah {step} tidak mendahului langkah ini.", "Step {step} does not precede this step."),
    "duplicate_return": ("Langkah {step} disebut dua kali.", "Step {step} is named twice."),
    "decision_missing": ("Langkah keputusan memerlukan decision dengan yes dan no.", "A decision step needs decision with yes and no."),
    "decision_unexpected": ("Hanya langkah dengan symbol: decision yang bercabang.", "Only a step with symbol: decision branches."),
    "decision_unknown_step": ("Tidak ada langkah {step}.", "There is no step {step}."),
    "decision_to_itself": ("Cabang tidak boleh menuju langkah ini sendiri.", "A branch may not lead to this step itself."),
    "yes_never_ends": (
        "Mengikuti yes dari sini selalu kembali ke sini; rencana bertanggal mengikuti yes.",
        "Following yes from here always comes back here; the dated plan follows yes.",
    ),
    "step_unreachable": ("Langkah {step} tidak pernah tercapai.", "Step {step} is never reached."),
    "end_unreachable": ("Dari langkah {step} akhir tidak tercapai.", "From step {step} the end is not reached."),
    "no_end": ("Tidak ada langkah yang mencapai akhir.", "No step reaches the end."),
    # time
    "lead_too_long": (
        "Harus lebih pendek dari waktu langkah {step}: langkah ini akan selalu mendekati tenggat sejak dimulai.",
        "Must be shorter than the time of step {step}: it would be due soon from its start.",
    ),
}


def problem(pointer: str, code: str, **params: str | int) -> ProcedureProblem:
    indonesian, english = SENTENCES[code]
    return ProcedureProblem(pointer, code, indonesian.format(**params), english.format(**params))


def at(*path: str | int) -> str:
    """The JSON pointer (RFC 6901) of a path into the draft."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
