"""The order of marks: hierarchical initials one after the other, a signature after them, by the hand that the procedure allows."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.domain.documents import MarkRequest, mark_refusals, put_mark
from app.domain.gateway_signing import keeping_refusals
from app.domain.instances import Instance, MarkName
from app.domain.marking import awaited_marks
from app.domain.signatures import Evidence, PdfSignature, evidence_facts, signature_refusals
from tests.support.situations import Case, codes

SLOT = "laporan_ditandatangani"
OUTPUT = "/steps/6/outputs/0"
THREE = {f"{OUTPUT}/initial_by": ["staf", "sekretaris"], f"{OUTPUT}/signature_by": ["camat"]}


def at_step_7(changes: dict[str, Any]) -> Case:
    case = Case(changes).until(7)
    case.upload("staf", SLOT)
    return case


def refused(case: Case, username: str, mark: MarkName, kind: str) -> list[str]:
    return codes(mark_refusals(case.situation(username), request(case, mark, kind)))


def request(case: Case, mark: MarkName, kind: str) -> MarkRequest:
    latest = case.instance.latest(SLOT)
    assert latest is not None
    return MarkRequest(latest.document_id, latest.version, mark, kind)


def put(case: Case, username: str, mark: MarkName, kind: str) -> None:
    assert refused(case, username, mark, kind) == []
    case.instance = put_mark(case.situation(username), request(case, mark, kind), mark_id=uuid4())[0]


def awaited(instance: Instance) -> list[tuple[str, str]]:
    step = instance.active_step
    assert step is not None
    return [(mark, role) for use, mark, role in awaited_marks(instance, step, instance.active) if use.slot == SLOT]


# ── the order ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_hierarchical_initials_follow_each_other_and_the_signature_them() -> None:
    case = at_step_7(THREE)
    assert awaited(case.instance) == [("initial", "staf")]
    assert refused(case, "sekretaris", "initial", "hierarchical") == ["initial_out_of_order"]
    assert refused(case, "camat", "signature", "wet") == ["initial_missing", "initial_missing"]
    put(case, "staf", "initial", "hierarchical")
    assert awaited(case.instance) == [("initial", "sekretaris")]
    assert refused(case, "camat", "signature", "wet") == ["initial_missing"]
    put(case, "sekretaris", "initial", "hierarchical")
    assert awaited(case.instance) == [("signature", "camat")]
    put(case, "camat", "signature", "wet")
    assert awaited(case.instance) == []


def test_who_comes_first_is_named() -> None:
    case = at_step_7({f"{OUTPUT}/initial_by": ["staf", "sekretaris", "camat"]})
    (found,) = mark_refusals(case.situation("camat"), request(case, "initial", "hierarchical"))
    assert found.message("en") == "Laporan sudah ditandatangani is initialed in order; wait for the initial of Staf, Sekretaris."


def test_coordination_has_no_order_and_counts_as_an_initial() -> None:
    case = at_step_7(THREE)
    put(case, "sekretaris", "initial", "coordination")
    assert awaited(case.instance) == [("initial", "staf")]
    put(case, "staf", "initial", "hierarchical")
    assert awaited(case.instance) == [("signature", "camat")]


def test_a_new_version_starts_the_order_anew() -> None:
    case = at_step_7(THREE)
    put(case, "staf", "initial", "hierarchical")
    case.upload("staf", SLOT)
    assert case.events[-1].data["voided_marks"] == [{"mark": "initial", "kind": "hierarchical", "role": "staf"}]
    assert refused(case, "sekretaris", "initial", "hierarchical") == ["initial_out_of_order"]


def test_tasks_are_theirs_whose_turn_it_is() -> None:
    case = at_step_7(THREE)
    case.mark("sekretaris", "laporan_final", "initial")
    marks = [(line.kind, line.role) for line in case.waiting() if line.kind != "step"]
    assert marks == [("initial", "staf")]
    assert case.codes("staf", "complete") == ["initial_missing", "initial_missing", "signature_missing"]


def test_who_holds_two_roles_puts_both_initials() -> None:
    case = at_step_7(THREE)
    case.staff |= {"rangkap": ("staf", "sekretaris", "pegawai")}
    put(case, "rangkap", "initial", "hierarchical")
    put(case, "rangkap", "initial", "hierarchical")
    assert [mark.role for mark in case.instance.marks] == ["staf", "sekretaris"]
    assert refused(case, "rangkap", "initial", "hierarchical") == ["already_marked"]


# `laporan_final`: put out by step 6, needed by step 7. What each asks of it, and who may put the first initial while 6 or 7 is active.
SEVERAL: list[tuple[list[str], list[str], int, set[str]]] = [
    (["staf", "sekretaris"], ["sekretaris"], 6, {"staf"}),
    (["staf", "sekretaris"], ["sekretaris"], 7, {"staf", "sekretaris"}),
    (["sekretaris"], ["staf", "sekretaris"], 6, {"staf", "sekretaris"}),
    (["sekretaris"], ["staf", "sekretaris"], 7, {"staf"}),
    (["staf", "sekretaris"], ["sekretaris", "staf"], 6, {"staf"}),
    (["staf", "sekretaris"], ["sekretaris", "staf"], 7, {"sekretaris"}),
    ([], ["staf", "sekretaris"], 6, {"staf"}),
    (["staf", "sekretaris"], [], 7, {"staf"}),
]


@pytest.mark.parametrize(("in_6", "in_7", "step", "first"), SEVERAL)
def test_a_role_in_several_uses_is_judged_by_the_step_that_needs_it_next(in_6: list[str], in_7: list[str], step: int, first: set[str]) -> None:
    case = Case({"/steps/6/inputs/0/initial_by": in_7}).until(6)
    case.upload("sekretaris", "laporan_final")
    if step == 7:
        case.sign("sekretaris", "tim1")
    wanted = case.procedure.step(6).outputs[0].model_copy(update={"initial_by": tuple(in_6)})
    steps = tuple(s.model_copy(update={"outputs": (wanted,)}) if s.number == 6 else s for s in case.procedure.steps)
    case.instance = replace(case.instance, procedure=case.procedure.model_copy(update={"steps": steps}))
    case.instance.procedure.__dict__.pop("numbered", None)
    assert {who for who in ("staf", "sekretaris") if case.mark_codes(who, "laporan_final", "initial") == []} == first


# ── by which hand ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("policy", "allowed"), [("wet", {"wet"}), ("electronic", {"electronic"}), ("either", {"wet", "electronic"})])
@pytest.mark.parametrize("kind", ["wet", "electronic"])
def test_only_a_signature_by_the_hand_allowed_is_put_and_counts(policy: str, allowed: set[str], kind: str) -> None:
    case = at_step_7({f"{OUTPUT}/signature_kind": policy})
    assert refused(case, "camat", "signature", kind) == ([] if kind in allowed else ["signature_kind_not_allowed"])
    case.mark("sekretaris", "laporan_final", "initial")
    case.instance = put_mark(case.situation("camat"), request(case, "signature", kind), mark_id=uuid4())[0]  # as if nobody had looked
    assert case.codes("staf", "complete") == ([] if kind in allowed else ["signature_missing"])


# ── the signed form of a version ────────────────────────────────────────────────────────────────────────────────────


def signed_form(case: Case, by: str) -> None:
    """What a gateway makes of the latest version, put by `by`."""
    latest = case.instance.latest(SLOT)
    assert latest is not None
    made = replace(
        latest, version=latest.version + 1, sha256="f" * 64, signed_from=latest.version, uploaded_by={"account_id": str(case.actor(by).account_id)}
    )
    case.instance = replace(case.instance, versions=(*case.instance.versions, made))


def test_marks_go_on_counting_on_the_signed_form() -> None:
    case = at_step_7(THREE)
    put(case, "staf", "initial", "hierarchical")
    put(case, "sekretaris", "initial", "hierarchical")
    signed_form(case, "camat")
    assert awaited(case.instance) == [("signature", "camat")]
    put(case, "camat", "signature", "electronic")
    assert awaited(case.instance) == []


def test_the_uploaders_of_a_signed_form_are_those_of_its_source() -> None:
    case = at_step_7({"/separation_of_duties": True})
    signed_form(case, "camat")
    assert refused(case, "camat", "signature", "electronic") == []
    case.staff |= {"staf": ("staf", "camat", "pegawai")}
    assert refused(case, "staf", "signature", "electronic") == ["signer_is_uploader"]


def test_who_signed_through_the_gateway_is_no_uploader_of_a_copy_of_it() -> None:
    case = at_step_7({"/separation_of_duties": True})
    signed_form(case, "camat")
    case.upload("staf", SLOT, copy_of=2)
    assert refused(case, "camat", "signature", "electronic") == []
    case.staff |= {"staf": ("staf", "camat", "pegawai")}
    assert refused(case, "staf", "signature", "electronic") == ["signer_is_uploader"]


def test_who_initialed_the_source_has_initialed_the_signed_form() -> None:
    case = at_step_7(THREE)
    case.staff |= {"rangkap": ("staf", "sekretaris", "pegawai")}
    put(case, "rangkap", "initial", "hierarchical")
    signed_form(case, "camat")
    put(case, "rangkap", "initial", "hierarchical")
    assert [mark.role for mark in case.instance.marks] == ["staf", "sekretaris"]
    assert refused(case, "rangkap", "initial", "hierarchical") == ["already_marked"]


def test_a_new_version_voids_the_marks_that_counted_on_the_signed_form() -> None:
    case = at_step_7(THREE)
    put(case, "staf", "initial", "hierarchical")
    signed_form(case, "camat")
    put(case, "sekretaris", "initial", "hierarchical")
    put(case, "camat", "signature", "electronic")
    case.upload("staf", SLOT)
    told = [(mark["mark"], mark["role"]) for mark in case.events[-1].data["voided_marks"]]
    assert sorted(told) == [("initial", "sekretaris"), ("initial", "staf"), ("signature", "camat")]


def keeping(case: Case, slot: str = SLOT) -> list[str]:
    """What forbids that the signed form of the latest version is kept."""
    latest = case.instance.latest(slot)
    assert latest is not None
    return codes(keeping_refusals(case.situation("camat"), MarkRequest(latest.document_id, latest.version, "signature", "electronic")))


def test_the_signed_form_is_kept_only_while_its_slot_is_at_work() -> None:
    case = at_step_7({})
    assert keeping(case) == []
    case.take("staf", "return", to_step=6)
    assert keeping(case) == ["slot_not_at_work"]


def test_the_signed_form_of_an_earlier_rounds_version_fills_no_output() -> None:
    case = at_step_7({})
    case.take("staf", "return", to_step=6)
    case.fill().sign("sekretaris", "tim1")
    assert (case.instance.current_step, keeping(case)) == (7, ["version_of_earlier_round"])
    case.upload("staf", SLOT, copy_of=1)
    assert keeping(case) == []


# ── what was found in the PDF ───────────────────────────────────────────────────────────────────────────────────────

SOUND = PdfSignature(
    field="Tanda",
    intact=True,
    trusted=True,
    covers_whole_document=True,
    signer="Camat Uji",
    issuer="Otoritas",
    serial_number="1f",
    signed_at=None,
    timestamped=False,
)
EARLIER = replace(SOUND, covers_whole_document=False)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([], ["not_signed_electronically"]),
        ([SOUND], []),
        ([replace(SOUND, trusted=None)], []),
        ([EARLIER, SOUND], []),
        ([replace(EARLIER, intact=False), SOUND], []),
        ([replace(SOUND, intact=False)], ["signature_not_intact"]),
        ([replace(SOUND, intact=False, covers_whole_document=False, trusted=False)], ["signature_not_intact"]),
        ([EARLIER], ["signature_not_whole"]),
        ([replace(SOUND, trusted=False)], ["signature_not_trusted"]),
        ([replace(EARLIER, trusted=False)], ["signature_not_whole", "signature_not_trusted"]),
        ([SOUND, replace(SOUND, trusted=False)], ["signature_not_trusted"]),
    ],
)
def test_the_newest_signature_decides(found: list[PdfSignature], wanted: list[str]) -> None:
    assert codes(tuple(signature_refusals(found))) == wanted


def test_events_know_names_only_as_hashes() -> None:
    moment = datetime(2027, 1, 4, tzinfo=UTC)
    kept = Evidence(signatures=(replace(SOUND, signed_at=moment),), verified_at=moment, roots=True).as_data()
    told = evidence_facts(kept)
    assert told is not None
    assert kept["signatures"][0]["signer"] == "Camat Uji"
    assert not any(name in str(told) for name in ("Camat Uji", "Otoritas", "'1f'", "Tanda"))
    assert (told["signatures"][0]["intact"], told["signatures"][0]["signed_at"], told["roots"]) == (True, moment.isoformat(), True)
    assert evidence_facts(None) is None
