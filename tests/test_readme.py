"""The README is true: its tour is executed, and what it names exists."""

import os
import re
import subprocess
from pathlib import Path

from tests.support.server import PASSWORD, serving

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_curl_tour_reaches_the_end_of_the_procedure(tmp_path: Path) -> None:
    tour = "\n".join(re.findall(r"^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE))
    with serving(tmp_path) as server:
        environment = os.environ | {"API": server.url, "ALUR_DEMO_PASSWORD": PASSWORD}
        command = ["bash", "-euo", "pipefail", "-c", tour]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert "completed" in said
    assert said.index("signature_missing") < said.index("signature") < said.index("completed")
    assert said[-2] == "True"
    assert "Cuti Bersama Hari Raya Natal" in said[-1]


def test_every_file_and_folder_that_the_readme_links_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_setting_that_is_read_is_explained() -> None:
    code = (ROOT / "app" / "settings.py").read_text(encoding="utf-8")
    read = {f"ALUR_{name}" for name in re.findall(r'read\.\w+\("(\w+)"', code)}
    assert {name for name in read if name not in README} == set()
