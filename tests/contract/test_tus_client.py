"""A real tus client, tus-js-client in Node, over a line that breaks at random: every file arrives byte for byte."""

import json
import random
import subprocess
from pathlib import Path

import httpx
import pytest
from anyio import to_thread

from tests.contract.tools import HERE, MISSING, install
from tests.support.server import serving
from tests.support.workload import Crew, crew

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs node and npm, and there is no {' and no '.join(MISSING)} on this machine")

SIZES = (1, 70_000, 1_500_000)
SEED = 20261123


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    install()


def written(directory: Path) -> list[Path]:
    chance = random.Random(SEED)
    paths = [directory / f"laporan {number} – final.pdf" for number in range(len(SIZES))]
    for path, size in zip(paths, SIZES, strict=True):
        path.write_bytes(b"%PDF-1.7 " + chance.randbytes(size))
    return paths


async def test_files_arrive_whole_over_a_line_that_breaks(tmp_path: Path) -> None:
    """In chunks of 256 KiB, and each in one request for as long as it lasts."""
    with serving(tmp_path) as server:
        async with crew(server) as people:
            instance = await people.start()
            token = people.clients["camat"].headers["Authorization"].removeprefix("Bearer ")
            paths = written(tmp_path)
            asked = {"endpoint": f"{server.url}/v1/instances/{instance}/uploads", "token": token, "slot": "draf_tim", "files": [*map(str, paths)]}
            for chunk in (256 * 1024, 2**40):
                broken = {"seed": SEED, "chunk": chunk, "most_before_a_cut": 300_000, "lost_answers": 0.05}
                told = json.loads(await to_thread.run_sync(sent, json.dumps(asked | broken)))
                assert told["cuts"] > len(paths)
                for path, at in zip(paths, told["sent"], strict=True):
                    assert await arrived(people, at) == path.read_bytes()


def sent(asked: str) -> str:
    done = subprocess.run(["node", "upload.mjs"], cwd=HERE, input=asked, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def arrived(people: Crew, at: str) -> bytes:
    client = people.clients["camat"]
    shown = (await client.get(at)).json()
    answer: httpx.Response = await client.get(f"/v1/documents/{shown['document_id']}/versions/{shown['version']}/content")
    assert answer.status_code == 200, answer.text
    return answer.content
