"""What a token of another issuer changes here, and what its people are called."""

from datetime import UTC, date, datetime
from itertools import islice
from uuid import UUID

import pytest

from app.domain.accounts import USERNAME
from app.domain.authority import Assignment
from app.domain.events import text_hash
from app.domain.external import Recorded, changes, display_name, subject_hash, usernames

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY, YESTERDAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 22), date(2026, 11, 24)
CAMAT, STAF = "64.02.13:camat", "64.02.13:pegawai"


def row(claim: str, *, since: date = YESTERDAY, until: date | None = None, local: bool = False, revoked: bool = False) -> Recorded:
    office, _, role = claim.partition(":")
    assignment = Assignment(office, "Asia/Makassar", role, "definitive", since, until, frozenset({office}))
    return Recorded(UUID(int=1), assignment, from_issuer=not local, revoked=revoked)


@pytest.mark.parametrize(
    ("granted", "recorded", "missing", "gone"),
    [
        pytest.param([CAMAT], [], [CAMAT], [], id="granted and unknown"),
        pytest.param([CAMAT], [row(CAMAT)], [], [], id="granted and recorded"),
        pytest.param([CAMAT, STAF], [row(CAMAT)], [STAF], [], id="one more"),
        pytest.param([STAF], [row(CAMAT)], [STAF], [CAMAT], id="one for another"),
        pytest.param([], [row(CAMAT)], [], [CAMAT], id="claimed no more"),
        pytest.param([CAMAT], [row(CAMAT, revoked=True)], [], [], id="revoked here stays revoked"),
        pytest.param([], [row(CAMAT, revoked=True)], [], [], id="revoked here and claimed no more"),
        pytest.param([CAMAT], [row(CAMAT, until=YESTERDAY)], [], [], id="given an end here has ended"),
        pytest.param([], [row(CAMAT, until=YESTERDAY)], [], [], id="ended here and claimed no more"),
        pytest.param([CAMAT], [row(CAMAT, until=TODAY)], [], [], id="the last day is inside"),
        pytest.param([CAMAT], [row(CAMAT, local=True)], [], [], id="held by an assignment from here"),
        pytest.param([], [row(CAMAT, local=True)], [], [], id="what was given here no issuer withdraws"),
        pytest.param([CAMAT], [row(CAMAT, local=True, revoked=True)], [], [], id="given and revoked here"),
        pytest.param([CAMAT], [row(CAMAT, local=True, until=YESTERDAY)], [CAMAT], [], id="given here, and run out by itself"),
        pytest.param([CAMAT], [row(CAMAT, local=True, since=TOMORROW)], [CAMAT], [], id="given here from tomorrow on"),
        pytest.param([CAMAT], [row(CAMAT, revoked=True), row(CAMAT, local=True)], [], [], id="revoked and given again here"),
        pytest.param([CAMAT], [row(CAMAT, revoked=True), row(CAMAT, local=True, until=YESTERDAY)], [], [], id="revoked, and the new one ran out"),
    ],
)
def test_what_a_token_changes(granted: list[str], recorded: list[Recorded], missing: list[str], gone: list[str]) -> None:
    wanted = changes(granted, recorded, NOW)
    assert (list(wanted.missing), [row.claim for row in wanted.gone]) == (missing, gone)
    assert bool(wanted) == bool(missing or gone)


@pytest.mark.parametrize(
    ("claimed", "username"),
    [
        ("siti", "siti"),
        ("Siti.Aminah", "siti.aminah"),
        ("siti@kukarkab.go.id", "siti-kukarkab.go.id"),
        ("  Siti  Aminah  ", "siti-aminah"),
        ("José Ñandú", "jose-nandu"),
        ("...siti___", "siti"),
        ("", "pengguna"),
        ("—", "pengguna"),
        ("ситі", "pengguna"),
        ("a\0b\ud800c", "a-bc"),
        ("a" * 300, "a" * 90),
        ("198001172005011004", "pengguna-3f9a1c"),
        ("19800117 200501 1 004", "pengguna-3f9a1c"),
        ("nip.19800117-200501-1-004@kukarkab.go.id", "pengguna-3f9a1c"),
        ("１９８００１１７２００５０１１００４", "pengguna-3f9a1c"),
        ("19800117200501100", "19800117200501100"),  # one digit less
        ("svc-dasbor-3f9a1c", "pengguna-3f9a1c"),
        ("--SVC-dasbor", "pengguna-3f9a1c"),
    ],
)
def test_a_username_is_written_as_usernames_are(claimed: str, username: str) -> None:
    offered = list(usernames(claimed, neutral="pengguna-3f9a1c"))
    assert offered[:3] == [username, f"{username}-2", f"{username}-3"]
    assert all(USERNAME.fullmatch(name) for name in offered)


def test_the_names_that_are_offered_are_different() -> None:
    assert len(set(islice(usernames("siti", neutral="x"), 99))) == 99


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("Siti Aminah, S.STP.", "Siti Aminah, S.STP."),
        (" Siti\n\tAminah ", "Siti Aminah"),
        ("", "siti"),
        ("\0\ud800", "siti"),
        ("a" * 300, "a" * 200),
        ("a" * 199 + " b", "a" * 199),
        ("19800117 200501 1 004", "siti"),
    ],
)
def test_a_name_holds_what_names_hold(claimed: str, shown: str) -> None:
    assert display_name(claimed, "siti") == shown


@pytest.mark.parametrize(
    ("subject", "hidden"), [("f6b2c1d0-5a3e-4a44-9d8f-1c2b3a495867", False), ("198001172005011004", True), ("nip:19800117.200501.1.004", True)]
)
def test_the_log_keeps_no_hash_of_a_subject_that_holds_a_nip(subject: str, hidden: bool) -> None:
    assert subject_hash(subject) == (None if hidden else text_hash(subject))
    assert subject_hash(None) is None
