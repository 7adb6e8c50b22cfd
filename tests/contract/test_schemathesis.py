"""schemathesis over the served document, against a server of its own, as two peers who must not see each other's offices: it finds nothing.

And it would: the same run against a server that has forgotten who may see what finds that one peer reads what the other made.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.course import COURSE, KEY, MUARA_JAWA, SAMBOJA
from tests.support.server import PASSWORD, serving

PEERS = {"camat": SAMBOJA, "camat.muarajawa": MUARA_JAWA}
CHECKS = (
    "ignored_auth",
    "object_level_authorization",
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
)
"""Not positive_data_acceptance and negative_data_rejection: they hold a schema for the whole truth, and the rules of a SOP are none."""

EXAMPLES = int(os.environ.get("ALUR_TEST_SCHEMATHESIS", "5"))
"""Per operation and phase. The suite takes the same few each time; set it higher to go looking."""

ENDS_THE_RUN = ("signOut", "endMySession")
"""A peer who ends its own session would be nobody from then on; tests/web/test_authorization_matrix.py asks for these."""

PROGRAM = (
    "import schemathesis; from schemathesis.cli import schemathesis as run; "
    "schemathesis.serializer.alias('application/offset+octet-stream', 'application/octet-stream'); run()"
)
"""It knows no way to write the media type of tus by itself."""

FORGETFUL = "from app.domain.people import Actor\nActor.sees = lambda actor, office: True\nfrom app.main import run\nrun()"


def signed_in(url: str) -> dict[str, str]:
    tokens = {}
    for username in PEERS:
        answer = httpx.post(f"{url}/v1/auth/sessions", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        tokens[username] = answer.json()["access_token"]
    return tokens


def prepare(url: str, tokens: dict[str, str]) -> None:
    """Each peer's office has instances with documents and comments of its own."""
    for username, office in PEERS.items():
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {tokens[username]}"}) as client:
            for quarter in (1, 2):
                started = client.post("/v1/instances", json={"procedure": KEY, "office": office, "period": {"year": 2026, "quarter": quarter}})
                path = f"/v1/instances/{started.json()['id']}"
                answers = [client.post(f"{path}/comments", json={"body": "Baik."})]
                answers += [client.post(f"{path}/documents", data={"slot": slot}, files={"file": ("a.pdf", b"%PDF-1.7")}) for slot in COURSE[1][0]]
                assert {answer.status_code for answer in (started, *answers)} == {201}


def run(directory: Path, url: str, tokens: dict[str, str], *more: str) -> tuple[subprocess.CompletedProcess[str], Counter[tuple[str, int]]]:
    """What schemathesis says, and how often each operation answered with each status."""
    peers = [{"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]} for name, token in tokens.items()]
    (directory / "peers.json").write_text(json.dumps({"auth": peers}))
    (directory / "schemathesis.toml").write_text(
        f"[auth.wfc]\npath = {json.dumps(str(directory / 'peers.json'))}\npeers = {json.dumps(list(tokens))}\n"
    )
    command = [
        sys.executable,
        "-c",
        PROGRAM,
        "--config-file",
        str(directory / "schemathesis.toml"),
        "run",
        f"{url}/openapi.json",
    ]
    command += [*more, "--phases", "examples,fuzzing,stateful", "--max-examples", str(EXAMPLES)]
    command += ["--generation-deterministic", "--no-shrink", "--no-color"]
    command += ["--report", "har", "--report-har-path", str(directory / "run.har")]
    command += [part for name in ENDS_THE_RUN for part in ("--exclude-operation-id", name)]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=240)
    assert (directory / "run.har").exists(), done.stdout + done.stderr
    entries: list[dict[str, Any]] = json.loads((directory / "run.har").read_text())["log"]["entries"]
    return done, Counter((template(entry["request"]), entry["response"]["status"]) for entry in entries)


def template(request: dict[str, Any]) -> str:
    """`GET /v1/instances/*`, with every id a star."""
    path = httpx.URL(request["url"]).path
    return f"{request['method']} {'/'.join('*' if len(part) == 36 else part for part in path.split('/'))}"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schemathesis")


def test_two_peers_find_nothing(directory: Path) -> None:
    with serving(directory) as server:
        tokens = signed_in(server.url)
        prepare(server.url, tokens)
        done, answers = run(directory, server.url, tokens, "--continue-on-failure", "--checks", ",".join(CHECKS))
        still = {httpx.get(f"{server.url}/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code for token in tokens.values()}
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert still == {200}
    for path in ("GET /v1/instances/*", "GET /v1/instances/*/documents", "GET /v1/instances/*/events", "POST /v1/instances/*/comments"):
        assert answers[path, 200] + answers[path, 201] > 0, f"{path} was never let through: nothing was shown"


def test_they_would_find_that_one_reads_what_the_other_made(directory: Path) -> None:
    """Over the same data; the lists still show each peer their own alone, so that what is read by its id is nobody else's."""
    with serving(directory, program=FORGETFUL) as server:
        done, _ = run(directory, server.url, signed_in(server.url), "--max-failures", "1", "--checks", "object_level_authorization")
    assert done.returncode == 1, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Object-level authorization bypass" in done.stdout
