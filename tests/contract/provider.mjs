// An OpenID provider for a test: panva's oidc-provider (certified), with one client and one API, and a new key at each start.
// node provider.mjs PORT; each person's roles are the words after the first in their login ("siti samboja-camat pengawas").
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const port = Number(process.argv[2]);
const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "aplikasi-kantor",
      client_secret: "rahasia-aplikasi",
      redirect_uris: ["http://127.0.0.1/kembali"],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      id_token_signed_response_alg: "ES256",
    },
  ],
  jwks: { keys: [{ ...key, kid: randomUUID(), use: "sig", alg: "ES256" }] },
  cookies: { keys: [randomUUID()] },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => "https://alur.example",
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: "", audience: "alur", accessTokenFormat: "jwt", accessTokenTTL: 3600, jwt: { sign: { alg: "ES256" } } }),
    },
  },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600 },
  findAccount: (_, login) => ({ accountId: login, claims: () => ({ sub: login }) }),
  extraTokenClaims: (_, token) => {
    const [username, ...roles] = token.accountId.split(" ");
    return { preferred_username: username, name: "Siti Aminah", groups: roles };
  },
});

provider.listen(port, "127.0.0.1");
