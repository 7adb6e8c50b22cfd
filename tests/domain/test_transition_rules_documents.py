"""Slots and marks: what may be filled when and by whom, who initials and who signs, and what a new version undoes."""

import pytest

from app.domain.documents import MAX_VERSIONS, caller_refusals, open_slots
from tests.support.situations import STAFF, Case, codes

PERFORMER = {1: "camat", 2: "sekretaris", 3: "tim1", 4: "tim1", 5: "camat", 6: "sekretaris", 7: "staf"}
OPEN = {
    1: ("struktur_organisasi", "draf_tim"),
    2: (),
    3: ("rencana_kegiatan",),
    4: ("data_kinerja", "konsep_laporan"),
    5: ("konsep_laporan_diperiksa",),
    6: ("data_kinerja", "laporan_final"),
    7: ("laporan_ditandatangani",),
}


@pytest.mark.parametrize("step", OPEN)
def test_only_outputs_and_inputs_that_no_earlier_step_puts_out_are_open(step: int) -> None:
    case = Case().until(step)
    assert open_slots(case.instance) == OPEN[step]
    for slot in case.procedure.slots:
        wanted = ["slot_holds_no_document"] if slot == "tim_penyusun" else [] if slot in OPEN[step] else ["slot_closed"]
        assert case.upload_codes(PERFORMER[step], slot) == wanted, slot


@pytest.mark.parametrize("step", OPEN)
def test_performers_of_the_active_step_upload_and_nobody_else(step: int) -> None:
    case = Case().until(step)
    for username in STAFF:
        wanted = [] if case.situation(username).parts_of(case.procedure.step(step)) else ["not_a_performer"]
        assert codes(caller_refusals(case.situation(username))) == wanted, username
        for slot in OPEN[step]:
            assert case.upload_codes(username, slot) == wanted, username


def test_all_reasons_are_given_at_once() -> None:
    case = Case().until(3)
    assert case.upload_codes("staf", "draf_tim") == ["not_a_performer", "slot_closed"]
    assert case.upload_codes("staf", "bukan-slot") == ["not_a_performer", "unknown_slot"]
    assert case.upload_codes("tim1", "rencana_kegiatan", copy_of=1) == ["copy_source_missing"]
    case.take("camat", "cancel")
    assert case.upload_codes("tim1", "rencana_kegiatan") == ["instance_closed"]


def test_versions_count_up_within_their_slot() -> None:
    case = Case()
    case.upload("camat", "draf_tim", "struktur_organisasi", "draf_tim", "draf_tim")
    assert [version.version for version in case.instance.history("draf_tim")] == [1, 2, 3]
    assert [version.version for version in case.instance.history("struktur_organisasi")] == [1]
    assert len(case.instance.documents) == 2


# ── marks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("slot", "mark", "who"),
    [
        ("laporan_final", "initial", "sekretaris"),
        ("laporan_ditandatangani", "signature", "camat"),
        ("laporan_final", "signature", None),
        ("laporan_ditandatangani", "initial", None),
        ("konsep_laporan", "initial", None),
    ],
)
def test_the_role_whose_mark_a_slot_requires_puts_it_and_nobody_else(slot: str, mark: str, who: str | None) -> None:
    """Although it performs no step then."""
    case = Case().until(7).fill(marks=False)
    for username in STAFF:
        separated = ["signer_is_uploader"] if (slot, mark, username) == ("laporan_ditandatangani", "signature", "staf") else []
        separated = ["signer_is_uploader"] if (slot, mark, username) == ("laporan_final", "signature", "sekretaris") else separated
        wanted = separated if username == who else ["may_not_mark", *separated]
        assert case.mark_codes(username, slot, mark) == wanted, username  # type: ignore[arg-type]


def test_a_required_initial_may_be_put_before_the_step_that_asks_for_it() -> None:
    case = Case().until(6).fill()
    case.mark("sekretaris", "laporan_final", "initial")
    case.sign("sekretaris", "tim1")
    assert case.codes("staf", "complete") == ["output_missing", "signature_missing"]


def test_a_mark_is_put_on_the_latest_version_only_and_once() -> None:
    case = Case().until(6).fill()
    case.mark("sekretaris", "laporan_final", "initial")
    assert case.mark_codes("sekretaris", "laporan_final", "initial") == ["already_marked"]
    case.upload("tim1", "laporan_final")
    assert case.mark_codes("sekretaris", "laporan_final", "initial", version=1) == ["version_superseded", "already_marked"]
    assert case.mark_codes("sekretaris", "laporan_final", "initial", version=2) == []


