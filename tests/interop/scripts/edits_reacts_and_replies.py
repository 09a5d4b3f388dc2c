"""What newer clients put into messages passes the server and its archive as it is."""

from house import play, saw
from slixmpp.xmlstream import ET

PLUGINS = ("xep_0308", "xep_0444", "xep_0461", "xep_0424", "xep_0313", "xep_0334", "xep_0224")


def has(namespace, name):
    return lambda message: message.xml.find(f"{{{namespace}}}{name}") is not None


async def scene(house):
    li_na = await house.open("li.na", plugins=PLUGINS)
    colleague = await house.open("wang.wei", plugins=PLUGINS)
    first = li_na.make_message(colleague.bare, "会义改到三点", mtype="chat")
    first.send()
    edit = li_na.make_message(colleague.bare, "会议改到三点", mtype="chat")
    edit["replace"]["id"] = first["id"]
    edit.send()
    seen = await colleague.messages.next(has("urn:xmpp:message-correct:0", "replace"), "a correction")
    assert seen["replace"]["id"] == first["id"] and seen["body"] == "会议改到三点"
    colleague["xep_0444"].send_reactions(li_na.boundjid, first["id"], {"👍", "🎉"})
    seen = await li_na.messages.next(has("urn:xmpp:reactions:0", "reactions"), "reactions")
    assert seen["reactions"]["values"] == {"👍", "🎉"}
    reply = colleague.make_message(li_na.bare, "好的", mtype="chat")
    reply["reply"]["to"] = str(li_na.boundjid)
    reply["reply"]["id"] = first["id"]
    reply.send()
    seen = await li_na.messages.next(has("urn:xmpp:reply:0", "reply"), "a reply")
    assert seen["reply"]["id"] == first["id"]
    retraction = li_na.make_message(colleague.bare, "撤回了一条消息", mtype="chat")
    ET.SubElement(retraction.xml, "{urn:xmpp:message-retract:1}retract", {"id": first["id"]})
    retraction.send()
    await colleague.messages.next(has("urn:xmpp:message-retract:1", "retract"), "a retraction")
    attention = li_na.make_message(colleague.bare, mtype="headline")
    attention["attention"] = True
    attention.send()
    await colleague.messages.next(has("urn:xmpp:attention:0", "attention"), "a call for attention")
    saw("a correction, reactions, a reply, a retraction and a call for attention arrive")
    await archived(li_na, first["id"])


async def archived(client, id):
    found = [message["mam_result"]["forwarded"]["stanza"]
             async for message in client["xep_0313"].iterate(rsm={"max": 20})]
    kinds = [child.tag for message in found for child in message.xml]
    for kind in ("{urn:xmpp:message-correct:0}replace", "{urn:xmpp:reactions:0}reactions",
                 "{urn:xmpp:reply:0}reply", "{urn:xmpp:message-retract:1}retract"):
        assert kinds.count(kind) == 1, (kind, kinds)
    assert found[0]["id"] == id and len(found) == 5
    saw("and stand in the archive, each once")


play(scene)
