"""What is sent to the database while a block runs, as the driver gets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from app.store.database import Database


@dataclass
class Sent:
    """`statements` with their parameters, in order; `transactions` counts BEGIN. Neither BEGIN nor COMMIT is among the statements."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    transactions: int = 0

    def __len__(self) -> int:
        return len(self.statements)

    @property
    def texts(self) -> list[str]:
        return [statement for statement, _ in self.statements]


@contextmanager
def sent(database: Database) -> Iterator[Sent]:
    """On PostgreSQL the reading engine is the writing one in autocommit: what one hears the other hears too."""
    found = Sent()
    engines = [database._writer.sync_engine] if database.is_postgres else [database._writer.sync_engine, database._reader.sync_engine]

    def on_statement(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        found.statements.append((statement, parameters))

    def on_begin(connection: Any) -> None:
        found.transactions += connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT"

    for engine in engines:
        event.listen(engine, "before_cursor_execute", on_statement)
        event.listen(engine, "begin", on_begin)
    try:
        yield found
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", on_statement)
            event.remove(engine, "begin", on_begin)
