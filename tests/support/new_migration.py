"""`make migration m="what it does"`: writes the next migration from the difference between app/store/tables and the migrations so far.

Compares on PostgreSQL, because SQLite cannot tell Alembic about its expression indexes.
"""

import shutil
import sys

from alembic import command
from alembic.config import Config

from app.store.migrations import ROOT
from tests.support.postgres import Server, run_directory


def main(message: str) -> None:
    directory = run_directory()
    server = Server(directory)
    try:
        server.launch()
        server.wait()
        config = Config(ROOT / "alembic.ini", attributes={"url": server.url.render_as_string()})
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
