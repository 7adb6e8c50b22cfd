"""The OpenAPI documents as their clients meet them: linted by two tools, and a generated TypeScript client that takes the SOP to its end."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.contract.tools import HERE, MISSING, install, must, run
from tests.support.server import PASSWORD, serving

OPENAPI = HERE.parents[1] / "openapi"
DOCUMENTS = {"3.1": OPENAPI / "openapi.json", "3.0": OPENAPI / "openapi-3.0.json"}
NAIVE, RULESET, REDOCLY = HERE / "naive.yaml", HERE / "ruleset.yaml", HERE / "redocly.yaml"

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs node and npm, and there is no {' and no '.join(MISSING)} on this machine")


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    install()


def findings(*documents: Path) -> list[tuple[str, str, str, str]]:
    """What Spectral finds by our rules: file, rule, place, words."""
    ended = run("spectral", "lint", "--ruleset", RULESET, "--fail-severity", "hint", "--format", "json", "--quiet", *documents)
    assert ended.code in {0, 1}, ended.said
    return [(Path(found["source"]).name, found["code"], "/".join(map(str, found["path"])), found["message"]) for found in json.loads(ended.out)]


def compiled(directory: Path) -> Path:
    """What a client's developer has: both generators' output beside our programs, compiled."""
    for name in ("tsconfig.json", "office.ts", "walk.ts", "misuse.ts"):
        shutil.copy(HERE / name, directory)
    must("openapi-ts", "--input", DOCUMENTS["3.1"], "--output", "api", "--no-log-file", "--silent", cwd=directory)
    for version, document in DOCUMENTS.items():
        must("openapi-typescript", document, "--output", f"types-{version}.ts", cwd=directory)
    must("tsc", "--project", ".", cwd=directory)
    return directory


def test_redocly_finds_nothing() -> None:
    must("redocly", "lint", "--config", REDOCLY, *DOCUMENTS.values())


def test_redocly_finds_faults_in_a_naive_document() -> None:
    ended = run("redocly", "lint", "--config", REDOCLY, "--format", "json", NAIVE)
    assert ended.code == 1, ended.said
    assert {"security-defined", "operation-4xx-response"} <= {found["ruleId"] for found in json.loads(ended.out)["problems"]}


def test_the_documents_keep_the_conventions_of_the_house() -> None:
    assert findings(*DOCUMENTS.values()) == []


def test_every_rule_of_the_house_finds_its_fault_in_a_naive_document() -> None:
    ours = {name for name, rule in yaml.safe_load(RULESET.read_text(encoding="utf-8"))["rules"].items() if isinstance(rule, dict)}
    assert ours
    assert ours - {rule for _, rule, _, _ in findings(NAIVE)} == set()


def test_a_generated_client_has_every_operation_and_takes_the_sop_to_its_end(tmp_path: Path) -> None:
    """One test, for the client is generated and compiled once."""
    workshop, data = tmp_path / "client", tmp_path / "data"
    workshop.mkdir()
    data.mkdir()
    client = (compiled(workshop) / "api" / "sdk.gen.ts").read_text(encoding="utf-8")
    paths = json.loads(DOCUMENTS["3.1"].read_text(encoding="utf-8"))["paths"]
    operations = {operation["operationId"] for item in paths.values() for operation in item.values()}
    assert {name for name in operations if f"export const {name} = " not in client} == set()
    with serving(data) as server:
        settings = {"ALUR_URL": server.url, "ALUR_DEMO_PASSWORD": PASSWORD}
        assert must("node", "built/walk.js", cwd=workshop, settings=settings) == "completed\n"
