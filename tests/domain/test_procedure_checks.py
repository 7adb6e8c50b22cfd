"""What is wrong with a draft: one change to a sound draft, and exactly the problems that it makes, with their places."""

# long: every rule in one table reads as the specification

from typing import Any

import pytest

from app.domain.procedure_checks import CODES, ProcedureRejected, check, parse
from app.domain.procedures import Procedure
from tests.support.drafts import DROP, OTHER, SHIPPED, changed

Found = set[tuple[str, str]]
Row = tuple[str, dict[str, Any], Found]


def found(draft: object) -> Found:
    return {(problem.pointer, problem.code) for problem in check(draft)}


def step(number: int, **fields: Any) -> dict[str, Any]:
    activity = {"text": "Memeriksa", "label": "Memeriksa"}
    base = {"number": number, "activity": activity, "performers": ["staf"], "duration": {"value": 1, "unit": "hour"}, "duration_text": "1 jam"}
    return base | fields


def use(slot: str, **fields: Any) -> dict[str, Any]:
    return {"slot": slot, "text": "Berkas", "label": "Berkas"} | fields


def lead(value: int, unit: str) -> dict[str, Any]:
    return {"lead": {"value": value, "unit": unit}}


FORM: list[Row] = [
    ("no title", {"/title": DROP}, {("/title", "field_missing")}),
    ("an empty title", {"/title": ""}, {("/title", "too_short")}),
    ("a title too long", {"/title": "x" * 301}, {("/title", "too_long")}),
    ("a key with blanks", {"/key": "Data Kinerja"}, {("/key", "pattern_mismatch")}),
    ("an unknown field", {"/colour": "red"}, {("/colour", "field_unknown")}),
    ("an unknown field far inside", {"/steps/0/inputs/0/mark": {}}, {("/steps/0/inputs/0/mark", "field_unknown")}),
    ("a number where text belongs", {"/identity/number": 12}, {("/identity/number", "type_wrong")}),
    ("text where a number belongs", {"/steps/0/number": "1"}, {("/steps/0/number", "type_wrong")}),
    ("true where a number belongs", {"/steps/0/duration/value": True}, {("/steps/0/duration/value", "type_wrong")}),
    ("one and a half hours", {"/steps/0/duration/value": 1.5}, {("/steps/0/duration/value", "type_wrong")}),
    ("text where a list belongs", {"/steps/0/performers": "camat"}, {("/steps/0/performers", "type_wrong")}),
    ("a list where an object belongs", {"/roles": []}, {("/roles", "type_wrong")}),
    ("text where an object belongs", {"/steps/0/activity": "Memerintahkan"}, {("/steps/0/activity", "type_wrong")}),
    ("a duration of nothing", {"/steps/0/duration/value": 0}, {("/steps/0/duration/value", "out_of_range")}),
    ("a negative duration", {"/steps/2/duration/value": -5}, {("/steps/2/duration/value", "out_of_range")}),
    ("an unknown unit", {"/steps/0/duration/unit": "hari"}, {("/steps/0/duration/unit", "not_one_of")}),
    ("nobody performs", {"/steps/0/performers": []}, {("/steps/0/performers", "too_short")}),
    ("no steps", {"/steps": []}, {("/steps", "too_short")}),
    ("step 0", {"/steps/0/number": 0}, {("/steps/0/number", "out_of_range")}),
    ("an unknown symbol", {"/steps/0/symbol": "arrow"}, {("/steps/0/symbol", "not_one_of")}),
    ("an unknown completion", {"/steps/0/completion": "most"}, {("/steps/0/completion", "not_one_of")}),
    ("a quorum of nobody", {"/steps/2/completion": {"quorum": 0}}, {("/steps/2/completion/quorum", "out_of_range")}),
    ("a quorum without its number", {"/steps/2/completion": {}}, {("/steps/2/completion/quorum", "field_missing")}),
    ("a role named completion is still looked at", {"/roles/completion": {"team": True}}, {("/roles/completion/label", "field_missing")}),
    ("a role key with capitals", {"/roles/Lurah": {"label": "Lurah"}}, {("/roles/Lurah", "pattern_mismatch")}),
    ("a decision with one branch", {"/steps/3/decision": {"yes": 5}}, {("/steps/3/decision/no", "field_missing")}),
    ("a date that is none", {"/identity/effective_on": "Desember 2021"}, {("/identity/effective_on", "date_invalid")}),
    ("a day that is none", {"/identity/created_on": "2021-02-30"}, {("/identity/created_on", "date_invalid")}),
    ("a date without dashes", {"/identity/created_on": "20211201"}, {("/identity/created_on", "date_invalid")}),
    ("a blank label", {"/steps/0/activity/label": "  "}, {("/steps/0/activity/label", "pattern_mismatch")}),
    ("an unknown security class", {"/identity/records/1/security_class": "secret"}, {("/identity/records/1/security_class", "not_one_of")}),
    ("a control character", {"/title": "a\0b"}, {("/title", "character_not_allowed")}),
    ("half a surrogate pair", {"/title": "\ud800"}, {("/title", "character_not_allowed")}),
    ("a key no pointer can name", {"/roles/\ud800": {}}, {("/roles", "character_not_allowed")}),
    ("an endless key", {f"/{'k' * 201}": 1}, {("", "too_long")}),
    ("a key that is no text", {"/roles": {1: {"label": "Camat"}}}, {("/roles", "not_data")}),
    ("no number", {"/steps/0/number": float("nan")}, {("/steps/0/number", "not_data")}),
    ("a number beyond canonical JSON", {"/steps/0/number": 2**53}, {("/steps/0/number", "not_data")}),
    ("an object of Python", {"/title": object()}, {("/title", "not_data")}),
]

