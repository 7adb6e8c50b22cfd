"""`make lint`: files of at most 300 lines, functions of at most 60.

A reason written beside it lifts a limit: `# long: why` on the line of the `def`, or on a line of its own in the file's first ten.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES = 300
FUNCTION_LINES = 60
REASON = re.compile(r"# long: \S")


def too_long(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > FILE_LINES and not any(REASON.match(line) for line in lines[:10]):
        yield f"{path}:1: {len(lines)} lines, at most {FILE_LINES}"
    for node in ast.walk(ast.parse("\n".join(lines))):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES and not REASON.search(lines[node.lineno - 1]):
            yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES}"


def all_too_long() -> list[str]:
    files = [*ROOT.glob("app/**/*.py"), *ROOT.glob("tests/**/*.py"), ROOT / "migrations" / "env.py"]
    return [found for file in sorted(files) for found in too_long(file)]


if __name__ == "__main__":
    found = all_too_long()
    print("\n".join(found) or "Files and functions keep their limits.")
    sys.exit(bool(found))
