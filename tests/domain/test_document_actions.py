"""What a caller may do with a document: every action with its reasons, as the POST would give them."""

from dataclasses import replace

import pytest

from app.domain.document_actions import document_actions
from app.domain.documents import mark_refusals
from tests.domain.test_marking_order import SLOT, at_step_7, request
from tests.support.situations import Case

THREE = {"/steps/6/outputs/0/initial_by": ["sekretaris"], "/steps/6/outputs/0/signature_by": ["camat"], "/steps/6/outputs/0/signature_kind": "wet"}


def shown(case: Case, username: str, *, hold: bool = True) -> dict[tuple[str, str | None], list[str]]:
    situation = case.situation(username)
    document = situation.instance.document(SLOT)
    assert document is not None
    found = document_actions(situation, document, hold=hold)
    assert all(action.allowed == (not action.refusals) for action in found)
    return {(action.action, action.kind): [refusal.code for refusal in action.refusals] for action in found}


@pytest.mark.parametrize(
    ("username", "upload", "initial", "wet", "electronic"),
    [
        ("staf", [], ["may_not_mark"], ["may_not_mark", "signer_is_uploader"], ["may_not_mark", "signer_is_uploader"]),
        ("sekretaris", ["not_a_performer"], [], ["may_not_mark"], ["may_not_mark"]),
        ("camat", ["not_a_performer"], ["may_not_mark"], ["initial_missing"], ["initial_missing", "signature_kind_not_allowed"]),
    ],
)
def test_who_may_do_what_with_it(username: str, upload: list[str], initial: list[str], wet: list[str], electronic: list[str]) -> None:
    assert shown(at_step_7(THREE), username) == {
        ("upload", None): upload,
        ("initial", "hierarchical"): initial,
        ("initial", "coordination"): initial,
        ("sign", "wet"): wet,
        ("sign", "electronic"): electronic,
    }


@pytest.mark.parametrize("username", ["camat", "sekretaris", "staf"])
def test_a_mark_is_judged_as_its_post_is(username: str) -> None:
    case = at_step_7(THREE)
    found = shown(case, username)
    for kind in ("hierarchical", "coordination"):
        assert found["initial", kind] == [r.code for r in mark_refusals(case.situation(username), request(case, "initial", kind))]
    assert found["sign", "wet"] == [r.code for r in mark_refusals(case.situation(username), request(case, "signature", "wet"))]


def test_marks_that_nobody_asks_for_are_not_offered() -> None:
    bare = {"/steps/6/outputs/0/initial_by": [], "/steps/6/outputs/0/signature_by": ["camat"]}
    assert {action for action, _ in shown(at_step_7(bare), "camat")} == {"upload", "sign"}


def test_only_a_pdf_carries_an_electronic_signature() -> None:
    case = at_step_7({"/steps/6/outputs/0/signature_kind": "either"})
    case.instance = replace(case.instance, versions=tuple(replace(v, media_type="image/png") for v in case.instance.versions))
    found = shown(case, "camat")
    assert (found["sign", "wet"], found["sign", "electronic"]) == ([], ["not_signed_electronically"])


def test_what_is_held_back_is_not_marked_yet() -> None:
    case = at_step_7({})
    case.instance = replace(case.instance, versions=tuple(replace(v, scan="quarantined") for v in case.instance.versions))
    held, given = (shown(case, "camat", hold=hold)["sign", "wet"] for hold in (True, False))
    assert held
    assert given == []


def test_of_a_closed_instance_nothing_is_offered() -> None:
    case = at_step_7({})
    case.instance = replace(case.instance, state="cancelled")
    assert shown(case, "camat") == {}
