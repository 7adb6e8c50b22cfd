"""The shipped procedure says what the signed paper says, word for word. The words here are the paper's, written down a second time."""

import json
import re

import pytest

from app.domain.procedure_checks import parse
from app.domain.procedures import Phrase, Procedure
from app.outside import catalog
from tests.support.drafts import SHIPPED

HEAD = ["PEMERINTAH KABUPATEN KUTAIKARTANEGARA", "KECAMATAN SAMBOJA", "SUB BAG PENYUSUNAN PROGRAM DAN KEUANGAN"]

CELLS = {
    "legal_basis": (
        "1. Peraturan Menteri Pendayagunaan Aparatur Negara dan Reformasi Birokrasi Republik Indonesia Nomor : 53 Tahun 2014 tentang Petunjuk "
        "Teknis Perjanjian Kinerja, Pelaporan Kinerja, dan Tata Cara Reviu Atas Laporan Kinerja Instansi Pemerintah"
    ),
    "performer_qualifications": (
        "1. Mengetahui Fungsi Kinerja 2. Mengetahui tugas dan fungsi Jabatan 3. Mengetahui Penggunaan Perangkat Komputer "
        "4. Mengetahui aturan dan regulasi Kepegawaian 5. Rapi dan tertib administrasi"
    ),
    "related_procedures": "SOP Penyusunan IKI/Pengukuran Kinerja",
    "equipment": (
        "Lembaran Kerja Ruangan Rapat Komputer/LapTop dan Peralatan Penukung Lainnya Jaringan Internet Template Tata Naskah Data Laporan per Bagian"
    ),
    "warnings": ("Apabila penyusunan IKI dan Pengukuran Kinerja dan pengumpulan Data tidak tepat waktu menghambat dalam penyusunan LKJIP Kecamatan"),
    "records": "Disimpan sebagai data elektronik dan manual Dokumen Daftar Gaji Pegawai Dokumen SPP dan SPM LS Gaji",
}

ROWS = [
    # activity, performers, inputs, duration, outputs: as the paper's table has them
    ("Memerintahkan untuk pengumpulan data Kinerja", "camat", "Struktur Organisasi", "30 menit", "Draf Tim"),
    ("Membentuk Tim dan memberi arahan", "sekretaris", "Draf Tim", "1 jam", "Tim Penyusun"),
    ("Menyusun Rencana pelaksanaan Kegiatan dan pengumpulan data", "tim_penyusun", "Tim", "5 Hari", "Rencana Kegiatan Pengumpulan Data"),
    (
        "Menghimpun data kinerja dan Menyusun konsep laporan",
        "sekretaris tim_penyusun",
        "Data Kinerja",
        "2 hari",
        "Konsep Laporan hasil pengumpulan data",
    ),
    (
        "Laporan Sekretaris terkait pengumpulan data kinerja kepada Camat",
        "camat",
        "Konsep laporan data kinerja",
        "2 hari",
        "Konsep laporan pengumpulan data",
    ),
    ("Melakukan rapat intern dengan Tim", "sekretaris tim_penyusun", "Data Kinerja", "1 jam", "Laporan Final"),
    ("Hasil Pengumpulan data", "staf", "Data Kinerja yang sudah di paraf", "2 hari", "Laporan sudah di tandatangi"),
]

SLOTS = [
    # the fixed names that clients count on
    ("struktur_organisasi", "draf_tim"),
    ("draf_tim", "tim_penyusun"),
    ("tim_penyusun", "rencana_kegiatan"),
    ("data_kinerja", "konsep_laporan"),
    ("konsep_laporan", "konsep_laporan_diperiksa"),
    ("data_kinerja", "laporan_final"),
    ("laporan_final", "laporan_ditandatangani"),
]


@pytest.fixture(scope="module")
def sop() -> Procedure:
    return parse(SHIPPED)


def words(phrases: tuple[Phrase, ...]) -> str:
    return " ".join(phrase.text for phrase in phrases)


