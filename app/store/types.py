"""Column types that SQLModel does not bring."""

from typing import Any

from sqlalchemy import BigInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON, TypeDecorator, UserDefinedType

JsonColumn = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value that is written whole and never changed in place: in-place changes would be lost unseen."""

OrderedJsonColumn = JSON(none_as_null=True)
"""A JSON value whose keys keep their order: the order of a procedure's roles is that of the sheet's columns, and JSONB forgets it."""


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, which never wraps."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class TransactionId(TypeDecorator[int]):
    """The writing transaction of an event row: real on PostgreSQL; 0 on SQLite, where one writer makes order trivially true."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(Xid8() if dialect.name == "postgresql" else BigInteger())


LongText = Text()


class CurrentTransaction(FunctionElement[int]):
    """The server default of a TransactionId column."""

    inherit_cache = True
    name = "current_transaction"


@compiles(CurrentTransaction, "postgresql")
def _on_postgres(_element: CurrentTransaction, _compiler: Any, **_: Any) -> str:
    return "pg_current_xact_id()"


@compiles(CurrentTransaction, "sqlite")
def _on_sqlite(_element: CurrentTransaction, _compiler: Any, **_: Any) -> str:
    return "0"
