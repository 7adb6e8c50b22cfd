"""Sent twice, or decided on an older state: Idempotency-Key and If-Match on every act on an instance."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.office import KEY, SAMBOJA, TEAM, Office, Run
from tests.support.replies import made, refused
from tests.support.shared_office import fresh, nothing_saved

REASON = "Banjir."


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def key(value: str) -> dict[str, str]:
    return {"Idempotency-Key": value}


def same(first: httpx.Response, again: httpx.Response) -> bool:
    """The first answer again: status, body, and the headers that belong to it."""
    kept = ("ETag", "Location", "Content-Type")
    assert again.headers.get("Idempotency-Replayed") == "true"
    return (first.status_code, first.content, *map(first.headers.get, kept)) == (again.status_code, again.content, *map(again.headers.get, kept))


async def test_a_transition_sent_twice_is_taken_once(office: Office) -> None:
    run = await fresh(office, at_step=2)
    first = await run.act("sekretaris", "complete", step=2, team=TEAM, headers=key("a"))
    made(first)
    async with nothing_saved(office):
        assert same(first, await run.act("sekretaris", "complete", step=2, team=TEAM, headers=key("a")))


async def test_the_answer_is_replayed_after_the_state_moved_on(office: Office) -> None:
    run = await fresh(office, at_step=2)
    first = await run.act("sekretaris", "complete", step=2, team=TEAM, headers=key("b"))
    await run.take(3)
    made(await run.act("camat", "cancel", reason=REASON))
    assert same(first, await run.act("sekretaris", "complete", step=2, team=TEAM, headers=key("b")))
    assert refused(await run.act("sekretaris", "complete", step=2, team=TEAM)) == (409, ["instance_closed"])


@pytest.mark.parametrize("other", [{"reason": "Lain."}, {"reason": REASON, "comment": "Segera."}])
async def test_the_same_key_with_another_body_is_refused(office: Office, other: dict[str, str]) -> None:
    run = await fresh(office)
    headers = key(f"c-{run.id}")
    made(await run.act("camat", "suspend", reason=REASON, headers=headers))
    async with nothing_saved(office):
        assert refused(await run.act("camat", "suspend", headers=headers, **other)) == (422, ["idempotency_key_reused"])
    assert (await run.act("camat", "suspend", headers=headers, reason=REASON)).status_code == 201


async def test_the_same_body_written_otherwise_is_the_same_request(office: Office) -> None:
    run = await fresh(office)
    client = await office.as_("camat")
    headers = key("spasi") | {"Content-Type": "application/json"}
    path = f"/v1/instances/{run.id}/transitions"
    first = await client.post(path, content='{"action":"suspend","reason":"Banjir."}', headers=headers)
    assert same(first, await client.post(path, content='{ "reason": "Banjir.",\n "action": "suspend" }', headers=headers))


async def test_a_key_belongs_to_its_caller_and_its_address(office: Office) -> None:
    runs = [await fresh(office), await fresh(office)]
    made(await runs[0].act("camat", "suspend", reason=REASON, headers=key("d")))
    assert refused(await runs[0].act("sekretaris", "suspend", reason=REASON, headers=key("d"))) == (409, ["instance_suspended"])
    assert refused(await runs[1].act("camat", "suspend", reason=REASON, headers=key("d"))) == (422, ["idempotency_key_reused"])


async def test_a_refusal_is_not_kept(office: Office) -> None:
    run = await fresh(office)
    assert refused(await run.act("camat", "complete", step=1, headers=key("e"))) == (409, ["input_missing", "output_missing"])
    await run.fill(1)
    made(await run.act("camat", "complete", step=1, headers=key("e")))


async def test_what_is_no_key_is_refused_and_nothing_is_done(office: Office) -> None:
    run = await fresh(office)
    await office.as_("camat")
    async with nothing_saved(office):
        for value in ("", "x" * 256):
            answer = await run.act("camat", "suspend", reason=REASON, headers=key(value))
            assert refused(answer) == (422, ["invalid_request"]), value


async def test_starting_twice_starts_once(office: Office) -> None:
    client = await office.as_("camat")
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2090, "quarter": 1}}
    first = await client.post("/v1/instances", json=body, headers=key("f"))
    made(first)
    assert same(first, await client.post("/v1/instances", json=body, headers=key("f")))
    assert refused(await client.post("/v1/instances", json=body)) == (409, ["instance_already_open"])
    other = body | {"period": {"year": 2090, "quarter": 2}}
    assert refused(await client.post("/v1/instances", json=other, headers=key("f"))) == (422, ["idempotency_key_reused"])


async def test_a_comment_sent_twice_is_made_once(office: Office) -> None:
    run = await fresh(office)
    client = await office.as_("tim3")
    path = f"/v1/instances/{run.id}/comments"
    first = await client.post(path, json={"body": "Halo."}, headers=key("g"))
    assert same(first, await client.post(path, json={"body": "Halo."}, headers=key("g")))
    assert len(made(await client.get(path), 200)["items"]) == 1


async def test_an_upload_sent_twice_is_one_version_also_when_its_slot_is_closed_by_now(office: Office) -> None:
    run = await fresh(office)
    await run.upload("camat", "struktur_organisasi")
    first = await run.upload("camat", "draf_tim", headers=key("h"))
    made(first)
    assert same(first, await run.upload("camat", "draf_tim", headers=key("h")))
    other = await run.upload("camat", "draf_tim", content=b"%PDF-1.7 lain", headers=key("h"))
    assert refused(other) == (422, ["idempotency_key_reused"])
    made(await run.act("camat", "complete", step=1))
    assert same(first, await run.upload("camat", "draf_tim", headers=key("h")))
    assert (await run.upload("camat", "draf_tim")).status_code == 403


async def test_a_mark_sent_twice_is_put_once(office: Office) -> None:
    run = await fresh(office, at_step=7)
    client = await office.as_("sekretaris")
    documents = made(await client.get(f"/v1/instances/{run.id}/documents"), 200)["items"]
    document = next(d for d in documents if d["slot"] == "laporan_final")
    path = f"/v1/documents/{document['id']}/versions/1/initials"
    first = await client.post(path, json={"kind": "hierarchical"}, headers=key("i"))
    assert same(first, await client.post(path, json={"kind": "hierarchical"}, headers=key("i")))
    assert refused(await client.post(path, json={"kind": "coordination"}, headers=key("i"))) == (422, ["idempotency_key_reused"])
    assert refused(await client.post(path, json={"kind": "hierarchical"})) == (409, ["already_marked"])


async def test_a_key_is_forgotten_after_a_day_also_where_nobody_sweeps(each_office: Office) -> None:
    run = await Run.start(each_office)
    path, body = f"/v1/instances/{run.id}/comments", {"body": "Halo."}
    first = await (await each_office.as_("tim3")).post(path, json=body, headers=key("j"))
    await each_office.at(each_office.clock.now + timedelta(hours=24))
    assert same(first, await (await each_office.as_("tim3")).post(path, json=body, headers=key("j")))
    await each_office.at(each_office.clock.now + timedelta(seconds=1))
    client = await each_office.as_("tim3")
    second = await client.post(path, json=body, headers=key("j"))
    assert made(second)["id"] != first.json()["id"]
    assert same(second, await client.post(path, json=body, headers=key("j")))
    assert refused(await client.post(path, json={"body": "Lain."}, headers=key("j"))) == (422, ["idempotency_key_reused"])
    assert len(made(await client.get(path), 200)["items"]) == 2


async def test_a_key_of_yesterday_may_start_and_upload_something_else(each_office: Office) -> None:
    run = await Run.start(each_office)
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2090, "quarter": 1}}
    made(await (await each_office.as_("camat")).post("/v1/instances", json=body, headers=key("m")))
    await each_office.at(each_office.clock.now + timedelta(hours=25))
    client = await each_office.as_("camat")
    other = await client.post("/v1/instances", json=body | {"period": {"year": 2090, "quarter": 2}}, headers=key("m"))
    made(other)
    assert same(other, await client.post("/v1/instances", json=body | {"period": {"year": 2090, "quarter": 2}}, headers=key("m")))
    await each_office.at(each_office.clock.now + timedelta(hours=25))
    made(await run.upload("camat", "draf_tim", headers=key("m")))


# ── If-Match ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def tag_of(run: Run, username: str = "camat") -> str:
    answer = await (await run.office.as_(username)).get(f"/v1/instances/{run.id}")
    tag: str = answer.headers["ETag"]
    return tag


async def test_an_act_decided_on_an_older_state_is_refused(office: Office) -> None:
    run = await fresh(office)
    stale = await tag_of(run)
    await run.fill(1)
    async with nothing_saved(office):
        for dry_run in (False, True):
            answer = await run.act("camat", "complete", step=1, headers={"If-Match": stale}, dry_run=dry_run)
            assert refused(answer) == (412, ["precondition_failed"])
        assert refused(await run.upload("camat", "draf_tim", headers={"If-Match": stale})) == (412, ["precondition_failed"])
    taken = await run.act("camat", "complete", step=1, headers={"If-Match": await tag_of(run)})
    made(taken)
    assert taken.headers["ETag"].split(".")[0] == (await tag_of(run)).split(".")[0]


@pytest.mark.parametrize("header", ["*", 'W/"{version}.x"', '"999.x", "{version}.anything"'])
async def test_the_version_alone_is_compared(office: Office, header: str) -> None:
    run = await fresh(office)
    version = (await run.get())["version"]
    made(await run.act("camat", "suspend", reason=REASON, headers={"If-Match": header.format(version=version)}))


async def test_the_tag_of_one_persons_view_serves_another(office: Office) -> None:
    """Their bodies differ, their version does not."""
    run = await fresh(office)
    mine, theirs = await tag_of(run, "camat"), await tag_of(run, "staf")
    assert mine != theirs
    made(await run.act("camat", "suspend", reason=REASON, headers={"If-Match": theirs}))


@pytest.mark.parametrize("header", ['"0.x"', "bukan-tag", '"x.1"', ""])
async def test_a_tag_of_no_version_fits_nothing(office: Office, header: str) -> None:
    run = await fresh(office)
    assert refused(await run.act("camat", "suspend", reason=REASON, headers={"If-Match": header})) == (412, ["precondition_failed"])


async def test_a_replay_comes_before_the_version(office: Office) -> None:
    run = await fresh(office)
    headers = key("k") | {"If-Match": await tag_of(run)}
    first = await run.act("camat", "suspend", reason=REASON, headers=headers)
    made(await run.act("camat", "resume"))
    assert same(first, await run.act("camat", "suspend", reason=REASON, headers=headers))


async def test_404_comes_before_the_version_and_before_a_key(office: Office) -> None:
    run = await fresh(office)
    headers = key("l") | {"If-Match": '"999.x"'}
    assert refused(await run.act("camat.muarajawa", "suspend", reason=REASON, headers=headers)) == (404, ["not_found"])


async def test_everything_that_a_decision_reads_moves_the_version(office: Office) -> None:
    run = await fresh(office, at_step=7)
    versions = [(await run.get())["version"]]
    acts: list[Any] = [
        lambda: run.upload("staf", "laporan_ditandatangani"),
        lambda: run.mark("sekretaris", "laporan_final", "initials"),
        lambda: run.mark("camat", "laporan_ditandatangani", "signatures"),
        lambda: run.act("staf", "claim", step=7),
        lambda: run.act("staf", "release", step=7),
        lambda: run.act("sekretaris", "change_team", team=TEAM, reason="Mutasi."),
        lambda: run.act("camat", "suspend", reason=REASON),
        lambda: run.act("camat", "resume"),
        lambda: run.act("staf", "complete", step=7),
    ]
    for act in acts:
        made(await act())
        versions.append((await run.get())["version"])
    assert versions == list(range(versions[0], versions[0] + len(acts) + 1))