def test_the_identity_block_is_the_paper_word_for_word(sop: Procedure) -> None:
    assert [line.text for line in sop.identity.organization] == HEAD
    assert sop.identity.title.text == "SOP PENGUMPULAN DATA KINERJA"
    assert {cell: words(getattr(sop.identity, cell)) for cell in CELLS} == CELLS


def test_the_table_is_the_paper_word_for_word(sop: Procedure) -> None:
    rows = [(s.activity.text, " ".join(s.performers), words(s.inputs), s.duration_text, words(s.outputs)) for s in sop.steps]  # type: ignore[arg-type]
    assert rows == ROWS
    assert [role.label for role in sop.roles.values()] == ["Camat", "Sekretaris", "Tim Penyusun", "Staf"]


def test_a_month_is_no_date_and_what_the_paper_leaves_empty_is_null(sop: Procedure) -> None:
    identity = sop.identity
    assert (identity.created_on, identity.created_on_text) == (None, "Desember 2021")
    assert (identity.effective_on, identity.effective_on_text) == (None, "Desember 2021")
    assert (identity.number, identity.revised_on, identity.revised_on_text) == (None, None, None)


def test_the_position_approves_and_no_person_is_named() -> None:
    assert SHIPPED["identity"]["approved_by"] == {"text": "Camat Samboja,", "label": "Camat Samboja"}
    everything = catalog.shipped()["pengumpulan-data-kinerja.yaml"].decode()
    assert not re.search(r"\d{8} ?\d{6}", everything)  # how a NIP begins


def test_the_salary_papers_are_restricted(sop: Procedure) -> None:
    assert [record.security_class for record in sop.identity.records] == ["open", "restricted", "restricted"]


def test_the_labels_are_without_the_typing_errors(sop: Procedure) -> None:
    labels = json.dumps(_labels(SHIPPED))
    for error in ("KUTAIKARTANEGARA", "Penukung", "di paraf", "tandatangi", "Nomor :", "Sub Bag "):
        assert error.lower() not in labels.lower()
    assert sop.steps[6].outputs[0].label == "Laporan sudah ditandatangani"
    assert sop.title == sop.identity.title.label == "Pengumpulan Data Kinerja"


def _labels(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["label"]] if "label" in value else []
        return own + [label for child in value.values() for label in _labels(child)]
    return [label for child in value for label in _labels(child)] if isinstance(value, list) else []


def test_the_slots_have_the_names_that_clients_count_on(sop: Procedure) -> None:
    assert [(step.inputs[0].slot, step.outputs[0].slot) for step in sop.steps] == SLOTS
    assert all(len(step.inputs) == len(step.outputs) == 1 for step in sop.steps)
    assert {key for key, slot in sop.slots.items() if slot.kind == "team"} == {"tim_penyusun"}
    assert {key for key, role in sop.roles.items() if role.team} == {"tim_penyusun"}


def test_the_rules_that_the_office_settled(sop: Procedure) -> None:
    numbered = [(step.number, step.duration.value, step.duration.unit) for step in sop.steps]
    assert numbered == [
        (1, 30, "minute"),
        (2, 1, "hour"),
        (3, 5, "working_day"),
        (4, 2, "working_day"),
        (5, 2, "working_day"),
        (6, 1, "hour"),
        (7, 2, "working_day"),
    ]
    assert [step.symbol for step in sop.steps] == ["terminator", *["process"] * 5, "terminator"]
    assert {(s.number, t.step, t.outside_sop) for s in sop.steps for t in s.returns_to} == {(5, 4, True), (6, 4, True), (7, 6, True)}
    assert [step.reported_by for step in sop.steps] == [None, None, None, None, "sekretaris", None, None]
    assert (sop.controls, sop.separation_of_duties) == (("camat", "sekretaris"), True)
    assert all(step.completion == "all" for step in sop.steps)


def test_the_report_is_initialed_and_signed_before_staff_file_it(sop: Procedure) -> None:
    marks = {
        (step.number, use.slot, use.initial_by, use.signature_by)
        for step in sop.steps
        for use in (*step.inputs, *step.outputs)
        if use.initial_by or use.signature_by
    }
    assert marks == {(7, "laporan_final", ("sekretaris",), ()), (7, "laporan_ditandatangani", (), ("camat",))}
