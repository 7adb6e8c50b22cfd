"""A tiny application inside the real frame: what the frame does must not depend on what Alur does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import Response, StreamingResponse
from httpx import ASGITransport, AsyncClient
from pydantic import Field, field_validator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.people import Actor
from app.domain.problems import NotVisible, Refused, Unauthenticated, Unavailable
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.store.database import Database
from app.store.errors import Collision
from app.web.answers import answer, freeze
from app.web.application import build_application
from app.web.bodies import streams_body
from app.web.etags import IfMatch, RequiredIfMatch
from app.web.idempotency import IdempotencyKey, replay, retry_of
from app.web.languages import Lang
from app.web.openapi import BINARY, problems, requires, tagged
from app.web.paging import Listing, Paging
from app.web.schemas.base import AnswerModel, RequestModel, mistake
from app.web.security import Token, bearer_token
from app.web.session import Db, Now, Reading, act, now_of
from tests.support.routes import with_shared_routes

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KNOWN = UUID("019aab3e-0000-7000-8000-000000000001")
HIDDEN = UUID("019aab3e-0000-7000-8000-00000000dead")
SARI = Actor(account_id=UUID(int=7), session_id=UUID(int=8), username="sari", name="Sari")
SIGNED_IN = {"Authorization": "Bearer sari"}


async def authenticate(request: Request) -> Actor:
    match bearer_token(request):
        case "sari":
            return SARI
        case None:
            raise Unauthenticated("token_missing")
    raise Unauthenticated


async def current_actor(request: Request, _: Token) -> Actor:
    return await authenticate(request)


async def thing_visible(_database: Database, actor: Actor, path: Any) -> bool:
    assert actor is SARI
    assert isinstance(path["thing_id"], UUID)
    return path["thing_id"] != HIDDEN


CurrentActor = Annotated[Actor, Depends(current_actor)]


class Thing(AnswerModel):
    id: UUID
    name: str
    note: str | None = None


class ThingList(Listing[Thing]):
    """Things."""


class Period(RequestModel):
    year: Annotated[int, Field(ge=2000, le=2100)]


class NewThing(RequestModel):
    name: Annotated[str, Field(min_length=1, max_length=20)]
    period: Period
    at: Annotated[datetime | None, Field(examples=["2026-11-23T12:00:00+08:00"])] = None
    colours: tuple[Literal["red", "green"], ...] = ()

    @field_validator("name")
    @classmethod
    def _not_a_swear_word(cls, value: str) -> str:
        if value == "sialan":
            raise mistake("impolite", indonesian="Tidak sopan.", english="Impolite.")
        return value


class Paint(RequestModel):
    action: Literal["paint"]
    colour: str


class Sell(RequestModel):
    action: Literal["sell"]
    price: int


Deed = Annotated[Paint | Sell, Field(discriminator="action")]

things = APIRouter(prefix="/v1/things", tags=["instances"])


@things.get("", response_model=ThingList)
async def list_things(actor: CurrentActor, paging: Paging, colour: str | None = None) -> Response:
    rows = [(NOON + timedelta(minutes=n), UUID(int=n)) for n in range(1, 8)]
    after = paging.after(datetime, UUID)
    rest = [row for row in rows if after is None or row > after][: paging.limit + 1]
    return paging.answer(ThingList, rest, key=lambda row: row, show=lambda row: Thing(id=row[1], name=colour or "plain"))


@things.post("", status_code=201, response_model=Thing, responses=problems(403, 409), openapi_extra=requires("role:camat"))
async def create_thing(actor: CurrentActor, body: NewThing, key: IdempotencyKey) -> Response:
    return answer(Thing(id=KNOWN, name=body.name), status=201, version=1)


@things.get("/{thing_id}", response_model=Thing, responses=tagged())
async def get_thing(thing_id: UUID, actor: CurrentActor, language: Lang) -> Response:
    if thing_id == HIDDEN:
        raise NotVisible
    return answer(Thing(id=thing_id, name=language), version=3)


@things.patch("/{thing_id}", response_model=Thing, responses=tagged())
async def rename_thing(thing_id: UUID, actor: CurrentActor, body: NewThing, expected: RequiredIfMatch) -> Response:
    expected.check(3)
    return answer(Thing(id=thing_id, name=body.name), version=4)


deeds = APIRouter(prefix="/v1/things", tags=["instances"])


@deeds.post("/{thing_id}/deeds", status_code=201, response_model=Thing)
async def do_deed(thing_id: UUID, actor: CurrentActor, body: Deed, expected: IfMatch, dry_run: Annotated[bool, Query()] = False) -> Response:
    expected.check(3)
    return answer(Thing(id=thing_id, name=body.action), status=201)


@deeds.delete("/{thing_id}", status_code=204)
async def remove_thing(thing_id: UUID, actor: CurrentActor, expected: RequiredIfMatch) -> Response:
    expected.check(3)
    return Response(status_code=204)


@deeds.get("/{thing_id}/content", response_class=Response, responses={200: {"content": {"application/pdf": {"schema": BINARY}}}})
async def get_content(thing_id: UUID, actor: CurrentActor) -> Response:
    return Response(b"%PDF-", media_type="application/pdf", headers={"ETag": '"abc"'})


@deeds.post("/{thing_id}/content", status_code=201, response_model=Thing)
@streams_body
async def put_content(thing_id: UUID, actor: CurrentActor, request: Request) -> Response:
    size = sum([len(chunk) async for chunk in request.stream()])
    return answer(Thing(id=thing_id, name=str(size)), status=201)


odd = APIRouter(prefix="/v1/odd", tags=["health"])


@dataclass
class Happenings:
    """What the tests look at, and what they ask to go wrong."""

    tries: int = 0
    collisions: int = 0
    clock_readings: int = 0
    kept: dict[str, StoredAnswer] = field(default_factory=dict)
    stream_closed: bool = False


@odd.get("/boom")
async def get_boom() -> Response:
    raise RuntimeError("secret: hunter2")


@odd.get("/unavailable")
async def get_unavailable() -> Response:
    raise Unavailable


@odd.get("/sign-in")
async def get_signed_in() -> Response:
    raise Unauthenticated("bad_credentials")


@odd.get("/refusals")
async def get_refusals(codes: str) -> Response:
    known = {"wrong_step": {"current": 2, "step": 3}, "not_a_performer": {"step": 3, "performers": "Camat"}}
    raise Refused([Refusal(code, dict(known.get(code, {}))) for code in codes.split(",")])


async def _another_reader_of_the_clock(now: Now) -> datetime:
    return now


@odd.get("/times")
async def get_times(now: Now, again: Annotated[datetime, Depends(_another_reader_of_the_clock)], request: Request) -> Response:
    return Response(str(now == again == now_of(request)))


@odd.get("/endless")
async def get_endless(request: Request) -> Response:
    happenings: Happenings = request.app.state.happenings

    async def ticks() -> AsyncIterator[bytes]:
        try:
            while not await request.is_disconnected():
                yield b"tick\n"
        finally:
            happenings.stream_closed = True

    return StreamingResponse(ticks(), media_type="text/event-stream")


@odd.get("/named/{name}")
async def get_named(name: str, actor: CurrentActor) -> Response:
    return Response(name)


@odd.get("/halfway")
async def get_halfway() -> Response:
    async def ticks() -> AsyncIterator[bytes]:
        yield b"tick\n"
        raise RuntimeError("secret: hunter2")

    return StreamingResponse(ticks(), media_type="text/plain")


@odd.get("/reading")
async def get_reading(connection: Reading, request: Request) -> Response:
    return Response(str((await connection.execute(text("SELECT count(*) FROM scratch"))).scalar_one()))


@odd.post("/acts", status_code=201)
async def do_act(request: Request, database: Db, key: IdempotencyKey, parent: int = 1) -> Response:
    """Writes a row whose foreign key is checked at COMMIT, and collides as often as the test asks."""
    happenings: Happenings = request.app.state.happenings
    retry = await retry_of(request, SARI.account_id, key)
    if retry and retry.key in happenings.kept:
        return replay(happenings.kept[retry.key])

    async def work(connection: AsyncConnection) -> StoredAnswer:
        happenings.tries += 1
        await connection.execute(text("INSERT INTO scratch (parent) VALUES (:parent)"), {"parent": parent})
        if happenings.tries <= happenings.collisions:
            raise Collision
        return freeze(Thing(id=KNOWN, name=f"try {happenings.tries}"), status=201)

    stored = await act(database, work)
    if retry:
        happenings.kept[retry.key] = stored
    return Response(stored.body, status_code=stored.status)


def frame_app(database: Database, **changes: Any) -> FastAPI:
    happenings = Happenings()

    def clock() -> datetime:
        happenings.clock_readings += 1
        return NOON

    settings: dict[str, Any] = {
        "database": database,
        "clock": clock,
        "authenticate": authenticate,
        "routers": [things, deeds, odd],
        "visibility": {"thing_id": thing_visible},
        "version": "1.2.3",
        "state": {"happenings": happenings},
    }
    given = settings | changes
    return with_shared_routes(build_application(**given), given["routers"])


@asynccontextmanager
async def visiting(app: FastAPI, **headers: str) -> AsyncIterator[AsyncClient]:
    """A client that would see an exception that the frame let through."""
    async with AsyncClient(transport=ASGITransport(app), base_url="http://alur.example", headers=headers) as client:
        yield client


async def prepare_scratch(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE scratch_parent (id integer PRIMARY KEY)"))
        await connection.execute(text("INSERT INTO scratch_parent VALUES (1)"))
        await connection.execute(text("CREATE TABLE scratch (parent integer REFERENCES scratch_parent (id) DEFERRABLE INITIALLY DEFERRED)"))
