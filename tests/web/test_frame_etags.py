"""Validators: If-None-Match compares the whole tag, If-Match the version alone."""

import pytest
from httpx import AsyncClient

from app.domain.preconditions import Expected
from app.domain.problems import PreconditionRequired, Stale
from app.web.etags import etag, expected, unchanged
from tests.support.frame import KNOWN
from tests.web.test_frame_errors import problem

THING = f"/v1/things/{KNOWN}"
BODY = {"name": "a", "period": {"year": 2026}}
TAG = '"3.0123456789abcdef"'


@pytest.mark.parametrize(
    ("header", "same"),
    [
        (TAG, True),
        (f"W/{TAG}", True),
        ("*", True),
        (f'"x", {TAG} ,"y"', True),
        (f"{TAG},", True),
        (None, False),
        ("", False),
        ('"3"', False),
        ('"3.fedcba9876543210"', False),
        ('"2.0123456789abcdef"', False),
        ("3.0123456789abcdef", False),
        (f"w/{TAG}", False),
        (f"{TAG}x", False),
        ('"', False),
    ],
)
def test_if_none_match_compares_all_of_it(header: str | None, same: bool) -> None:
    assert unchanged(header, TAG) is same


def test_a_body_without_a_tag_is_never_unchanged() -> None:
    assert not unchanged("*", None)


@pytest.mark.parametrize(
    ("header", "fits"),
    [
        (None, True),
        ("*", True),
        (TAG, True),
        ('"3.another hash"', False),  # a space is in no tag
        ('"3.anotherhash"', True),
        (f"W/{TAG}", True),
        ('"3"', True),
        ('"2.a", "3.b"', True),
        ('"2.0123456789abcdef"', False),
        ('"30.a"', False),
        ('"٣.a"', False),
        ('"-3.a"', False),
        ('"99999999999999999999999.a"', False),
        ("3", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_if_match_compares_the_version(header: str | None, fits: bool) -> None:
    wanted = expected(header)
    if fits:
        wanted.check(3)
    else:
        with pytest.raises(Stale):
            wanted.check(3)


def test_a_required_version_that_is_missing_is_said_only_when_it_is_asked_for() -> None:
    wanted = expected(None, required=True)
    with pytest.raises(PreconditionRequired):
        wanted.check(3)
    assert expected("*", required=True) == Expected()


def test_the_tag_changes_with_the_body_as_with_the_version() -> None:
    assert len({etag(1, b"a"), etag(1, b"b"), etag(2, b"a")}) == 3
    assert etag(12, b"a").startswith('"12.')


async def test_an_unchanged_body_is_not_sent_again(sari: AsyncClient) -> None:
    first = await sari.get(THING)
    again = await sari.get(THING, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == first.headers["vary"]
    assert "content-type" not in again.headers
    assert "content-length" not in again.headers
    english = await sari.get(THING, headers={"If-None-Match": first.headers["etag"], "Accept-Language": "en"})
    assert english.status_code == 200
    head = await sari.head(THING, headers={"If-None-Match": first.headers["etag"]})
    assert head.status_code == 304
    file = await sari.get(f"{THING}/content", headers={"If-None-Match": '"abc"'})
    assert (file.status_code, file.content) == (304, b"")


async def test_only_reading_is_answered_with_not_modified(sari: AsyncClient) -> None:
    answer = await sari.patch(THING, json=BODY, headers={"If-Match": "*", "If-None-Match": "*"})
    assert answer.status_code == 200
    assert (await sari.get("/v1/things", headers={"If-None-Match": "*"})).status_code == 200  # no tag, nothing to compare


@pytest.mark.parametrize(
    ("if_match", "status", "code"),
    [(None, 428, "precondition_required"), ('"2.x"', 412, "precondition_failed"), ("rubbish", 412, "precondition_failed")],
)
async def test_a_change_names_the_version_that_it_was_decided_on(sari: AsyncClient, if_match: str | None, status: int, code: str) -> None:
    headers = {"If-Match": if_match} if if_match else {}
    problem(await sari.patch(THING, json=BODY, headers=headers), status, code)
    problem(await sari.delete(THING, headers=headers), status, code)


async def test_a_change_of_the_version_at_hand_is_made(sari: AsyncClient) -> None:
    tag = (await sari.get(THING)).headers["etag"]
    assert (await sari.patch(THING, json=BODY, headers={"If-Match": tag})).headers["etag"].startswith('"4.')
    assert (await sari.delete(THING, headers={"If-Match": tag})).status_code == 204


async def test_on_an_act_it_is_optional_and_honoured(sari: AsyncClient) -> None:
    deed = {"action": "paint", "colour": "red"}
    assert (await sari.post(f"{THING}/deeds", json=deed)).status_code == 201
    problem(await sari.post(f"{THING}/deeds", json=deed, headers={"If-Match": '"2.x"'}), 412, "precondition_failed")
