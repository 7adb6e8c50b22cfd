"""The access log says who called and what was refused, and nothing that anybody sent."""

import pytest
from structlog.testing import capture_logs

from tests.support.office import MUARA_JAWA, SAMBOJA, Office


@pytest.mark.parametrize(
    ("username", "path", "status", "problem"),
    [
        ("camat", "/v1/me", 200, None),
        ("camat", f"/v1/offices/{SAMBOJA}", 200, None),
        ("camat", f"/v1/offices/{MUARA_JAWA}", 404, "not_found"),
        ("camat", "/v1/audit/verify", 403, "permission_missing"),
        ("camat", "/v1/accounts?limit=0", 422, "invalid_request"),
    ],
)
async def test_a_line_names_the_caller_and_the_code(office: Office, username: str, path: str, status: int, problem: str | None) -> None:
    client = await office.as_(username)
    with capture_logs() as logs:
        answer = await client.get(path)
    assert answer.status_code == status
    (line,) = [line for line in logs if line["event"] == "request"]
    assert (line["account"], line["status"], line.get("problem")) == (str(office.accounts[username]), status, problem)
    assert line["session"]


async def test_a_stranger_has_no_account_in_the_log(office: Office) -> None:
    async with office.client() as client:
        with capture_logs() as logs:
            await client.get("/v1/me")
    (line,) = [line for line in logs if line["event"] == "request"]
    assert (line["problem"], "account" in line, "session" in line) == ("token_missing", False, False)


async def test_who_reads_whose_nip_is_written(office: Office) -> None:
    client = await office.as_("admin")
    with capture_logs() as logs:
        answer = await client.get(f"/v1/accounts/{office.accounts['staf']}/nip")
    assert answer.status_code == 200
    assert [line["of"] for line in logs if line["event"] == "nip read"] == [str(office.accounts["staf"])]
    assert [line["account"] for line in logs if line["event"] == "request"] == [str(office.accounts["admin"])]
