"""One worker stays small: the real server after a thousand instances, read from /proc."""

import sys
from pathlib import Path

import pytest

from tests.support.server import serving
from tests.support.workload import crew, resident_megabytes, spread

INSTANCES = 1000
MEGABYTES = 120


@pytest.mark.skipif(sys.platform != "linux", reason="the resident size is read from /proc")
async def test_a_worker_stays_under_120_mb_after_a_thousand_instances(tmp_path: Path) -> None:
    """All are started and cancelled (the period is free again then); every twentieth is taken to step 3, with its uploads, and suspended."""
    with serving(tmp_path) as server:
        async with crew(server) as people:

            async def one(number: int) -> None:
                instance = await people.start()
                if number % 20 == 0:
                    for step in (1, 2):
                        await people.fill(instance, step)
                        await people.complete(instance, step)
                    await people.act("camat", instance, "suspend", reason="Rapat koordinasi")
                await people.act("sekretaris", instance, "cancel", reason="Uji beban")

            await spread(range(INSTANCES), one)
        assert len(people.seconds["start"]) == INSTANCES
        assert resident_megabytes(server.pid) < MEGABYTES
