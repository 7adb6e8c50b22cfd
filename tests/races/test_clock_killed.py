"""Three workers on one PostgreSQL, killed at random again and again: each round was told of exactly once, and what should not be told was not."""

import os
import subprocess
import sys
from collections import Counter

from tests.support.audit import found_anywhere
from tests.support.calendars import at
from tests.support.clock_driver import DEATHS, WORKERS
from tests.support.clockwork import LOOKS, SCENES, expected, set_up, told_by_the_log
from tests.support.office import Office

EACH = 30


def kill_and_look(office: Office, moment: str, seed: str) -> int:
    """How many workers were killed."""
    command = [sys.executable, "-m", "tests.support.clock_driver", office.database.url, at(moment).isoformat(), seed]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.splitlines()[-1])


async def test_however_often_they_are_killed_each_is_told_exactly_once(office: Office) -> None:
    scenes = await set_up(office, EACH)
    assert len(scenes) == EACH * len(SCENES) >= 300
    killed = 0
    for number, moment in enumerate(LOOKS):
        killed += kill_and_look(office, moment, f"{moment} killed")
        told = await told_by_the_log(office.database)
        assert {found: told.get(found, Counter()) for found in scenes} == {found: expected(scene.told[number]) for found, scene in scenes.items()}
    assert killed == WORKERS * DEATHS * len(LOOKS)
    assert await found_anywhere(office) == []
