"""How long a try to sign in has to wait: tables with exact times."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from app.domain.throttling import (
    LIMITS,
    Counter,
    Kind,
    Proof,
    Tally,
    address_key,
    counters,
    network_of,
    session_counters,
    wait,
    with_one_less,
    with_one_more,
)

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def after(kind: Kind, failures: int) -> Tally:
    """The counter after so many failures, each at the first moment that was allowed."""
    counter, tally, now = Counter(kind, "k"), None, NOW
    for _ in range(failures):
        tally = with_one_more(counter, tally, now)
        now = tally.not_before
    assert tally is not None
    return tally


@pytest.mark.parametrize(
    ("kind", "failures", "delay"),
    [
        ("pair", 1, 0),
        ("pair", 5, 0),
        ("pair", 6, 1),
        ("pair", 7, 2),
        ("pair", 8, 4),
        ("pair", 11, 32),
        ("pair", 12, 60),
        ("pair", 100, 60),
        ("address", 30, 0),
        ("address", 31, 1),
        ("address", 36, 32),
        ("address", 37, 60),
        ("address", 500, 60),
        ("name", 100, 0),
        ("name", 101, 1),
        ("name", 107, 60),
        ("name", 100_000, 60),
        ("session", 5, 0),
        ("session", 6, 1),
        ("session", 14, 256),
        ("session", 15, 300),
        ("session", 100, 300),
    ],
)
def test_the_delay_grows_with_each_failure_up_to_a_limit(kind: Kind, failures: int, delay: int) -> None:
    assert LIMITS[kind].delay(failures) == seconds(delay)


def test_ten_failures_of_a_pair_take_fifteen_seconds() -> None:
    tally = after("pair", 10)
    assert (tally.failures, tally.last_at - NOW, tally.not_before - tally.last_at) == (10, seconds(1 + 2 + 4 + 8), seconds(16))


@pytest.mark.parametrize(
    ("later", "waits"),
    [(0, 2), (0.5, 2), (1, 1), (1.000001, 1), (1.999999, 1), (2, 0), (3, 0)],
)
def test_the_wait_is_told_in_whole_seconds_that_suffice(later: float, waits: int) -> None:
    tally = Tally(7, NOW, NOW + seconds(2))
    assert wait({Counter("pair", "k"): tally}, NOW + seconds(later)) == waits


def test_the_longest_of_all_waits_counts() -> None:
    counted = {Counter("pair", "a"): Tally(6, NOW, NOW + seconds(1)), Counter("address", "b"): Tally(40, NOW, NOW + seconds(60))}
    assert wait(counted, NOW) == 60
    assert wait({}, NOW) == 0


@pytest.mark.parametrize(
    ("kind", "quiet", "failures"),
    [
        ("pair", timedelta(minutes=59, seconds=59), 21),
        ("pair", timedelta(hours=1), 1),
        ("address", timedelta(minutes=14, seconds=59), 21),
        ("address", timedelta(minutes=15), 1),
        ("name", timedelta(minutes=14, seconds=59), 21),
        ("name", timedelta(minutes=15), 1),
        ("session", timedelta(minutes=59, seconds=59), 21),
        ("session", timedelta(hours=1), 1),
    ],
)
def test_a_counter_is_forgotten_after_its_quiet_time(kind: Kind, quiet: timedelta, failures: int) -> None:
    assert with_one_more(Counter(kind, "k"), Tally(20, NOW, NOW), NOW + quiet).failures == failures


def test_a_delay_never_outlives_the_quiet_time() -> None:
    assert all(limit.longest < limit.quiet for limit in LIMITS.values())
    assert wait({Counter("name", "k"): Tally(200, NOW, NOW + timedelta(days=1))}, NOW + timedelta(minutes=15)) == 0


def test_a_try_that_proves_right_is_given_back() -> None:
    before = Tally(30, NOW, NOW)
    taken = with_one_more(Counter("address", "k"), before, NOW + seconds(5))
    assert taken == Tally(31, NOW + seconds(5), NOW + seconds(6))
    assert with_one_less(taken, taken, NOW + seconds(5)) == Tally(30, NOW + seconds(5), NOW + seconds(5))


def test_what_others_failed_meanwhile_is_not_given_back() -> None:
    counter = Counter("address", "k")
    mine = with_one_more(counter, Tally(30, NOW, NOW), NOW)
    theirs = with_one_more(counter, mine, NOW + seconds(1))
    assert with_one_less(theirs, mine, NOW + seconds(1)) == Tally(31, NOW + seconds(1), NOW + seconds(3))


def test_of_guesses_sent_at_once_only_the_free_ones_pass() -> None:
    """Each is counted before the next is judged."""
    counter, tally, passed = Counter("pair", "k"), None, 0
    for _ in range(50):
        if tally is None or wait({counter: tally}, NOW) == 0:
            tally, passed = with_one_more(counter, tally, NOW), passed + 1
    assert passed == 6


@pytest.mark.parametrize(("kind", "guesses"), [("pair", 1450), ("session", 300)])
def test_so_many_guesses_fit_into_a_day(kind: Kind, guesses: int) -> None:
    """At one name from one address; with one stolen token, had it lived so long."""
    counter, tally, now = Counter(kind, "k"), None, NOW
    for number in count():  # noqa: B007 - the number is the answer
        if now - NOW >= timedelta(days=1):
            break
        tally = with_one_more(counter, tally, now)
        now = max(tally.not_before, now)
    assert guesses - 10 < number < guesses + 10


def kinds(name: str, address: str, *, familiar: bool = False) -> dict[Kind, str]:
    return {counter.kind: counter.key for counter in counters(name, address, familiar=familiar)}


def test_a_familiar_address_is_not_held_up_by_what_others_do_with_the_name_or_from_there() -> None:
    assert kinds("camat", "192.0.2.1").keys() == {"pair", "address", "name"}
    assert kinds("camat", "192.0.2.1", familiar=True).keys() == {"pair"}
    assert kinds("camat", "192.0.2.1", familiar=True)["pair"] == kinds("camat", "192.0.2.1")["pair"]


def test_a_session_is_counted_wherever_from_and_each_proof_by_itself() -> None:
    asked: list[tuple[int, Proof]] = [(1, "password"), (1, "code"), (2, "password"), (2, "code")]
    found = [session_counters(UUID(int=number), proof) for number, proof in asked]
    assert {counter.kind for (counter,) in found} == {"session"}
    assert len({counter.key for (counter,) in found}) == 4
    assert session_counters(UUID(int=1), "code") == found[1]


def test_what_is_counted_together() -> None:
    one, other = kinds("Camat", "192.0.2.1"), kinds("camat", "192.0.2.2")
    assert one == kinds("CAMAT", "192.0.2.1")
    assert one["name"] == other["name"]
    assert one["pair"] != other["pair"]
    assert one["address"] != other["address"]
    assert kinds("camat", "2001:db8::1") == kinds("camat", "2001:db8::ffff")


def test_the_keys_say_nothing_and_come_in_one_order() -> None:
    found = counters("camat", "192.0.2.1", familiar=False)
    assert list(found) == sorted(found, key=lambda counter: counter.key)
    assert all(len(counter.key) == 64 for counter in found)
    assert len({*(counter.key for counter in found), address_key("192.0.2.1")}) == 4


@pytest.mark.parametrize("name", ["\ud800", "\0", "x" * 100, ""])
def test_whatever_is_named_is_counted(name: str) -> None:
    assert len(counters(name, "192.0.2.1", familiar=False)) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_stands_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