ROLES: list[Row] = [
    ("a performer nobody declared", {"/steps/6/performers/0": "lurah"}, {("/steps/6/performers/0", "unknown_role")}),
    ("an unknown reporter", {"/steps/4/reported_by": "lurah"}, {("/steps/4/reported_by", "unknown_role")}),
    ("an unknown role in control", {"/controls/1": "lurah"}, {("/controls/1", "unknown_role")}),
    ("an unknown role initials", {"/steps/6/inputs/0/initial_by/0": "lurah"}, {("/steps/6/inputs/0/initial_by/0", "unknown_role")}),
    ("an unknown role signs", {"/steps/6/outputs/0/signature_by/0": "lurah"}, {("/steps/6/outputs/0/signature_by/0", "unknown_role")}),
    ("a permission as a role", {"/roles/auditor": {"label": "Auditor"}}, {("/roles/auditor", "role_reserved")}),
    ("the employee as a role", {"/roles/pegawai": {"label": "Pegawai"}}, {("/roles/pegawai", "role_reserved")}),
    ("a performer twice", {"/steps/3/performers/-": "sekretaris"}, {("/steps/3/performers/2", "duplicate_role")}),
    ("a controller twice", {"/controls/-": "camat"}, {("/controls/2", "duplicate_role")}),
    ("a second team", {"/roles/tim_lain": {"label": "Tim", "team": True}}, {("/roles/tim_lain", "second_team_role")}),
    ("the team controls", {"/controls/-": "tim_penyusun"}, {("/controls/2", "control_by_team")}),
    ("the team initials", {"/steps/6/inputs/0/initial_by/0": "tim_penyusun"}, {("/steps/6/inputs/0/initial_by/0", "mark_by_team")}),
    ("the team signs", {"/steps/6/outputs/0/signature_by/0": "tim_penyusun"}, {("/steps/6/outputs/0/signature_by/0", "mark_by_team")}),
    ("the team starts", {"/steps/0/performers/0": "tim_penyusun"}, {("/steps/0/performers/0", "first_step_by_team")}),
    (
        "no step forms the team",
        {"/steps/1/outputs": [], "/steps/2/inputs": [], "/slots/tim_penyusun": DROP},
        {("/roles/tim_penyusun", "team_never_formed")},
    ),
    ("the team is formed twice", {"/steps/3/outputs/-": use("tim_penyusun")}, {("/steps/3/outputs/1/slot", "team_formed_twice")}),
    ("the team forms itself", {"/steps/1/performers/0": "tim_penyusun"}, {("/steps/1/performers/0", "team_formed_too_late")}),
    (
        "the team performs before it is formed",
        {"/steps/1/outputs": [], "/steps/3/outputs/-": use("tim_penyusun"), "/steps/2/inputs": []},
        {("/steps/2/performers/0", "team_formed_too_late"), ("/steps/3/performers/1", "team_formed_too_late")},
    ),
    ("a quorum without a team", {"/steps/6/completion": {"quorum": 2}}, {("/steps/6/completion", "quorum_without_team")}),
    ("any of one performer is fine", {"/steps/6/completion": "any"}, set()),
    ("a reporting team is fine", {"/steps/4/reported_by": "tim_penyusun"}, set()),
    ("a role of no step is fine", {"/roles/mitra": {"label": "Mitra"}}, set()),
    ("a superior nobody declared", {"/roles/staf/superior": "lurah"}, {("/roles/staf/superior", "unknown_role")}),
    ("a permission as superior", {"/roles/staf/superior": "auditor"}, {("/roles/staf/superior", "unknown_role")}),
    ("a superior with capitals", {"/roles/staf/superior": "Camat"}, {("/roles/staf/superior", "pattern_mismatch")}),
    ("the team as superior", {"/roles/staf/superior": "tim_penyusun"}, {("/roles/staf/superior", "superior_is_team")}),
    ("a superior of itself", {"/roles/camat/superior": "camat"}, {("/roles/camat/superior", "superior_circle")}),
    (
        "superiors in a circle, and those below it are fine",
        {"/roles/camat/superior": "sekretaris"},
        {("/roles/camat/superior", "superior_circle"), ("/roles/sekretaris/superior", "superior_circle")},
    ),
    (
        "a circle through the team",
        {"/roles/sekretaris/superior": "tim_penyusun"},
        {
            ("/roles/sekretaris/superior", "superior_is_team"),
            ("/roles/sekretaris/superior", "superior_circle"),
            ("/roles/tim_penyusun/superior", "superior_circle"),
        },
    ),
    ("no superior at all is fine", {"/roles/staf/superior": None}, set()),
]

