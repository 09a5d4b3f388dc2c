"""Receipts, markers and typing, to and from an absent colleague too."""

from house import play, saw, settled

PLUGINS = ("xep_0184", "xep_0333", "xep_0085")


async def scene(house):
    li_na = await house.open("li.na", plugins=PLUGINS)
    wang_wei = await house.open("wang.wei", plugins=PLUGINS)

    typing = li_na.make_message(wang_wei.bare, mtype="chat")
    typing["chat_state"] = "composing"
    typing.send()
    state = await wang_wei.messages.next(lambda message: message["chat_state"], "typing")
    saw(f"{state['from']} is {state['chat_state']}")
    assert state["chat_state"] == "composing"

    message = li_na.make_message(wang_wei.bare, "请确认", mtype="chat")
    message["request_receipt"] = True
    message.enable("markable")
    message.send()
    received = await wang_wei.messages.next(lambda one: one["body"] == "请确认", "a message that wants a receipt")
    assert received["request_receipt"] and received.xml.find("{urn:xmpp:chat-markers:0}markable") is not None
    # The library answers by itself.
    receipt = await li_na.messages.next(lambda one: one["receipt"], "the receipt")
    saw(f"{receipt['from']} has received {receipt['receipt']}")
    assert receipt["receipt"] == message["id"]

    wang_wei["xep_0333"].send_marker(li_na.bare, message["id"], "displayed")
    marker = await li_na.messages.next(lambda one: one.xml.find("{urn:xmpp:chat-markers:0}displayed") is not None,
                                       "the marker")
    saw(f"{marker['from']} has read {marker['displayed']['id']}")
    assert marker["displayed"]["id"] == message["id"]

    await li_na.sign_out()
    late = wang_wei.make_message(li_na.bare, "稍后看", mtype="chat")
    late["request_receipt"] = True
    late.send()
    await settled(wang_wei)
    assert not wang_wei.messages.rest(lambda one: one["receipt"]), "nobody has received it yet"
    await house.open("li.na", plugins=PLUGINS)
    receipt = await wang_wei.messages.next(lambda one: one["receipt"], "the late receipt")
    saw(f"the receipt of a stored message: {receipt['receipt']}")
    assert receipt["receipt"] == late["id"]


play(scene)
