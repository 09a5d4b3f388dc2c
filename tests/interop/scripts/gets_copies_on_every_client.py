"""Carbons: what one client sends and gets, the others see, unless it is private."""

from house import play, saw, settled

PLUGINS = ("xep_0280", "xep_0085", "xep_0184", "xep_0359")


async def scene(house):
    desk = await house.open("li.na", "desk", plugins=PLUGINS)
    phone = await house.open("li.na", "phone", plugins=PLUGINS)
    deaf = await house.open("li.na", "deaf", plugins=PLUGINS)
    colleague = await house.open("wang.wei", plugins=PLUGINS)
    for client in (desk, phone):
        await client["xep_0280"].enable()

    desk.send_message(colleague.bare, "从桌面发出", mtype="chat")
    copy = await carbon(phone, "carbon_sent")
    saw(f"the phone sees what the desk sent: {copy['body']} to {copy['to']}")
    assert (copy["body"], copy["from"].full, copy["to"].bare) == ("从桌面发出", desk.full, colleague.bare)
    await settled(desk, deaf)
    assert not deaf.messages.rest(), "who did not ask gets no copies"

    colleague.send_message(desk.full, "只给桌面", mtype="chat")
    await desk.messages.next(lambda message: message["body"] == "只给桌面", "a message for the desk")
    copy = await carbon(phone, "carbon_received")
    saw(f"the phone sees what the desk got: {copy['body']} from {copy['from']}")
    assert (copy["body"], copy["to"].full) == ("只给桌面", desk.full)
    assert copy.xml.find("{urn:xmpp:sid:0}stanza-id") is not None, "the archive's id comes with the copy"

    private = colleague.make_message(desk.full, "保密", mtype="chat")
    private.enable("carbon_private")
    private.send()
    await desk.messages.next(lambda message: message["body"] == "保密", "a private message")
    await settled(colleague, desk, phone)
    assert not phone.messages.rest(), "what is private is not copied"
    saw("a private message has no copy")

    colleague.send_message(desk.bare, "给本人", mtype="chat")
    for client in (desk, phone, deaf):
        await client.messages.next(lambda message: message["body"] == "给本人", f"a message for {client.full}")
    await settled(colleague, desk, phone)
    assert not [one for client in (desk, phone) for one in client.messages.rest()], "all had it themselves"
    saw("a message for the person comes once to each client")

    await phone["xep_0280"].disable()
    desk.send_message(colleague.bare, "不再抄送", mtype="chat")
    await settled(desk, phone)
    assert not phone.messages.rest(), "who does not want copies any more gets none"
    saw("copies end when they are not wanted any more")


async def carbon(client, name):
    outer = await client.messages.next(lambda message: message.xml.find(f"{{urn:xmpp:carbons:2}}{name[7:]}")
                                       is not None, name)
    assert outer["from"].full == client.bare, "only the own account makes copies"
    return outer[name]


play(scene)
