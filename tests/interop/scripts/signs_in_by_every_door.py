"""STARTTLS, direct TLS and the door that takes both; every mechanism the library knows; wrong passwords."""

import hashlib

from house import IS_OLD, SYSTEM_AUTHORITIES, SignInFailed, play, saw
from slixmpp.util.sasl.client import MECHANISMS
from slixmpp.util.sasl.mechanisms import SCRAM


async def scene(house):
    for door in ("starttls", "direct_tls", "any", "any:direct"):
        client = await house.sign_in("li.na", "", door=door)
        # On the TLS versions of our time the library binds to no channel it shares with us: it has to find a
        # mechanism without.
        saw(f"{door}: {client['feature_mechanisms'].mech.name} after {client.refusals}, bound as {client.full}")
        assert client.boundjid.resource, "the server gives a resource when none was wished"
        await client.sign_out()
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"):
        client = house.client("wang.wei", mechanism=mechanism)
        # What the library says of the channel when it is told to leave it alone.
        client["feature_mechanisms"].sasl_callback = without_channel(client)
        await client.sign_in()
        saw(f"{mechanism}: {client.full}")
        assert not client.refusals, client.refusals
        await client.sign_out()
    if IS_OLD:
        await bound_to_the_certificate(house)
        await with_a_cut_offer(house)
    await wrong_passwords(house)
    await untrusted(house)


def without_channel(client):
    usual = client["feature_mechanisms"]._default_credentials

    def credentials(required, optional):
        return usual(required, optional - {"channel_binding"})

    return credentials


class ScramOfJava(SCRAM):
    """The library's mechanism with the one binding that clients in Java know."""

    def process_1(self, challenge):
        def renamed(text):
            return text.replace(b"p=tls-unique", b"p=tls-server-end-point")

        first = renamed(super().process_1(challenge))
        self.gs2_header = renamed(self.gs2_header)
        return first


async def bound_to_the_certificate(house):
    """XEP-0440 asks every server for `tls-server-end-point`."""
    usual = MECHANISMS["SCRAM-SHA-256-PLUS"]
    MECHANISMS["SCRAM-SHA-256-PLUS"] = ScramOfJava
    for door in ("starttls", "direct_tls"):
        client = house.client("wang.wei", door=door, mechanism="SCRAM-SHA-256-PLUS")
        client["feature_mechanisms"].sasl_callback = with_certificate(client)
        await client.sign_in()
        saw(f"{door}: {client['feature_mechanisms'].mech.name} bound to the certificate")
        assert not client.refusals, client.refusals
        await client.sign_out()
    client = house.client("wang.wei", mechanism="SCRAM-SHA-256-PLUS")
    client["feature_mechanisms"].sasl_callback = with_certificate(client, b"somebody in between")
    try:
        await client.sign_in()
    except SignInFailed as failure:
        saw(f"bound to another certificate: {failure}")
    else:
        raise AssertionError("a login bound to another certificate was let in")
    MECHANISMS["SCRAM-SHA-256-PLUS"] = usual


async def with_a_cut_offer(house):
    """Who could bind and was shown nothing to bind with says so (RFC 5802 section 6), and is not let in."""
    for mechanism in ("SCRAM-SHA-512", "SCRAM-SHA-1"):
        client = house.client("wang.wei", mechanism=mechanism)
        try:
            await client.sign_in()
        except SignInFailed as failure:
            saw(f"{mechanism} as if nothing else were offered: {failure}")
            assert "not-authorized" in failure.args, failure.args
        else:
            raise AssertionError("nobody noticed that the offer was cut")


def with_certificate(client, other=None):
    usual = client["feature_mechanisms"]._default_credentials

    def credentials(required, optional):
        found = usual(required, optional)
        found["channel_binding"] = hashlib.sha256(other or client.socket.getpeercert(True)).digest()
        return found

    return credentials


async def wrong_passwords(house):
    for person, password in (("li.na", "guess"), ("nobody", "guess")):
        try:
            await house.sign_in(person, password=password)
        except SignInFailed as failure:
            saw(f"{person} with a wrong password: {failure}")
            assert "not-authorized" in failure.args, failure.args
        else:
            raise AssertionError(f"{person} signed in with a wrong password")
    client = await house.sign_in("li.na")
    saw(f"the right password afterwards: {client.full}")


async def untrusted(house):
    for door in ("starttls", "direct_tls"):
        try:
            await house.sign_in("li.na", door=door, authority=SYSTEM_AUTHORITIES)
        except SignInFailed as failure:
            saw(f"{door}: a client that does not know our authority stays away: {failure}")
        else:
            raise AssertionError("the library trusted a certificate of nobody it knows")


play(scene)
