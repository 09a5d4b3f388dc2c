"""STARTTLS, direct TLS and the door that takes both; every mechanism the library knows; wrong passwords."""

from house import SYSTEM_AUTHORITIES, SignInFailed, play, saw


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
    await wrong_passwords(house)
    await untrusted(house)


def without_channel(client):
    usual = client["feature_mechanisms"]._default_credentials

    def credentials(required, optional):
        return usual(required, optional - {"channel_binding"})

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
