"""Which client gets what (RFC 6121 section 8.5): addresses, priorities, types."""

from house import play, refused, saw, settled


class Cast:
    """Three clients of one person, and who writes to them."""

    def __init__(self, sender, desk, phone, silent):
        self.sender = sender
        self.desk = desk
        self.phone = phone
        #: Its priority is below zero.
        self.silent = silent

    async def get(self, to, kind):
        """Sends a message; who gets it, and the error that comes back."""
        for client in (self.sender, self.desk, self.phone, self.silent):
            client.messages.rest()
        message = self.sender.make_message(to, f"{kind} 给 {to}", mtype=kind)
        message.send()
        await settled(self.sender, self.desk, self.phone, self.silent)
        by = {"desk": self.desk, "phone": self.phone, "silent": self.silent}
        got = {name for name, client in by.items() if client.messages.rest(lambda one: one["id"] == message["id"])}
        errors = self.sender.messages.rest(lambda one: one["type"] == "error" and one["id"] == message["id"])
        conditions = [error["error"]["condition"] for error in errors]
        saw(f"{kind} to {to}: {sorted(got)} {conditions}")
        return got, conditions


async def scene(house):
    sender = await house.open("li.na")
    desk = await house.sign_in("wang.wei", "desk")
    await desk.become_available(ppriority=10)
    phone = await house.open("wang.wei", "phone")
    silent = await house.sign_in("wang.wei", "silent")
    await silent.become_available(ppriority=-5)
    cast = Cast(sender, desk, phone, silent)
    await to_the_person(cast)
    await to_one_client(cast)
    await to_a_client_that_is_gone(cast)
    await to_nobody(house, cast)
    await presence_and_requests(house, cast)
    await when_only_a_silent_client_is_there(house, cast)


async def to_the_person(cast):
    """Section 8.5.2.1."""
    person = cast.desk.bare
    for kind in ("chat", "normal", "headline"):
        assert await cast.get(person, kind) == ({"desk", "phone"}, []), kind
    assert await cast.get(person, "groupchat") == (set(), ["service-unavailable"])
    assert await cast.get(person, "error") == (set(), [])


async def to_one_client(cast):
    """Section 8.5.3.1: whatever its priority, and nobody else."""
    for name, client in (("desk", cast.desk), ("phone", cast.phone), ("silent", cast.silent)):
        for kind in ("chat", "normal", "headline", "groupchat", "error"):
            assert await cast.get(client.full, kind) == ({name}, []), f"{kind} to {name}"


async def to_a_client_that_is_gone(cast):
    """Section 8.5.3.2: a chat goes on with the others; so does a normal message, which would be lost otherwise."""
    gone = f"{cast.desk.bare}/gone"
    for kind in ("chat", "normal"):
        assert await cast.get(gone, kind) == ({"desk", "phone"}, []), kind
    assert await cast.get(gone, "headline") == (set(), [])
    assert await cast.get(gone, "groupchat") == (set(), ["service-unavailable"])
    assert await cast.get(gone, "error") == (set(), [])


async def to_nobody(house, cast):
    """Section 8.5.1."""
    for to in (house.address("nobody"), house.address("nobody") + "/desk"):
        for kind in ("chat", "normal"):
            assert await cast.get(to, kind) == (set(), ["service-unavailable"]), f"{kind} to {to}"
        for kind in ("headline", "error"):
            assert await cast.get(to, kind) == (set(), []), f"{kind} to {to}"
    query = cast.sender["xep_0199"].send_ping
    await refused(query(house.address("nobody")), "service-unavailable")


async def presence_and_requests(house, cast):
    """Sections 8.5.2.1.2 and 8.5.3: presence for all clients or one; requests for the server or for one."""
    for client in (cast.desk, cast.phone, cast.silent):
        client.presences.rest()
    cast.sender.send_presence(pto=cast.desk.bare, pstatus="给所有人")
    for client in (cast.desk, cast.phone, cast.silent):
        await client.presences.next(lambda one: one["status"] == "给所有人", "directed presence")
    cast.sender.send_presence(pto=cast.phone.full, pstatus="只给手机")
    await cast.phone.presences.next(lambda one: one["status"] == "只给手机", "directed presence")
    await settled(cast.sender, cast.desk, cast.silent)
    for client in (cast.desk, cast.silent):
        assert not client.presences.rest(lambda one: one["status"] == "只给手机")
    for client in (cast.desk, cast.phone, cast.silent):
        await cast.sender["xep_0199"].send_ping(client.full)
    await refused(cast.sender["xep_0199"].send_ping(f"{cast.desk.bare}/gone"), "service-unavailable")
    await cast.sender["xep_0030"].get_info(jid=cast.desk.bare)
    saw("presence and requests go where they are addressed to; the server answers for the person")


async def when_only_a_silent_client_is_there(house, cast):
    """Section 8.5.2.1.1: what is written to the person waits; what is written to the client arrives."""
    await cast.desk.sign_out()
    await cast.phone.sign_out()
    await cast.sender.presences.next(
        lambda one: one["from"].full == cast.phone.full and one["type"] == "unavailable", "the end of the phone"
    )
    silent, sender = cast.silent, cast.sender
    silent.messages.rest()
    for kind in ("chat", "normal", "headline"):
        sender.send_message(silent.bare, f"{kind} 等着", mtype=kind)
    sender.send_message(silent.full, "马上", mtype="chat")
    await silent.messages.next(lambda one: one["body"] == "马上", "a message to the client itself")
    await settled(sender, silent)
    assert not silent.messages.rest(lambda one: one["body"])
    silent.send_presence(ppriority=0)
    for kind in ("chat", "normal"):
        message = await silent.messages.next(lambda one: one["body"], f"the {kind} that waited")
        assert message["body"] == f"{kind} 等着"
        assert message.xml.find("{urn:xmpp:delay}delay") is not None
    await settled(sender, silent)
    assert not silent.messages.rest(lambda one: one["body"]), "a headline is not kept"
    saw("a client below zero gets what is written to it alone; the rest waits until it rises, but for headlines")


play(scene)
