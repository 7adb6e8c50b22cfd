"""Every operation under generated requests: never a 5xx, always an answer that the document allows, and nothing taken that its schema refuses."""

import os
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from anyio import from_thread, to_thread
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.contract import body_of, check_answer, operations
from tests.support.forms import BOUNDARY, PDF, form, part
from tests.support.generated import contents, parameters, seldom
from tests.support.office import KEY, Office
from tests.support.shared_office import fresh
from tests.support.valid_requests import NATIONAL_ADMIN, names_of_paths

T = TypeVar("T")

EXAMPLES = int(os.environ.get("ALUR_TEST_FUZZ", "12"))
"""Per operation and database. The suite takes the same few each time; set it higher to go looking."""
PEOPLE = ["camat", "staf", "sekretaris", "tim1", "pusat", "admin", "camat.muarajawa", None]
FITTING = {"publishProcedure": "pusat", "initialDocument": "sekretaris", "verifyAudit": "auditor", "uploadDocument": "staf"}
MORE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 12,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
async def known(office: Office) -> dict[str, list[str]]:
    """Instances at several steps, one of them suspended, and the documents of one."""
    await office.enrol(NATIONAL_ADMIN)
    runs = [await fresh(office, at_step=step) for step in (1, 2, 4, 7)]
    assert (await runs[-1].upload("staf", "laporan_ditandatangani")).status_code == 201
    assert (await runs[0].act("camat", "suspend", reason="Menunggu data")).status_code == 201
    listed = (await (await office.as_("staf")).get(f"/v1/instances/{runs[-1].id}/documents")).json()["items"]
    others = {name: [value] for name, value in (await names_of_paths(office)).items()}
    return others | {
        "instance_id": [run.id for run in reversed(runs)],
        "document_id": [d["id"] for d in listed[-2:]],
        "key": [KEY],
        "version": ["1", "2", "0"],
    }


def someone(operation_id: str) -> st.SearchStrategy[str | None]:
    """Half of the time somebody who may."""
    return st.just(FITTING.get(operation_id, "camat")) | st.sampled_from(PEOPLE)


async def on_each(strategy: st.SearchStrategy[T], check: Callable[[T], Awaitable[None]]) -> None:
    """`check` in this event loop, for each value that is drawn in a thread."""

    @MORE
    @given(strategy)
    def one(drawn: T) -> None:
        from_thread.run(check, drawn)

    await to_thread.run_sync(one)


async def ask(office: Office, operation_id: str, drawn: dict[str, Any], who: str | None, **body: Any) -> Any:
    path, method, _ = operations()[operation_id]
    client = await office.as_(who) if who else office.client()
    params = drawn["params"] + (
        [("dry_run", "true")] if b'"action": "c' in body.get("content", b"") or b'"action": "s' in body.get("content", b"") else []
    )
    params += [("dry_run", "true")] if path.startswith("/v1/calendars/") and method != "get" else []  # an office without hours would stop the others
    headers = [(name, value.encode()) for name, value in (drawn["headers"] | body.pop("headers", {})).items()]
    answer = await client.request(method, path.format_map(drawn["path"]), params=params, headers=headers, **body)
    check_answer(operation_id, answer)
    return answer


WITH_JSON = [name for name, (_, _, op) in operations().items() if "application/json" in op.get("requestBody", {}).get("content", {})]
WITHOUT_BODY = [name for name, (_, _, op) in operations().items() if "requestBody" not in op and name != "signOut"]


@pytest.mark.parametrize("operation_id", WITH_JSON)
async def test_a_body_is_taken_as_its_schema_says_or_refused(office: Office, known: dict[str, list[str]], operation_id: str) -> None:
    async def check(drawn: tuple[tuple[bytes, Any], dict[str, Any], str | None]) -> None:
        (content, value), given_parameters, who = drawn
        answer = await ask(office, operation_id, given_parameters, who, content=content, headers={"Content-Type": "application/json"})
        if answer.status_code < 300 and value is not ... and operation_id != "checkProcedure":
            assert body_of(operation_id).is_valid(value), (value, answer.text)

    await on_each(st.tuples(contents(operation_id), parameters(operation_id, known), someone(operation_id)), check)


@pytest.mark.parametrize("operation_id", WITHOUT_BODY)
async def test_whatever_is_asked_the_document_knows_the_answer(office: Office, known: dict[str, list[str]], operation_id: str) -> None:
    async def check(drawn: tuple[dict[str, Any], str | None]) -> None:
        await ask(office, operation_id, *drawn)

    await on_each(st.tuples(parameters(operation_id, known), someone(operation_id)), check)


SLOTS = st.sampled_from(["laporan_ditandatangani", "draf_tim", "data_kinerja", "konsep_laporan", "tim_penyusun"]) | st.text(max_size=5)
PART_NAMES = st.sampled_from(["slot", "slot", "note", "copy_of", "file", "x", ""])
FILE_NAMES = st.text(st.characters(exclude_characters='"\r\n', exclude_categories=["Cs"]), max_size=9) | st.sampled_from(
    ["../x", "%00.pdf", "x" * 999]
)


@st.composite
def forms(draw: Any) -> bytes:
    parts = [] if draw(seldom) else [part("slot", draw(SLOTS).encode("utf-8", "surrogatepass"))]
    parts += [part("file", draw(st.sampled_from([PDF, b""]) | st.binary(max_size=50)), filename=draw(FILE_NAMES))]
    parts += draw(st.lists(st.builds(part, PART_NAMES, st.sampled_from(["1", "2"]) | st.binary(max_size=9)), max_size=2))
    body = form(*draw(st.permutations(parts)))
    return body if not draw(seldom) else body[: draw(st.integers(0, len(body)))] + draw(st.binary(max_size=9))


async def test_whatever_is_uploaded_the_document_knows_the_answer(office: Office, known: dict[str, list[str]]) -> None:
    async def check(drawn: tuple[bytes, dict[str, Any], str | None]) -> None:
        content, given_parameters, who = drawn
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        await ask(office, "uploadDocument", given_parameters, who, content=content, headers=headers)

    await on_each(st.tuples(forms(), parameters("uploadDocument", known), someone("uploadDocument")), check)
