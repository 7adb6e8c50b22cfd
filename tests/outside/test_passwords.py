import statistics
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import anyio
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from app.domain.passwords import MIN_PASSWORD
from app.outside import passwords
from app.outside.passwords import MAX_LENGTH, WRONG, Checked, check_password, hash_password, is_common, verify_password


def run(call: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    return anyio.run(call, *arguments)


def test_a_password_is_kept_as_argon2id_with_our_parameters() -> None:
    assert run(hash_password, "rahasia").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_password_is_hashed_with_another_salt() -> None:
    assert run(hash_password, "rahasia") != run(hash_password, "rahasia")


@pytest.mark.parametrize("password", ["rahasia", " ", "a\0b", "kata sandi dengan spasi", "sandi🙂", "x" * MAX_LENGTH, "🙂" * MAX_LENGTH])
def test_the_right_password_is_right(password: str) -> None:
    assert run(verify_password, run(hash_password, password), password)


@pytest.mark.parametrize(
    ("kept", "tried"),
    [
        ("rahasia", "Rahasia"),
        ("rahasia", "rahasia "),
        ("a\0b", "a"),
        ("a\0b", "a\0c"),
        ("x" * 1024, "x" * 1023),
        ("rahasia", ""),
        ("x" * 1024, "x" * 1025),
        ("rahasia", "\ud800"),
    ],
)
def test_another_password_is_wrong(kept: str, tried: str) -> None:
    assert not run(verify_password, run(hash_password, kept), tried)


@pytest.mark.parametrize("password", ["", "x" * (MAX_LENGTH + 1), "half a pair \ud800"])
def test_what_could_never_be_verified_is_not_hashed(password: str) -> None:
    with pytest.raises(ValueError, match="1024 characters"):
        run(hash_password, password)


@pytest.mark.parametrize("kept", [None, "", "!", "rahasia", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=19456,t=2,p=1$", passwords._NOBODY])
@pytest.mark.parametrize("tried", ["rahasia", "!", "\0" * 32])
def test_a_missing_or_unusable_hash_fits_no_password(kept: str | None, tried: str) -> None:
    assert not run(verify_password, kept, tried)


def test_an_unknown_user_takes_the_time_of_a_known_one() -> None:
    kept = run(hash_password, "rahasia")

    async def seconds(password_hash: str | None) -> float:
        started = time.perf_counter()
        await verify_password(password_hash, "salah")
        return time.perf_counter() - started

    async def medians() -> tuple[float, float]:
        pairs = [(await seconds(kept), await seconds(None)) for _ in range(9)]
        return statistics.median(known for known, _ in pairs), statistics.median(unknown for _, unknown in pairs)

    known, unknown = run(medians)
    assert 0.5 < unknown / known < 2


def test_no_more_than_two_are_at_work_and_the_loop_stays_free(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, at_work, most = threading.Lock(), 0, 0
    thread_of_the_loop = threading.get_ident()

    def slow(_: str) -> str:
        nonlocal at_work, most
        assert threading.get_ident() != thread_of_the_loop
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.01)
        with lock:
            at_work -= 1
        return "hash"

    monkeypatch.setattr(passwords._hasher, "hash", slow)

    async def crowd() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(partial(hash_password, "rahasia"))

    run(crowd)
    assert most == 2


def test_a_hash_of_other_parameters_is_renewed_once_its_password_is_right() -> None:
    older = Argon2Hasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("rahasia")
    checked = run(check_password, older, "rahasia")
    assert checked.right
    assert checked.renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert run(check_password, checked.renewed, "rahasia") == Checked(True)
    assert run(check_password, older, "salah") == WRONG


def test_the_list_of_common_passwords_is_sorted_and_holds_nothing_too_short() -> None:
    lines = [line for line in passwords._COMMON.read_text(encoding="ascii").splitlines() if not line.startswith("# ")]
    assert lines == sorted(set(lines))
    assert len(lines) > 20_000
    assert {line for line in lines if len(line) < MIN_PASSWORD or line != line.lower()} == set()


@pytest.mark.parametrize(
    ("password", "common"), [("leavemealone", True), ("LeaveMeAlone", True), ("leavemealone ", False), ("kuda laut biru tua", False)]
)
def test_a_listed_password_is_common_in_any_case(password: str, common: bool) -> None:
    assert run(is_common, password) is common


@pytest.mark.parametrize("password", ["\ud800" * 12, "é" * 12, "", "x" * 1024, "leavemealone\nleavemealone"])
def test_any_text_may_be_looked_up(password: str) -> None:
    assert not run(is_common, password)