LEADS: list[Row] = [
    ("minutes before minutes are fine", {"/steps/0/due_soon": lead(29, "minute")}, set()),
    ("all the minutes", {"/steps/0/due_soon": lead(30, "minute")}, {("/steps/0/due_soon/lead", "lead_too_long")}),
    ("an hour before half an hour", {"/steps/0/due_soon": lead(1, "hour")}, {("/steps/0/due_soon/lead", "lead_too_long")}),
    ("sixty minutes before an hour", {"/steps/1/due_soon": lead(60, "minute")}, {("/steps/1/due_soon/lead", "lead_too_long")}),
    ("all the days but one are fine", {"/steps/2/due_soon": lead(4, "working_day")}, set()),
    ("all the days", {"/steps/2/due_soon": lead(5, "working_day")}, {("/steps/2/due_soon/lead", "lead_too_long")}),
    ("calendar days before working days cannot be compared", {"/steps/2/due_soon": lead(9, "calendar_day")}, set()),
    ("hours before days cannot be compared", {"/steps/2/due_soon": lead(100, "hour")}, set()),
    ("a day before minutes cannot be compared", {"/steps/0/due_soon": lead(1, "working_day")}, set()),
    ("what all steps share may be longer than one of them", {"/due_soon": lead(1, "hour")}, set()),
    ("a lead of nothing", {"/due_soon": lead(0, "hour")}, {("/due_soon/lead/value", "out_of_range")}),
    ("a lead without unit", {"/due_soon": {"lead": {"value": 1}}}, {("/due_soon/lead/unit", "field_missing")}),
]

