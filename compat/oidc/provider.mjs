// An OpenID Connect provider with the people of a file, which is read again for every sign-in.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const { ISSUER: issuer, PORT: port, SERVER: server, PEOPLE: people, SECRET: secret } = process.env;
const known = () => JSON.parse(readFileSync(people, "utf-8"));
const client = (client_id, id) => ({
  client_id,
  redirect_uris: [`${server}/sign-in/${id}/callback`],
  post_logout_redirect_uris: [`${server}/sign-in`],
  grant_types: ["authorization_code"],
  response_types: ["code"],
});

const provider = new Provider(issuer, {
  clients: [
    { ...client("confidential", "company"), client_secret: secret },
    { ...client("public", "public"), token_endpoint_auth_method: "none" },
  ],
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email", "email_verified"], groups: ["groups"] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  pkce: { required: () => true },
  findAccount: (_, id) => (known()[id] ? { accountId: id, claims: () => ({ sub: id, ...known()[id] }) } : undefined),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
