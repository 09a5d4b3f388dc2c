"""Messages to the person and to one client; what the words carry with them arrives as it was sent."""

from house import play, saw, settled
from slixmpp.xmlstream import ET

LONG = "长" * 60_000


def body(text):
    return lambda message: message["body"] == text


async def scene(house):
    li_na = await house.open("li.na")
    wang_wei = await house.open("wang.wei")
    li_na.send_message(wang_wei.bare, "你好，王伟 👋 <&>\"'", mtype="chat")
    message = await wang_wei.messages.next(lambda message: message["body"], "a message")
    saw(f"{message['from']} to {message['to']}: {message['body']}")
    assert message["body"] == "你好，王伟 👋 <&>\"'"
    assert (message["from"].full, message["to"].bare, message["type"]) == (li_na.full, wang_wei.bare, "chat")
    message.reply("收到").send()
    answer = await li_na.messages.next(body("收到"), "the answer")
    saw(f"{answer['from']} to {answer['to']}: {answer['body']}")
    assert (answer["from"].full, answer["to"].full) == (wang_wei.full, li_na.full)

    await strange_children(li_na, wang_wei)
    await many_in_order(li_na, wang_wei)
    li_na.send_message(wang_wei.bare, LONG, mtype="chat")
    await wang_wei.messages.next(body(LONG), "a long message")
    saw(f"a message of {len(LONG.encode())} bytes arrives")
    await several_clients(house, li_na, wang_wei)
    await errors(house, li_na)


async def strange_children(sender, receiver):
    """Nobody here knows these elements; they arrive all the same."""
    message = sender.make_message(receiver.full, "mit Anhang", mtype="chat")
    message["subject"] = "主题"
    message["thread"] = "t-1"
    strange = ET.SubElement(message.xml, "{urn:example:strange}outer", {"mark": "ä'\"<"})
    ET.SubElement(strange, "{urn:example:other}inner").text = "文字"
    message.send()
    received = await receiver.messages.next(body("mit Anhang"), "a message with strange children")
    outer = received.xml.find("{urn:example:strange}outer")
    assert outer is not None and outer.get("mark") == "ä'\"<"
    assert outer.find("{urn:example:other}inner").text == "文字"
    assert (received["subject"], received["thread"], received["id"]) == ("主题", "t-1", message["id"])
    saw("subject, thread, id and elements nobody knows arrive as they were")


async def many_in_order(sender, receiver):
    for number in range(200):
        sender.send_message(receiver.bare, f"第{number}条", mtype="chat")
    await settled(sender, receiver)
    bodies = [message["body"] for message in receiver.messages.rest(lambda message: message["body"])]
    assert bodies == [f"第{number}条" for number in range(200)], bodies
    saw("two hundred messages arrive in order, each once")


async def several_clients(house, sender, desk):
    """RFC 6121 section 8.5.2: to the person means all clients, and none with a priority below zero."""
    phone = await house.open("wang.wei", "phone")
    silent = await house.sign_in("wang.wei", "silent")
    await silent.become_available(ppriority=-1)
    sender.send_message(desk.bare, "给所有人", mtype="chat")
    for client in (desk, phone):
        await client.messages.next(body("给所有人"), f"a message for {client.full}")
    sender.send_message(phone.full, "只给手机", mtype="chat")
    await phone.messages.next(body("只给手机"), "a message for the phone")
    await settled(sender, desk, silent)
    assert not desk.messages.rest(lambda message: message["body"])
    assert not silent.messages.rest(lambda message: message["body"])
    saw("the person means all clients, one client means that one, a negative priority means none")
    await phone.sign_out()
    await silent.sign_out()


async def errors(house, sender):
    for address in (house.address("nobody"), "someone@elsewhere.example"):
        message = sender.make_message(address, "hallo?", mtype="chat")
        message.send()
        error = await sender.messages.next(lambda stanza: stanza["type"] == "error", f"an error from {address}")
        saw(f"{address}: {error['error']['condition']}")
        assert error["id"] == message["id"] and error["from"].bare == address
        assert error["error"]["condition"] in ("service-unavailable", "remote-server-not-found", "not-allowed",
                                               "item-not-found")


play(scene)