SLOTS: list[Row] = [
    ("an input nobody declared", {"/steps/3/inputs/0/slot": "data"}, {("/steps/3/inputs/0/slot", "unknown_slot")}),
    ("a slot nobody uses", {"/slots/foto": {"label": "Foto"}}, {("/slots/foto", "slot_unused")}),
    ("an input twice", {"/steps/3/inputs/-": use("data_kinerja")}, {("/steps/3/inputs/1/slot", "duplicate_slot")}),
    ("an output twice", {"/steps/3/outputs/-": use("konsep_laporan")}, {("/steps/3/outputs/1/slot", "duplicate_slot")}),
    ("revising an earlier document in its slot is fine", {"/steps/4/outputs/-": use("konsep_laporan")}, set()),
    ("an initial on the team", {"/steps/2/inputs/0/initial_by": ["camat"]}, {("/steps/2/inputs/0/initial_by", "mark_on_team_slot")}),
    ("a signature on the team", {"/steps/1/outputs/0/signature_by": ["camat"]}, {("/steps/1/outputs/0/signature_by", "mark_on_team_slot")}),
    (
        "a kind of signature that nobody puts",
        {"/steps/5/outputs/0/signature_kind": "wet"},
        {("/steps/5/outputs/0/signature_kind", "signature_kind_without_signature")},
    ),
    ("an input only its own step puts out", {"/steps/2/inputs/-": use("rencana_kegiatan")}, {("/steps/2/inputs/1/slot", "input_put_out_later")}),
    ("an input that a later step puts out", {"/steps/1/inputs/-": use("laporan_final")}, {("/steps/1/inputs/1/slot", "input_put_out_later")}),
    ("a team input that a later step forms", {"/steps/0/inputs/-": use("tim_penyusun")}, {("/steps/0/inputs/1/slot", "input_not_put_out")}),
    ("kinds of files for a team", {"/slots/tim_penyusun/accepts": ["pdf"]}, {("/slots/tim_penyusun/accepts", "file_of_team_slot")}),
    ("a size for a team", {"/slots/tim_penyusun/max_bytes": 1000}, {("/slots/tim_penyusun/max_bytes", "file_of_team_slot")}),
    (
        "a team slot of a team nobody is",
        {"/roles/tim_penyusun/team": False},
        {("/slots/tim_penyusun", "team_slot_without_role")},
    ),
    (
        "a team as a document",
        {"/slots/tim_penyusun/kind": "document"},
        {("/roles/tim_penyusun", "team_never_formed")},
    ),
]

