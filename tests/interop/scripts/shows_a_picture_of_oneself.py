"""Avatars (XEP-0084): published, told to colleagues who want to know, and to those who come later."""

import base64
import hashlib

from house import PICTURE, play, refused, saw, settled

PLUGINS = ("xep_0084", "xep_0115", "xep_0060", "xep_0054")
DATA = "urn:xmpp:avatar:data"
METADATA = "urn:xmpp:avatar:metadata"


def of(owner):
    event = "{http://jabber.org/protocol/pubsub#event}items"
    return lambda message: message["from"].bare == owner and any(
        items.get("node") == METADATA for items in message.xml.iter(event)
    )


async def scene(house):
    colleague = await house.open("wang.wei", plugins=PLUGINS)
    stranger = await house.open("chen.jie", plugins=("xep_0115",))
    li_na = await house.open("li.na", plugins=PLUGINS)
    avatar = li_na["xep_0084"]
    await avatar.publish_avatar(PICTURE)
    id = hashlib.sha1(PICTURE).hexdigest()
    facts = {"id": id, "type": "image/png", "bytes": str(len(PICTURE)), "width": "1", "height": "1"}
    await avatar.publish_avatar_metadata([facts])

    message = await colleague.messages.next(of(li_na.bare), "the news of a picture")
    info = message.xml.find(".//{urn:xmpp:avatar:metadata}info")
    saw(f"{message['from']} has a picture of {info.get('bytes')} bytes, {info.get('type')}")
    assert (info.get("id"), info.get("bytes")) == (id, str(len(PICTURE)))
    answer = await colleague["xep_0084"].retrieve_avatar(li_na.bare, id)
    item = answer["pubsub"]["items"]["item"]
    assert item["avatar_data"]["value"] == PICTURE, "the picture itself"
    await settled(li_na, stranger)
    assert not stranger.messages.rest(), "who does not ask for pictures gets none"
    own = await li_na.messages.next(of(li_na.bare), "the news for one's own client")
    saw(f"one's own client is told too: {own['from']}")

    late = await house.open("zhao.min", plugins=PLUGINS)
    message = await late.messages.next(of(li_na.bare), "the last picture")
    assert message.xml.find(".//{urn:xmpp:avatar:metadata}info").get("id") == id
    saw("who comes later is told of the last picture")

    assert await picture_of(colleague, li_na.bare) == PICTURE
    saw("the picture is in the card too")

    await avatar.stop()
    message = await colleague.messages.next(of(li_na.bare), "the news that there is no picture")
    assert message.xml.find(".//{urn:xmpp:avatar:metadata}info") is None
    await refused(colleague["xep_0060"].publish(li_na.bare, METADATA, id="x", payload=None), "forbidden")
    assert await picture_of(colleague, li_na.bare) is None
    saw("the picture is gone; nobody else publishes in one's name")
    await by_card(colleague, li_na)


async def picture_of(client, jid):
    """From the card (XEP-0054)."""
    answer = await client["xep_0054"].get_vcard(jid)
    found = answer.xml.find(".//{vcard-temp}BINVAL")
    return None if found is None else base64.b64decode(found.text)


async def by_card(colleague, li_na):
    """Older clients set their picture in the card; newer ones hear of it all the same (XEP-0398)."""
    card = (await li_na["xep_0054"].get_vcard(li_na.bare))["vcard_temp"]
    card["PHOTO"]["TYPE"] = "image/png"
    card["PHOTO"]["BINVAL"] = PICTURE
    await li_na["xep_0054"].publish_vcard(card)
    message = await colleague.messages.next(of(li_na.bare), "the news of a picture")
    id = message.xml.find(".//{urn:xmpp:avatar:metadata}info").get("id")
    answer = await colleague["xep_0084"].retrieve_avatar(li_na.bare, id)
    assert answer["pubsub"]["items"]["item"]["avatar_data"]["value"] == PICTURE
    saw("a picture set in the card is told as well")


play(scene)
