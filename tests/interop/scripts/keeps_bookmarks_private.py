"""Bookmarks (XEP-0402): a node for one's own eyes, as publish-options want it, the same on all clients."""

from house import play, refused, saw, settled
from slixmpp.xmlstream import ET

NODE = "urn:xmpp:bookmarks:1"
PLUGINS = ("xep_0060", "xep_0115", "xep_0163", "xep_0004")
EVENT = "{http://jabber.org/protocol/pubsub#event}"
OPTIONS = {
    "pubsub#persist_items": "true",
    "pubsub#max_items": "max",
    "pubsub#send_last_published_item": "never",
    "pubsub#access_model": "whitelist",
}


def options(client, **changed):
    form = client["xep_0004"].make_form(ftype="submit")
    form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#publish-options")
    for name, value in {**OPTIONS, **changed}.items():
        form.add_field(var=name, value=value)
    return form


def conference(name):
    element = ET.Element(f"{{{NODE}}}conference", {"name": name, "autojoin": "true"})
    ET.SubElement(element, f"{{{NODE}}}nick").text = "李娜"
    return element


async def keep(client, room, name, **changed):
    return await client["xep_0060"].publish(
        None, NODE, id=room, payload=conference(name), options=options(client, **changed)
    )


def events(node):
    return lambda message: any(items.get("node") == node for items in message.xml.iter(f"{EVENT}items"))


async def scene(house):
    desk = await interested(house, "desk")
    phone = await interested(house, "phone")
    colleague = await house.open("wang.wei", plugins=PLUGINS)
    for number in range(3):
        await keep(desk, f"room{number}@rooms.{house.domain}", f"会议室{number}")
    for number in range(3):
        message = await phone.messages.next(events(NODE), "the news of a bookmark")
        item = message.xml.find(f".//{EVENT}item")
        saw(f"the phone is told: {item.get('id')} is {item[0].get('name')}")
        assert item.get("id") == f"room{number}@rooms.{house.domain}"
        assert item[0].get("name") == f"会议室{number}"

    answer = await phone["xep_0060"].get_items(None, NODE)
    kept = {item["id"] for item in answer["pubsub"]["items"]}
    assert kept == {f"room{number}@rooms.{house.domain}" for number in range(3)}, kept
    saw("all three can be read on the phone")

    await refused(colleague["xep_0060"].get_items(desk.bare, NODE), "not-allowed")
    nodes = await colleague["xep_0030"].get_items(desk.bare)
    assert NODE not in {item[1] for item in nodes["disco_items"]["items"]}, nodes
    await settled(desk, colleague)
    assert not colleague.messages.rest(), "nobody else hears of it"
    saw("a colleague neither reads them nor hears of them")

    error = await refused(keep(desk, "room9", "公开", **{"pubsub#access_model": "open"}), "conflict")
    assert error.xml.find(".//{http://jabber.org/protocol/pubsub#errors}precondition-not-met") is not None
    saw("who wants the node open is refused, as the node is not")

    await desk["xep_0060"].retract(None, NODE, f"room1@rooms.{house.domain}", notify=True)
    message = await phone.messages.next(
        lambda message: message.xml.find(f".//{EVENT}retract") is not None, "the end of a bookmark"
    )
    saw(f"the phone is told that {message.xml.find(f'.//{EVENT}retract').get('id')} is gone")
    await reading_position(house, desk, phone)


async def interested(house, resource):
    client = await house.sign_in("li.na", resource, plugins=PLUGINS)
    for node in (NODE, "urn:xmpp:mds:displayed:0"):
        client["xep_0030"].add_feature(f"{node}+notify")
    return await client.become_available()


async def reading_position(house, desk, phone):
    """XEP-0490: what was read on one client is read on the others."""
    node = "urn:xmpp:mds:displayed:0"
    payload = ET.Element(f"{{{node}}}displayed")
    ET.SubElement(payload, "{urn:xmpp:sid:0}stanza-id", {"by": desk.bare, "id": "42"})
    await desk["xep_0060"].publish(
        None, node, id=house.address("wang.wei"), payload=payload, options=options(desk)
    )
    message = await phone.messages.next(events(node), "the news of what was read")
    item = message.xml.find(f".//{EVENT}item")
    read = item.find(".//{urn:xmpp:sid:0}stanza-id")
    saw(f"read up to {read.get('id')} in the conversation with {item.get('id')}")
    assert (item.get("id"), read.get("id"), read.get("by")) == (house.address("wang.wei"), "42", desk.bare)


play(scene)