ORDER: list[Row] = [
    ("a number twice", {"/steps/-": step(7)}, {("/steps/7/number", "duplicate_step")}),
    ("steps out of order", {"/steps/6/number": 9, "/steps/-": step(8)}, {("/steps/7/number", "step_out_of_order")}),
    ("a gap is fine", {"/steps/6/number": 12}, set()),
    (
        "the first step is number 2",
        {"/steps/0": DROP, "/slots/struktur_organisasi": DROP},
        {("/steps/0/number", "first_step_not_one")},
    ),
    ("a return to itself", {"/steps/4/returns_to/0/step": 5}, {("/steps/4/returns_to/0/step", "return_not_back")}),
    ("a return forward", {"/steps/4/returns_to/0/step": 6}, {("/steps/4/returns_to/0/step", "return_not_back")}),
    ("a return to nowhere", {"/steps/4/returns_to/0/step": 70}, {("/steps/4/returns_to/0/step", "return_unknown_step")}),
    ("a return twice", {"/steps/4/returns_to/-": {"step": 4}}, {("/steps/4/returns_to/1/step", "duplicate_return")}),
    ("a decision without branches", {"/steps/4/symbol": "decision"}, {("/steps/4/decision", "decision_missing")}),
    ("branches without a decision", {"/steps/4/decision": {"yes": 6, "no": 4}}, {("/steps/4/decision", "decision_unexpected")}),
    ("a decision that leads back on no is fine", {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 6, "no": 4}}, set()),
    (
        "a branch to nowhere",
        {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 6, "no": 99}},
        {("/steps/4/decision/no", "decision_unknown_step")},
    ),
    (
        "a branch to step 0",
        {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 6, "no": 0}},
        {("/steps/4/decision/no", "decision_unknown_step")},
    ),
    (
        "a branch to itself",
        {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 6, "no": 5}},
        {("/steps/4/decision/no", "decision_to_itself")},
    ),
    (
        "yes leads in a circle",
        {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 4, "no": 6}},
        {("/steps/4/decision/yes", "yes_never_ends")},
    ),
    (
        "a step that every branch passes by",
        {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 7, "no": 4}, "/steps/6/returns_to": [], "/steps/6/inputs": []},
        {("/steps/5", "step_unreachable")},
    ),
    (
        "a step that only a return reaches is fine",
        {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 7, "no": 4}, "/steps/6/inputs": [use("konsep_laporan")]},
        set(),
    ),
    (
        "an input whose step can be passed by",
        {"/steps/4/symbol": "decision", "/steps/4/decision": {"yes": 7, "no": 6}},
        {("/steps/6/inputs/0/slot", "input_may_be_skipped")},
    ),
    (
        "a team whose forming can be passed by",
        {"/steps/0/symbol": "decision", "/steps/0/decision": {"yes": 2, "no": 4}},
        {("/steps/3/performers/1", "team_formed_too_late"), ("/steps/5/performers/1", "team_formed_too_late")},
    ),
    (
        "a team whose forming a return can pass by",
        {"/steps/0/symbol": "decision", "/steps/0/decision": {"yes": 2, "no": 5}, "/steps/4/inputs": [], "/steps/5/performers": ["sekretaris"]},
        {("/steps/3/performers/1", "team_formed_too_late")},
    ),
    (
        "the end is never reached",
        {"/steps/6/symbol": "decision", "/steps/6/decision": {"yes": 6, "no": 5}},
        {("/steps", "no_end"), ("/steps/6/decision/yes", "yes_never_ends")},
    ),
    (
        "a circle that only a return leaves",
        {
            "/steps/4/symbol": "decision",
            "/steps/4/decision": {"yes": 7, "no": 6},
            "/steps/5/symbol": "decision",
            "/steps/5/decision": {"yes": 8, "no": 8},
            "/steps/6/inputs": [use("konsep_laporan")],
            "/steps/-": step(8, symbol="decision", decision={"yes": 6, "no": 6}),
            "/steps/6/symbol": "decision",
            "/steps/6/decision": {"yes": None, "no": 4},
        },
        {
            ("/steps/5", "end_unreachable"),
            ("/steps/7", "end_unreachable"),
            ("/steps/5/decision/yes", "yes_never_ends"),
            ("/steps/7/decision/yes", "yes_never_ends"),
        },
    ),
]


TABLES = FORM + ROLES + SLOTS + ORDER + LEADS


@pytest.mark.parametrize(("why", "changes", "expected"), TABLES, ids=lambda value: value if isinstance(value, str) else "")
def test_one_change_makes_exactly_these_problems(why: str, changes: dict[str, Any], expected: Found) -> None:
    assert found(changed(SHIPPED, changes)) == expected, why


def test_a_sound_draft_has_no_problem() -> None:
    assert check(SHIPPED) == ()
    assert check(OTHER) == ()


