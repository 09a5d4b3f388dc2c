// A relying party made with openid-client: prints where to send the browser, reads where it came back, tells who it is.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [issuer, id, secret, redirect, modules] = process.argv.slice(2);
const found = createRequire(`${modules}/`).resolve("openid-client");
const client = await import(pathToFileURL(found).href);
const config = await client.discovery(new URL(issuer), id, secret);
const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: redirect,
  scope: "openid profile groups offline_access",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
console.log(url.href);
for await (const line of createInterface({ input: process.stdin })) {
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, new URL(line), checks);
  const claims = tokens.claims();
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
  const person = await client.fetchUserInfo(config, fresh.access_token, claims.sub);
  console.log(JSON.stringify({ name: person.name, login: claims.preferred_username, fresh: true }));
  break;
}
