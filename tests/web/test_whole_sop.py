"""The SOP of Samboja, from step 1 to step 7, over HTTP on both databases."""

from pathlib import Path

from tests.support.office import Run, open_office


async def test_the_sop_runs_from_step_one_to_step_seven(office_url: str, tmp_path: Path) -> None:
    async with open_office(office_url, tmp_path) as office:
        run = await Run.start(office)
        for step in range(1, 8):
            taken = await run.take(step)
            assert taken["instance"]["steps"][step - 1]["state"] == "completed"
        assert taken["instance"]["state"] == "completed"
        assert taken["instance"]["current_step"] is None
        verdict = (await (await office.as_("auditor")).get("/v1/audit/verify")).json()
        assert verdict["intact"] is True
        assert verdict["instances"] == 1
