"""Forming and changing the team: who may be a member, what changes with it, and what stands."""

from datetime import date, timedelta

import pytest

from app.domain.instances import Person
from app.domain.transitions import TeamRequest
from app.domain.transitions.rules import refusals
from tests.support.situations import TEAM, Attempt, Case, Situation, TransitionRequest, account

CHANGED = {"reason": "Mutasi pegawai."}


@pytest.mark.parametrize(
    ("usernames", "found"),
    [
        (("tim1",), []),
        (("tim1", "tim2", "tim3"), []),
        (("tim1", "tim1"), []),
        (("sekretaris", "camat"), []),  # whoever works here
        (None, ["team_missing"]),
        ((), ["team_missing"]),
        (("tidak-ada",), ["unknown_member"]),
        (("camat.muarajawa", "tim1"), ["unknown_member"]),
        (("auditor", "admin"), ["unknown_member", "unknown_member"]),
    ],
)
def test_members_come_from_the_offices_people(usernames: tuple[str, ...] | None, found: list[str]) -> None:
    team = None if usernames is None else TeamRequest(usernames)
    case = Case().until(2)
    assert case.codes("sekretaris", "complete", team=team) == found
    case.sign("sekretaris", team=TEAM)
    assert case.codes("sekretaris", "change_team", team=team, **CHANGED) == found


@pytest.mark.parametrize(("since", "until", "found"), [(-10, 0, []), (0, None, []), (1, None, ["unknown_member"]), (-10, -1, ["unknown_member"])])
def test_a_member_works_here_today(since: int, until: int | None, found: list[str]) -> None:
    """Both days of an assignment are inside."""
    case, today = Case().until(2), date(2027, 1, 4)
    person = Person(
        account("baru"),
        "baru",
        "Baru",
        "pegawai",
        "definitive",
        today + timedelta(days=since),
        None if until is None else today + timedelta(days=until),
    )
    situation = Situation(case.instance, case.actor("sekretaris"), (*case.people, person), case.now)
    request = TransitionRequest(action="complete", step=2, team=TeamRequest(("baru",)))
    assert [refusal.code for refusal in refusals(Attempt(situation, request))] == found


def test_forming_the_team_keeps_its_members_and_its_decree() -> None:
    case = Case().until(2)
    decree = {"number": "188.45/12/2026", "date": "2027-01-04"}
    taken = case.take("sekretaris", "complete", team=TeamRequest(("tim2", "tim1", "tim2"), decree))
    assert [member.username for member in case.instance.members] == ["tim2", "tim1"]
    assert case.instance.team_instrument == decree
    assert [event.type for event in taken.events] == ["step.signed_off", "team.formed", "step.completed", "step.activated"]


def test_being_a_member_is_authority_in_this_instance_at_once() -> None:
    case = Case().until(3).fill()
    assert case.codes("tim3", "complete") == ["not_a_performer"]
    case.take("sekretaris", "change_team", team=TeamRequest(("tim2", "tim3")), **CHANGED)
    assert case.codes("tim3", "complete") == []
    assert case.codes("tim1", "complete") == ["not_a_performer"]
    assert case.tasks_of("tim3") == [("step", "tim_penyusun")]
    assert case.tasks_of("tim1") == []


def test_sign_offs_given_stand() -> None:
    case = Case().until(4).fill()
    case.sign("tim1")
    case.take("sekretaris", "change_team", team=TeamRequest(("tim3",)), **CHANGED)
    assert [s.account_id for s in case.instance.signed(case.active)] == [account("tim1")]
    case.sign("sekretaris")
    assert case.instance.current_step == 5


def test_a_sign_off_of_who_left_still_counts_for_the_quorum() -> None:
    case = Case({"/steps/3/completion": {"quorum": 2}}).until(4).fill()
    case.sign("tim1", "sekretaris")
    case.take("sekretaris", "change_team", team=TeamRequest(("tim2", "tim3")), **CHANGED)
    case.sign("tim3")
    assert case.instance.current_step == 5


def test_who_stays_was_a_member_since_the_beginning() -> None:
    case = Case().until(3)
    case.at("2027-01-06 09:00").take("sekretaris", "change_team", team=TeamRequest(("tim1", "tim3")), **CHANGED)
    since = {member.username: member.added_at for member in case.instance.members}
    assert (since["tim1"] < since["tim3"], since["tim3"]) == (True, case.now)


@pytest.mark.parametrize(("decree", "kept"), [(None, {"number": "1", "date": "2027-01-04"}), ({"number": "2", "date": "2027-01-06"},) * 2])
def test_a_change_without_a_decree_keeps_the_one_there_was(decree: dict[str, str] | None, kept: dict[str, str]) -> None:
    case = Case().until(2)
    case.sign("sekretaris", team=TeamRequest(("tim1",), {"number": "1", "date": "2027-01-04"}))
    case.take("sekretaris", "change_team", team=TeamRequest(("tim2",), decree), **CHANGED)
    assert case.instance.team_instrument == kept


@pytest.mark.parametrize(("reason", "found"), [(None, ["reason_missing"]), (" ", ["reason_missing"]), ("Mutasi.", [])])
def test_a_change_says_why(reason: str | None, found: list[str]) -> None:
    assert Case().until(4).codes("sekretaris", "change_team", team=TEAM, reason=reason) == found


def test_everything_missing_is_said_at_once() -> None:
    assert Case().codes("tim1", "change_team", reason=None) == ["not_in_control", "team_not_formed", "team_missing", "reason_missing"]
