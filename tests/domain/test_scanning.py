"""What a scan lets happen: what may be read, marked and copied, what fills a slot, and what is void when malware is found later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.documents import MarkRequest, mark_refusals
from app.domain.instances import DocumentVersion
from app.domain.scanning import CLEAN, Finding, Scan, reading_refusals, scanned
from tests.support.situations import Case, codes

INFECTED = Finding("infected", "Eicar")


def with_scan(case: Case, slot: str, scan: Scan, *, tried: bool = False) -> DocumentVersion:
    """The latest version of the slot, as if it had been put so."""
    latest = case.instance.latest(slot)
    assert latest is not None
    changed = replace(latest, scan=scan, scanned_at=case.now if tried else None, threat="Eicar" if scan == "infected" else None)
    case.instance = replace(case.instance, versions=tuple(changed if v is latest else v for v in case.instance.versions))
    return changed


def find(case: Case, slot: str, finding: Finding) -> dict[str, object]:
    """The scanner speaks of the slot's latest version; what the event tells."""
    latest = case.instance.latest(slot)
    assert latest is not None
    found = scanned(case.instance, latest.storage_key, finding, case.now)
    assert found is not None
    case.instance, event = found
    assert event.type == "document.scanned"
    return event.data


@pytest.mark.parametrize(
    ("scan", "tried", "hold", "wanted"),
    [
        ("unscanned", False, True, []),
        ("clean", True, True, []),
        ("quarantined", False, True, ["content_quarantined"]),
        ("quarantined", True, True, ["content_quarantined:tried"]),
        ("quarantined", False, False, []),
        ("infected", True, True, ["content_infected"]),
        ("infected", True, False, ["content_infected"]),
    ],
)
def test_what_is_given_out(scan: Scan, tried: bool, hold: bool, wanted: list[str]) -> None:
    case = Case()
    case.upload("camat", "draf_tim")
    version = with_scan(case, "draf_tim", scan, tried=tried)
    assert [r.code + (f":{r.variant}" if r.variant else "") for r in reading_refusals(version, hold=hold)] == wanted


@pytest.mark.parametrize(
    ("scan", "hold", "wanted"),
    [
        ("unscanned", True, []),
        ("clean", True, []),
        ("quarantined", True, ["not_scanned_yet"]),
        ("quarantined", False, []),
        ("infected", False, ["content_infected"]),
    ],
)
def test_nobody_marks_what_nobody_can_read(scan: Scan, hold: bool, wanted: list[str]) -> None:
    case = Case().until(7)
    version = with_scan(case, "laporan_final", scan)
    request = MarkRequest(version.document_id, version.version, "initial", "hierarchical", hold)
    assert codes(mark_refusals(case.situation("sekretaris"), request)) == wanted


def test_nobody_marks_what_is_known_to_be_damaged() -> None:
    case = Case().until(7)
    version = with_scan(case, "laporan_final", "clean")
    request = MarkRequest(version.document_id, version.version, "initial", "hierarchical")
    damaged = replace(version, damaged_at=case.now)
    case.instance = replace(case.instance, versions=tuple(damaged if v is version else v for v in case.instance.versions))
    assert codes(mark_refusals(case.situation("sekretaris"), request)) == ["version_damaged"]


@pytest.mark.parametrize(("scan", "wanted"), [("quarantined", []), ("clean", []), ("infected", ["content_infected"])])
def test_a_copy_is_what_its_source_is_and_of_malware_there_is_none(scan: Scan, wanted: list[str]) -> None:
    case = Case()
    case.upload("camat", "draf_tim")
    source = with_scan(case, "draf_tim", scan, tried=True)
    assert case.upload_codes("camat", "draf_tim", copy_of=1) == wanted
    if not wanted:
        case.upload("camat", "draf_tim", copy_of=1)
        copy = case.instance.latest("draf_tim")
        assert copy is not None
        assert (copy.scan, copy.scanned_at, copy.threat) == (source.scan, source.scanned_at, source.threat)


