"""Sessions over HTTP: sign in, refresh, sign out, set a password anew, and the keys that verify our tokens.

These ignore Idempotency-Key: a replayed answer would hand out secrets a second time.
"""

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import Unauthenticated
from app.outside.passwords import hash_password
from app.usecases import credentials
from app.usecases import sessions as usecases
from app.usecases.sessions import SignedIn, SignInRequest
from app.web.actor import AnyCaller, Terms
from app.web.addresses import Address, ClientName
from app.web.answers import answer
from app.web.openapi import problems, requires
from app.web.proofs import record_refused_refresh, recorded
from app.web.schemas.sessions import Discovery, KeySet, PasswordReset, RefreshRequest, SessionTokens, SignIn
from app.web.session import Db, Now, act
from app.web.tries import counted, no_failure

router = APIRouter(tags=["sessions"])


@router.post(
    "/v1/auth/sessions",
    status_code=201,
    response_model=SessionTokens,
    responses=problems(401, 429),
    summary="Masuk · Sign in",
)
async def sign_in(body: SignIn, database: Db, now: Now, terms: Terms, address: Address, client: ClientName) -> Response:
    """Token akses berlaku singkat; token penyegar dipakai sekali saja. Nama yang tidak dikenal dan kata sandi yang salah dijawab sama.
    Akun dengan faktor kedua menyertakan `code`. Setelah beberapa kali gagal, tunggu selama Retry-After (429).

    The access token is short-lived; a refresh token serves once. An unknown username and a wrong password get the same
    answer (401 `bad_credentials`). Who has a second factor brings its `code` (401 `second_factor_required`, `second_factor_invalid`);
    a recovery code serves in its place, once. After several failures one waits (429, Retry-After), longer each time.
    """
    async with database.read() as connection:
        found = await usecases.find_credentials(connection, now, body.username, address=address, terms=terms)
    with recorded("sign_in", account=None if found is None else found.id, address=address):
        tried = await counted(database, now, body.username, address=address, familiar=found is not None and found.familiar)
        async with no_failure(database, now, tried):
            recognised = await usecases.recognise(found, body.password)
        request = SignInRequest(address, body.code, client)

        async def work(connection: AsyncConnection) -> SignedIn | None:
            return await usecases.sign_in(connection, now, recognised, request=request, tried=tried, terms=terms)

        signed_in = await act(database, work)
        if signed_in is None:
            raise Unauthenticated("second_factor_required")
    return answer(SessionTokens.of(signed_in), status=201)


@router.post(
    "/v1/auth/sessions/refresh",
    response_model=SessionTokens,
    responses=problems(401),
    summary="Perbarui token · Refresh the tokens",
)
async def refresh_session(body: RefreshRequest, database: Db, now: Now, terms: Terms, address: Address) -> Response:
    """Peran yang baru diperoleh ikut dalam token baru. Token penyegar yang dipakai lagi setelah beberapa detik mengakhiri sesi.

    A role gained since the last token comes with the new one. A repetition within 10 seconds gets the same refresh token again, in case the
    answer was lost; a used one presented later ends the session, for whoever holds any of its tokens (401 `session_ended`).
    """

    async def work(connection: AsyncConnection) -> SignedIn | None:
        return await usecases.refresh(connection, now, body.refresh_token, terms=terms)

    signed_in = await act(database, work)
    if signed_in is None:
        record_refused_refresh(body.refresh_token, address=address)
        raise Unauthenticated("session_ended")
    return answer(SessionTokens.of(signed_in))


@router.delete("/v1/auth/sessions/current", status_code=204, summary="Keluar · Sign out", openapi_extra=requires("signed_in"))
async def sign_out(actor: AnyCaller, database: Db, now: Now) -> Response:
    """Sesi berakhir saat itu juga, beserta semua tokennya. The session ends at once, and with it all of its tokens.

    With a token of another issuer: all that it has issued for you until now are refused here; at the issuer you stay signed in.
    """

    async def work(connection: AsyncConnection) -> None:
        await usecases.sign_out(connection, now, actor)

    await act(database, work)
    return Response(status_code=204)


@router.post(
    "/v1/auth/password-resets",
    status_code=204,
    responses=problems(401, 409, 429),
    summary="Tetapkan kata sandi baru · Set a new password",
)
async def reset_password(body: PasswordReset, database: Db, now: Now, terms: Terms, address: Address) -> Response:
    """Dengan rahasia sekali pakai dari pengelola, berlaku 24 jam. Semua sesi dan langganan kalender akun berakhir; masuklah dengan kata sandi baru.

    With the one-time secret from an administrator, good for 24 hours. All sessions and calendar feeds of the account end; sign in with the
    new password. An unknown username and a wrong or used secret get the same answer (401 `bad_credentials`); so does one whose issuer no longer
    administers the account, or that came before the account moved, or before its second factor was removed.
    """
    async with database.read() as connection:
        found = await usecases.find_credentials(connection, now, body.username, address=address, terms=terms)
    with recorded("password_reset", account=None if found is None else found.id, address=address):
        tried = await counted(database, now, body.username, address=address, familiar=found is not None and found.familiar)
        known = credentials.knows_reset(found, body.one_time_secret, now)
        async with database.read() as connection:
            await credentials.check_vouched(connection, now, known, demo=terms.demo)
        async with no_failure(database, now, tried):
            await credentials.check_new_password(body.new_password, about=known.about)
            password_hash = await hash_password(body.new_password)

        async def work(connection: AsyncConnection) -> None:
            await credentials.reset_password(connection, now, known, password_hash=password_hash, tried=tried, demo=terms.demo)

        await act(database, work)
    return Response(status_code=204)


@router.get("/.well-known/jwks.json", response_model=KeySet, summary="Kunci publik · Public keys")
async def get_key_set(terms: Terms, now: Now) -> Response:
    """Untuk memeriksa token akses tanpa bertanya kepada kami. To verify access tokens without asking us."""
    return answer(KeySet.of(terms.tokens.jwks(now)), headers={"Cache-Control": "public, max-age=300"})


@router.get("/.well-known/openid-configuration", response_model=Discovery, summary="Penerbit token · The issuer of tokens")
async def get_open_id_configuration(terms: Terms, now: Now) -> Response:
    """Siapa penerbit token dan di mana kunci publiknya. Who issues our tokens, and where the public keys are."""
    found = Discovery.of(terms.tokens.issuer, terms.tokens.jwks(now))
    return answer(found, headers={"Cache-Control": "public, max-age=300"})
