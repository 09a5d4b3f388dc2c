"""The blocking command (XEP-0191)."""

from house import play, saw, settled


async def blocked(client):
    answer = await client["xep_0191"].get_blocked()
    return named(answer)


def named(iq):
    return {item.get("jid") for item in iq.xml.iter("{urn:xmpp:blocking}item")}


async def scene(house):
    desk = await house.open("li.na", "desk", plugins=("xep_0191",))
    phone = await house.open("li.na", "phone", plugins=("xep_0191",))
    colleague = await house.open("wang.wei")
    assert await blocked(desk) == set()
    await blocked(phone)
    await desk["xep_0191"].block({colleague.bare})
    push = await phone.pushes.next(lambda iq: iq.xml.find("{urn:xmpp:blocking}block") is not None, "a push")
    saw(f"the phone is told: {named(push)} blocked")
    assert await blocked(phone) == {colleague.bare}
    await colleague.presences.next(
        lambda one: one["from"].bare == desk.bare and one["type"] == "unavailable", "the end of her presence"
    )
    saw("the blocked colleague sees her leave")

    message = colleague.make_message(desk.bare, "听得见吗", mtype="chat")
    message.send()
    error = await colleague.messages.next(lambda one: one["type"] == "error", "an error")
    saw(f"the blocked colleague is answered {error['error']['condition']}")
    assert error["error"]["condition"] == "service-unavailable" and error["id"] == message["id"]
    own = desk.make_message(colleague.bare, "我写给他", mtype="chat")
    own.send()
    error = await desk.messages.next(lambda one: one["type"] == "error", "an error")
    saw(f"she herself is answered {error['error']['condition']}")
    assert error["error"]["condition"] == "not-acceptable"
    assert error.xml.find(".//{urn:xmpp:blocking:errors}blocked") is not None

    await desk["xep_0191"].unblock({colleague.bare})
    await phone.pushes.next(lambda iq: iq.xml.find("{urn:xmpp:blocking}unblock") is not None, "a push")
    assert await blocked(desk) == set()
    await colleague.presences.next(
        lambda one: one["from"].bare == desk.bare and one["type"] == "available", "her presence"
    )
    colleague.send_message(desk.bare, "现在呢", mtype="chat")
    message = await desk.messages.next(lambda one: one["body"], "a message")
    assert message["body"] == "现在呢", "what was sent while blocked never comes"
    await settled(desk, phone)
    saw("afterwards all is as before")


play(scene)