@pytest.mark.parametrize(("scan", "wanted"), [("unscanned", []), ("quarantined", []), ("clean", []), ("infected", ["output_missing"])])
def test_malware_fills_no_output(scan: Scan, wanted: list[str]) -> None:
    case = Case().until(3).fill()
    with_scan(case, "rencana_kegiatan", scan)
    assert case.codes("tim1", "complete") == wanted


def test_malware_fills_no_input_of_a_later_step_and_leaves_what_is_done() -> None:
    case = Case().until(7).fill()
    with_scan(case, "laporan_final", "infected")
    assert "input_missing" in case.codes("staf", "complete")
    assert case.states()[:6] == ["completed"] * 6


def test_nothing_waits_under_another_key_or_once_it_is_judged() -> None:
    case = Case()
    case.upload("camat", "draf_tim")
    version = case.instance.latest("draf_tim")
    assert version is not None
    assert scanned(case.instance, version.storage_key, CLEAN, case.now) is None
    with_scan(case, "draf_tim", "quarantined")
    assert scanned(case.instance, "another", CLEAN, case.now) is None
    find(case, "draf_tim", CLEAN)
    assert scanned(case.instance, version.storage_key, INFECTED, case.now) is None


def test_what_is_clean_changes_nothing_else() -> None:
    case = Case().until(4).fill()
    case.sign("sekretaris")
    with_scan(case, "konsep_laporan", "quarantined")
    before = case.instance
    told = find(case, "konsep_laporan", CLEAN)
    latest = case.instance.latest("konsep_laporan")
    assert latest is not None
    assert (latest.scan, latest.scanned_at, latest.threat) == ("clean", case.now, None)
    assert case.instance == replace(before, versions=case.instance.versions)
    assert (told["scan"], told["threat"], told["step"], told["voided_sign_offs"]) == ("clean", None, None, [])


def test_all_versions_with_the_same_bytes_change_together() -> None:
    case = Case()
    case.upload("camat", "draf_tim")
    with_scan(case, "draf_tim", "quarantined")
    case.upload("camat", "draf_tim", copy_of=1)
    case.upload("camat", "draf_tim")
    first = case.instance.history("draf_tim")[0]
    found = scanned(case.instance, first.storage_key, INFECTED, case.now)
    assert found is not None
    assert [v.scan for v in found[0].history("draf_tim")] == ["infected", "infected", "unscanned"]
    assert (found[1].data["version"], found[1].data["versions"]) == (1, [1, 2])


def test_malware_in_what_the_active_step_stands_on_voids_its_sign_offs() -> None:
    case = Case().until(4).fill()
    with_scan(case, "konsep_laporan", "quarantined")
    case.sign("sekretaris")
    case.now += timedelta(minutes=5)
    told = find(case, "konsep_laporan", INFECTED)
    assert case.instance.signed(case.active) == ()
    assert (told["step"], told["round"], [s["role"] for s in told["voided_sign_offs"]]) == (4, 1, ["sekretaris"])  # type: ignore[attr-defined]
    assert case.codes("tim1", "complete") == ["output_missing"]
    case.upload("tim1", "konsep_laporan")
    assert case.codes("tim1", "complete") == []


@pytest.mark.parametrize("earlier", ["an older version", "a slot of another step"])
def test_malware_elsewhere_voids_nothing(earlier: str) -> None:
    case = Case().until(4).fill()
    slot = "konsep_laporan" if earlier == "an older version" else "struktur_organisasi"
    found = with_scan(case, slot, "quarantined")
    if earlier == "an older version":
        case.upload("tim1", slot)
    case.sign("sekretaris")
    after = scanned(case.instance, found.storage_key, INFECTED, case.now)
    assert after is not None
    assert after[1].data["step"] is None
    assert after[0].sign_offs == case.instance.sign_offs


def test_what_is_finished_stays_so() -> None:
    case = Case().until(7).fill()
    case.sign("staf")
    with_scan(case, "laporan_ditandatangani", "quarantined")
    told = find(case, "laporan_ditandatangani", INFECTED)
    assert (case.instance.state, told["step"]) == ("completed", None)
