"""What README.md says of the YAML format is so."""

import re
from pathlib import Path

from app.domain.procedure_checks import CODES, check
from app.outside import catalog

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## A procedure as data")[1].split("\n## ")[0]


def test_the_example_is_sound() -> None:
    example = re.search(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
    assert example is not None
    assert check(catalog.read(example[1].encode()).value) == ()


def test_every_code_is_listed() -> None:
    listed = set(re.findall(r"`([a-z_]+)`", SECTION.split("| about | codes |")[1]))
    assert listed - {"yes"} == CODES
