"""Sessions, what keeps them honest, and the accounts of machines."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import false
from sqlmodel import Field, SQLModel

from app.store.tables.base import json_field


class SessionRow(SQLModel, table=True):
    """One sign-in, or one token of a machine. `client` is what its program calls itself, for its owner's list of sessions.

    `withheld`: its account holds roles that need a second factor, which this session has not passed: its tokens leave them out.
    """

    __tablename__ = "session"
    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    client: str | None = Field(default=None, max_length=200)
    second_factor: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    withheld: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime = Field(index=True)
    revoked_at: datetime | None = None


class RefreshTokenRow(SQLModel, table=True):
    """Every refresh token that a session was ever given, by its SHA-256: one that comes a second time has been copied."""

    __tablename__ = "refresh_token"
    hash: str = Field(primary_key=True, max_length=64)
    session_id: UUID = Field(foreign_key="session.id", index=True, ondelete="CASCADE")
    issued_at: datetime
    used_at: datetime | None = None


class RecoveryCodeRow(SQLModel, table=True):
    """What stands in for a lost second factor, once; only its SHA-256."""

    __tablename__ = "recovery_code"
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    code_hash: str = Field(primary_key=True, max_length=64)
    used_at: datetime | None = None


class SignInFailureRow(SQLModel, table=True):
    """How often sign-in failed of late, for one name, one address, or the two together (a hash: nobody's address is kept)."""

    __tablename__ = "sign_in_failure"
    key: str = Field(primary_key=True, max_length=64)
    failures: int
    last_at: datetime = Field(index=True)
    not_before: datetime


class FamiliarAddressRow(SQLModel, table=True):
    """From where an account has signed in (hashed): strangers who hammer its name elsewhere do not keep its owner out here."""

    __tablename__ = "familiar_address"
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    address: str = Field(primary_key=True, max_length=64)
    last_at: datetime = Field(index=True)


class ServiceAccountRow(SQLModel, table=True):
    """What a machine's account has beside the account: the hash of its secret, what it may read, and until when."""

    __tablename__ = "service_account"
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    secret_hash: str | None = Field(default=None, max_length=64)
    scopes: Any = json_field()
    expires_at: datetime
    last_used_at: datetime | None = None
