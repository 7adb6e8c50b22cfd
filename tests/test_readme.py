"""The README is true: its tour is executed, and what it names exists."""

import os
import re
import subprocess
import sys
from pathlib import Path

from app.outside.issuers.terms import read_issuers
from app.outside.tokens import generate_key_pem
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
    proof = said.index("True")
    assert said.index("completed") < proof
    assert "Cuti Bersama Hari Raya Natal" in said[proof + 1]
    told = said[proof + 2 :]
    assert "'from'" in told[0]  # the deadline that a closure would move
    assert told[2:8] == ["False", "Kantor terendam banjir", "calendar_changed", "2027-02-10T13:30:00+08:00", "on_track", "BEGIN:VCALENDAR"]
    assert told[8:12] == ["11", "draf tim.pdf", "%PDF-1.7 gaji", "404"]
    assert told[-1].endswith("(0 left out): intact")


def test_the_first_accounts_of_an_empty_deployment_come_by_curl(tmp_path: Path) -> None:
    """The blocks marked `sh`, on a server without demo; `totp` is the telephone."""
    first_accounts = "\n".join(re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE))
    totp = f'totp() {{ "{sys.executable}" -c "import pyotp, sys; print(pyotp.TOTP(sys.argv[1]).now())" "$1"; }}\n'
    settings = {"ALUR_DEMO": "0", "ALUR_SIGNING_KEY": generate_key_pem(), "ALUR_DATA_DIR": str(tmp_path)}
    with serving(tmp_path, **settings) as server:
        environment = os.environ | settings | {"API": server.url, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        command = ["bash", "-euo", "pipefail", "-c", totp + first_accounts]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "enrolment_needed"
    assert said[2] == "64.02.14"
    assert said[-4:] == ["Sekretaris", "Plh. Camat", "Sekretaris Kecamatan", "[]"]


def test_every_file_and_folder_that_the_readme_links_exists() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_setting_that_is_read_is_explained() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "app" / "settings").glob("*.py"))
    read = {f"ALUR_{name}" for name in re.findall(r'\bread(?:er)?\.\w+\("(\w+)"', code)}
    assert {"ALUR_PORT", "ALUR_S3_ENDPOINT"} <= read
    assert {name for name in read if name not in README} == set()


def test_the_issuers_of_the_readme_are_read(tmp_path: Path) -> None:
    file = tmp_path / "issuers.yaml"
    blocks = re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    file.write_text(next(block for block in blocks if block.startswith("issuers:")), encoding="utf-8")
    (found,) = read_issuers(file, own="https://alur.example")
    assert found.offices == ("64.02",)