def test_a_new_version_starts_without_marks_and_the_old_ones_stay_where_they_were() -> None:
    case = Case().until(7).fill()
    case.upload("staf", "laporan_ditandatangani")
    assert case.events[-1].data["voided_marks"] == [{"mark": "signature", "kind": "wet", "role": "camat"}]
    assert case.codes("staf", "complete") == ["signature_missing"]
    assert [len(case.instance.marks_on(v)) for v in case.instance.history("laporan_ditandatangani")] == [1, 0]
    case.upload("staf", "laporan_ditandatangani", copy_of=1)
    assert case.codes("staf", "complete") == ["signature_missing"]  # a copy is a new version too


def test_a_mark_is_bound_to_the_bytes_it_was_put_on() -> None:
    case = Case().until(7).fill()
    for mark in case.instance.marks:
        version = next(v for v in case.instance.versions if (v.document_id, v.version) == (mark.document_id, mark.version))
        assert mark.sha256 == version.sha256
    assert [(m.mark, m.role, m.actor["label"]) for m in case.instance.marks] == [
        ("initial", "sekretaris", "Sekretaris"),
        ("signature", "camat", "Camat"),
    ]


@pytest.mark.parametrize("by", ["camat", "plh"])
def test_whoever_stands_in_signs_too(by: str) -> None:
    case = Case().until(7)
    case.staff["plh"] = ("camat",)
    case.capacities["plh"] = "plh"
    case.upload("staf", "laporan_ditandatangani")
    case.mark(by, "laporan_ditandatangani", "signature")
    assert case.instance.marks[-1].actor["label"] == {"camat": "Camat", "plh": "Plh. Camat"}[by]


@pytest.mark.parametrize(("state", "found"), [("suspend", ["instance_suspended"]), ("cancel", ["instance_closed"])])
def test_nothing_is_marked_while_the_instance_does_not_run(state: str, found: list[str]) -> None:
    case = Case().until(7).fill(marks=False)
    case.take("camat", state)
    assert case.mark_codes("sekretaris", "laporan_final", "initial") == found
    assert case.mark_codes("staf", "laporan_final", "initial") == ["may_not_mark", *found]


# ── separation of duties ────────────────────────────────────────────────────────────────────────────────────────────

CAMAT_FILES = {"/steps/6/performers": ["staf", "camat"]}


def test_who_uploaded_a_version_does_not_sign_it() -> None:
    case = Case(CAMAT_FILES).until(7)
    case.upload("camat", "laporan_ditandatangani")
    assert case.mark_codes("camat", "laporan_ditandatangani", "signature") == ["signer_is_uploader"]
    case.upload("staf", "laporan_ditandatangani")
    assert case.mark_codes("camat", "laporan_ditandatangani", "signature") == []


def test_initials_are_no_concern_of_it() -> None:
    case = Case().until(6)
    case.upload("sekretaris", "laporan_final")
    assert case.mark_codes("sekretaris", "laporan_final", "initial") == []


def test_a_procedure_may_switch_it_off() -> None:
    case = Case({**CAMAT_FILES, "/separation_of_duties": False}).until(7)
    case.upload("camat", "laporan_ditandatangani")
    assert case.mark_codes("camat", "laporan_ditandatangani", "signature") == []


def test_a_copy_by_somebody_else_does_not_make_the_bytes_anothers() -> None:
    """Who uploaded them signs neither the version nor a copy of it."""
    case = Case().until(7)
    case.staff |= {"rangkap": ("staf", "camat", "pegawai")}
    case.upload("rangkap", "laporan_ditandatangani")
    assert case.mark_codes("rangkap", "laporan_ditandatangani", "signature") == ["signer_is_uploader"]
    case.upload("staf", "laporan_ditandatangani", copy_of=1)
    assert case.mark_codes("rangkap", "laporan_ditandatangani", "signature") == ["signer_is_uploader"]
    assert case.mark_codes("camat", "laporan_ditandatangani", "signature") == []


def test_a_slot_holds_so_many_versions_and_no_more() -> None:
    case = Case()
    case.upload("camat", "draf_tim")
    for _ in range(MAX_VERSIONS - 1):
        case.upload("camat", "draf_tim", copy_of=1)
    assert case.upload_codes("camat", "draf_tim") == ["too_many_versions"]
    assert case.upload_codes("camat", "struktur_organisasi") == []
