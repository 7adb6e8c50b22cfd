"""Tokens with which machines come in. They ignore Idempotency-Key: a replayed answer would hand one out a second time."""

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.usecases import service_tokens as usecases
from app.usecases.service_tokens import ServiceToken
from app.web.actor import Terms
from app.web.addresses import Address
from app.web.answers import answer
from app.web.openapi import problems
from app.web.proofs import recorded
from app.web.schemas.service_accounts import ClientCredentials, ServiceTokenShown
from app.web.session import Db, Now, act
from app.web.tries import counted

router = APIRouter(prefix="/v1/auth/service-tokens", tags=["sessions"])


@router.post("", status_code=201, response_model=ServiceTokenShown, responses=problems(401, 429), summary="Token mesin · A machine's token")
async def issue_service_token(body: ClientCredentials, database: Db, now: Now, terms: Terms, address: Address) -> Response:
    """Token akses untuk akun layanan; mintalah lagi bila habis. Pengenal yang tidak dikenal dan rahasia yang salah dijawab sama.

    An access token for a service account, and no refresh token: ask anew when it ends. An unknown client and a wrong secret get the same
    answer (401 `bad_credentials`). After several failures one waits (429, Retry-After), longer each time.
    """
    async with database.read() as connection:
        found = await usecases.find_client(connection, now, body.client_id, address=address)
    with recorded("service_token", account=None if found is None else found.id, address=address):
        tried = await counted(database, now, body.client_id, address=address, familiar=found is not None and found.familiar)
        client = usecases.recognise(found, body.client_secret)

        async def work(connection: AsyncConnection) -> ServiceToken:
            return await usecases.let_in(connection, now, client, address=address, tried=tried, terms=terms)

        token = await act(database, work)
    return answer(ServiceTokenShown.of(token), status=201)