def test_a_sound_draft_is_parsed_to_the_procedure_it_says() -> None:
    procedure = parse(SHIPPED)
    assert isinstance(procedure, Procedure)
    assert procedure.team_role == "tim_penyusun"
    assert procedure.team_step is not None
    assert procedure.team_step.number == 2
    assert parse(procedure.model_dump(mode="json")) == procedure
    assert parse(procedure.model_dump()) == procedure


def test_all_problems_of_meaning_come_at_once() -> None:
    draft = changed(
        SHIPPED,
        {
            "/roles/admin": {"label": "Admin"},
            "/controls/-": "lurah",
            "/slots/foto": {"label": "Foto"},
            "/steps/1/inputs/-": use("laporan_final"),
            "/steps/4/returns_to/0/step": 6,
            "/steps/4/symbol": "decision",
            "/steps/6/completion": {"quorum": 3},
            "/steps/-": step(7, outputs=[use("surat")]),
        },
    )
    assert found(draft) == {
        ("/roles/admin", "role_reserved"),
        ("/controls/2", "unknown_role"),
        ("/slots/foto", "slot_unused"),
        ("/steps/1/inputs/1/slot", "input_put_out_later"),
        ("/steps/4/returns_to/0/step", "return_not_back"),
        ("/steps/4/decision", "decision_missing"),
        ("/steps/6/completion", "quorum_without_team"),
        ("/steps/7/number", "duplicate_step"),
        ("/steps/7/outputs/0/slot", "unknown_slot"),
    }


def test_all_mistakes_of_form_come_at_once_and_before_any_of_meaning() -> None:
    draft = changed(SHIPPED, {"/title": DROP, "/colour": "red", "/steps/0/duration/value": 0, "/steps/6/performers/0": "lurah"})
    assert found(draft) == {("/title", "field_missing"), ("/colour", "field_unknown"), ("/steps/0/duration/value", "out_of_range")}


def test_a_rejected_draft_carries_every_problem() -> None:
    draft = changed(SHIPPED, {"/controls/-": "lurah", "/slots/foto": {"label": "Foto"}})
    with pytest.raises(ProcedureRejected) as rejected:
        parse(draft)
    assert rejected.value.problems == check(draft)
    assert rejected.value.code == "procedure_rejected"


def test_each_problem_has_a_sentence_in_both_languages() -> None:
    problem = check(changed(SHIPPED, {"/steps/6/performers/0": "lurah"}))[0]
    assert (problem.id, problem.en) == ("Peran lurah tidak ada dalam roles.", "The role lurah is not in roles.")


@pytest.mark.parametrize("draft", [None, 1, "text", [], {}, [[]], {"steps": [{}]}, {"steps": [{"completion": []}]}, {1: 2}, {"a": {None: 1}}])
def test_what_is_no_procedure_at_all_has_problems(draft: object) -> None:
    assert check(draft)
    with pytest.raises(ProcedureRejected):
        parse(draft)


def test_a_draft_nested_too_deeply_is_told_so() -> None:
    nested: Any = "deep"
    for _ in range(5000):
        nested = [nested]
    assert [problem.code for problem in check({"key": nested})] == ["too_deep"]


def test_a_draft_that_holds_itself_is_told_so() -> None:
    draft: dict[str, Any] = {}
    draft["steps"] = draft
    assert [problem.code for problem in check(draft)] == ["too_deep"]


def test_a_huge_draft_is_told_so_without_listing_it() -> None:
    assert [problem.code for problem in check({"steps": list(range(20_001))})] == ["too_large"]
    assert len(check({f"field_{n}": 1 for n in range(5000)})) <= 501


def test_a_pointer_escapes_what_json_pointers_escape() -> None:
    assert [problem.pointer for problem in check(SHIPPED | {"a/b~c": 1})] == ["/a~1b~0c"]


def test_every_code_of_the_tables_is_a_known_one() -> None:
    assert {code for _, _, expected in TABLES for _, code in expected} <= CODES
