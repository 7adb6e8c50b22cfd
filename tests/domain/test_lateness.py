"""How late an instance is: by step, by the role that was waited for, and against its plan. Step 3 of vector 1 is due on Tue 2027-01-12 16:00."""

from dataclasses import replace

import pytest

from app.domain.lateness import IN_TIME, Late, Lateness, late_against, lateness
from tests.support.calendars import at, samboja
from tests.support.situations import Case


def of(case: Case) -> Lateness:
    return lateness(case.instance, case.calendar, case.now)


def test_nothing_is_late_while_all_is_in_time() -> None:
    found = of(Case().until(4))
    assert found.total == IN_TIME
    assert found.by_step == dict.fromkeys((1, 2, 3, 4), IN_TIME)
    assert found.by_role == dict.fromkeys(("camat", "sekretaris", "tim_penyusun"), IN_TIME)


def test_a_closed_round_keeps_what_it_took() -> None:
    case = Case().fill().at("2027-01-04 09:10")
    case.sign("camat", late_reason="Rapat.")
    closed = case.instance.current_round(1)
    assert closed is not None
    assert (closed.used_minutes, closed.used_days, closed.late_minutes, closed.late_days) == (100, 0, 70, 0)
    signed = case.instance.sign_offs[0]
    assert (signed.used_minutes, signed.used_days, signed.late_minutes, signed.late_days) == (100, 0, 70, 0)
    later = of(case.at("2027-01-04 09:30"))
    assert (later.total, later.by_step[1], later.by_step[2]) == (Late(70, 0), Late(70, 0), IN_TIME)


def test_it_keeps_it_whatever_becomes_of_the_calendar() -> None:
    case = Case().fill().at("2027-01-04 09:10")
    case.sign("camat", late_reason="Rapat.")
    assert lateness(case.instance, replace(case.calendar, schedules=()), case.now).by_step[1] == Late(70, 0)


@pytest.mark.parametrize(
    ("now", "late"),
    [
        ("2027-01-12 16:00", IN_TIME),
        ("2027-01-12 20:00", IN_TIME),  # overdue, but by no office time
        ("2027-01-13 08:30", Late(60, 1)),
        ("2027-01-16 08:30", Late(450 * 3, 3)),
    ],
)
def test_the_active_step_is_late_until_now(now: str, late: Late) -> None:
    found = of(Case().until(3).at(now))
    assert (found.total, found.by_step[3], found.by_role["tim_penyusun"]) == (late, late, late)


def test_while_suspended_nobody_gets_later() -> None:
    case = Case().until(3).at("2027-01-13 08:30")
    case.take("camat", "suspend")
    assert of(case.at("2027-03-01 09:00")).total == Late(60, 1)
    case.take("camat", "resume")
    assert of(case.at("2027-03-01 09:30")).total == Late(90, 1 + 0)


def test_who_signed_in_time_is_not_blamed_for_who_did_not() -> None:
    case = Case().until(4).fill()  # all within Mon 2027-01-04: due on the 7th, the 5th is a holiday
    case.sign("sekretaris")
    case.at("2027-01-08 08:30")
    waited_for = of(case).by_role
    assert (waited_for["sekretaris"], waited_for["tim_penyusun"]) == (IN_TIME, Late(60, 1))
    case.sign("tim1", late_reason="Data terlambat.")
    found = of(case.at("2027-01-08 09:00"))
    assert (found.total, found.by_step[4]) == (Late(60, 1), Late(60, 1))
    assert (found.by_role["sekretaris"], found.by_role["tim_penyusun"]) == (IN_TIME, Late(60, 1))


def test_two_who_are_late_are_each_late_by_their_own_part() -> None:
    case = Case().until(4).fill().at("2027-01-08 08:00")
    case.sign("sekretaris", late_reason="Rapat.")
    case.at("2027-01-08 08:30")
    case.sign("tim1", late_reason="Rapat.")
    found = of(case)
    assert (found.total, found.by_role["sekretaris"], found.by_role["tim_penyusun"]) == (Late(60, 1), Late(30, 1), Late(60, 1))


def test_a_new_version_makes_a_part_wait_again() -> None:
    case = Case().until(4).fill()
    case.sign("sekretaris")
    case.at("2027-01-08 08:30")
    case.upload("tim1", "konsep_laporan")
    assert of(case).by_role["sekretaris"] == Late(60, 1)
    case.sign("sekretaris", "tim1", late_reason="Konsep baru.")
    assert of(case).by_role["sekretaris"] == Late(60, 1)


def test_a_return_counts_each_round_and_takes_back_no_sign_off_that_was_in_time() -> None:
    case = Case().until(5).at("2027-01-08 08:30")  # step 5 began on the 4th: due on the 7th, the 5th is a holiday
    case.take("camat", "return", to_step=4)
    assert of(case).by_step == {1: IN_TIME, 2: IN_TIME, 3: IN_TIME, 4: IN_TIME, 5: Late(60, 1)}
    case.fill().at("2027-01-13 08:30")  # the second round of step 4: due on the 12th
    case.sign("sekretaris", "tim1", late_reason="Data.")
    found = of(case)
    assert (found.by_step[4], found.by_step[5], found.total) == (Late(60, 1), Late(60, 1), Late(120, 2))
    assert found.by_role["camat"] == Late(60, 1)
    assert (found.by_role["sekretaris"], found.by_role["tim_penyusun"]) == (Late(60, 1), Late(60, 1))


def test_a_team_is_done_when_enough_have_signed() -> None:
    case = Case({"/steps/2/completion": {"quorum": 2}}).until(3).fill()
    case.sign("tim1")
    assert of(case.at("2027-01-13 08:30")).by_role["tim_penyusun"] == Late(60, 1)
    case.sign("tim2", late_reason="Sakit.")
    assert of(case.at("2027-01-14 08:30")).by_role["tim_penyusun"] == Late(60, 1)


def test_what_was_cancelled_is_nobodys_lateness() -> None:
    case = Case().until(3).at("2027-01-20 09:00")
    case.take("camat", "cancel")
    assert of(case).total == IN_TIME
    cancelled = case.instance.current_round(3)
    assert cancelled is not None
    assert (cancelled.state, cancelled.used_minutes) == ("cancelled", None)


def test_a_round_that_was_closed_before_such_things_were_kept_is_computed() -> None:
    case = Case().fill().at("2027-01-04 09:10")
    case.sign("camat", late_reason="Rapat.")
    nothing = {"used_minutes": None, "used_days": None, "late_minutes": None, "late_days": None}
    before = replace(
        case.instance,
        rounds=tuple(replace(r, **nothing) for r in case.instance.rounds),
        sign_offs=tuple(replace(s, **nothing) for s in case.instance.sign_offs),
    )
    assert lateness(before, case.calendar, case.now) == of(case)


@pytest.mark.parametrize(
    ("ends_at", "late"),
    [
        ("2027-01-20 09:00", IN_TIME),  # before: never less than nothing
        ("2027-01-21 16:00", IN_TIME),
        ("2027-01-21 20:00", IN_TIME),
        ("2027-01-22 08:30", Late(60, 1)),
        ("2027-01-27 16:00", Late(4 * 450, 4)),
    ],
)
def test_against_the_plan(ends_at: str, late: Late) -> None:
    assert late_against(samboja(), at("2027-01-21 16:00"), at(ends_at)) == late


def test_against_the_plan_no_calendar_says_nothing() -> None:
    assert late_against(replace(samboja(), schedules=()), at("2027-01-21 16:00"), at("2027-01-27 16:00")) == IN_TIME
