"""A relying party made with Authlib: prints where to send the browser, reads where it came back, tells who it is."""

import json
import sys

from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

issuer, client, secret, redirect, authority = sys.argv[1:]
session = OAuth2Session(
    client, secret, scope="openid profile groups offline_access", redirect_uri=redirect, code_challenge_method="S256"
)
session.verify = authority
# The machine's own settings would take the place of that authority.
session.trust_env = False
about = session.request("GET", f"{issuer}/.well-known/openid-configuration", withhold_token=True).json()
verifier = "v" * 64
url, state = session.create_authorization_url(about["authorization_endpoint"], code_verifier=verifier, nonce="n-1")
print(url, flush=True)
token = session.fetch_token(
    about["token_endpoint"], authorization_response=sys.stdin.readline().strip(), state=state, code_verifier=verifier
)
keys = KeySet.import_key_set(session.request("GET", about["jwks_uri"], withhold_token=True).json())
claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
CodeIDToken(
    claims,
    {"alg": "RS256"},
    options={"iss": {"values": [issuer]}, "aud": {"values": [client]}},
    params={"nonce": "n-1", "client_id": client, "access_token": token["access_token"]},
).validate()
fresh = session.refresh_token(about["token_endpoint"], refresh_token=token["refresh_token"])
person = session.get(about["userinfo_endpoint"]).json()
print(json.dumps({"name": person["name"], "login": claims["preferred_username"], "fresh": "access_token" in fresh}))
