"""One person with two clients: this library on the phone, ours on the desk, the same things read on both."""

from house import play, saw
from slixmpp.xmlstream import ET

NODE = "urn:xmpp:mds:displayed:0"
SID = "{urn:xmpp:sid:0}stanza-id"
PLUGINS = ("xep_0060", "xep_0115", "xep_0163", "xep_0004", "xep_0280")


async def scene(house):
    phone = await house.sign_in("li.na", "phone", plugins=PLUGINS)
    phone["xep_0030"].add_feature(f"{NODE}+notify")
    await phone["xep_0280"].enable()
    await phone.become_available()
    colleague = await house.open("wang.wei")
    colleague.send_message(phone.bare, "一", mtype="chat")
    first = await phone.messages.next(lambda message: message["body"] == "一", "a message")
    await house.told("shown")
    await read(phone, colleague.bare, first.xml.find(SID).get("id"))
    await house.told("read")
    saw("what was read on the phone is read on the desk")

    colleague.send_message(phone.bare, "二", mtype="chat")
    second = await phone.messages.next(lambda message: message["body"] == "二", "a message")
    id = second.xml.find(SID).get("id")

    def is_news(message):
        found = [item for item in message.xml.iter("{http://jabber.org/protocol/pubsub#event}item")]
        return any(item.get("id") == colleague.bare and item.find(f".//{SID}").get("id") == id for item in found)

    news = await phone.messages.next(is_news, "that it was read on the desk")
    assert news.xml.find(f".//{SID}").get("by") == phone.bare
    saw("what was read on the desk is read on the phone")

    phone.send_message(colleague.bare, "从手机", mtype="chat")
    outer = await phone.messages.next(
        lambda message: message.xml.find("{urn:xmpp:carbons:2}sent") is not None, "a copy"
    )
    copy = outer["carbon_sent"]
    saw(f"the phone sees what the desk wrote: {copy['body']}")
    assert (copy["body"], copy["to"].bare) == ("从桌面", colleague.bare)


async def read(client, conversation, id):
    """XEP-0490 section 3.1, with the options that it asks for."""
    payload = ET.Element(f"{{{NODE}}}displayed")
    ET.SubElement(payload, SID, {"by": client.bare, "id": id})
    form = client["xep_0004"].make_form(ftype="submit")
    form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#publish-options")
    options = {"persist_items": "true", "max_items": "max", "send_last_published_item": "never",
               "access_model": "whitelist"}
    for name, value in options.items():
        form.add_field(var=f"pubsub#{name}", value=value)
    await client["xep_0060"].publish(None, NODE, id=conversation, payload=payload, options=form)


play(scene)
