"""Messages for somebody who is not there: kept, stamped, handed over in order, once."""

from datetime import datetime, timedelta, timezone

from house import play, saw, settled

DELAY = "{urn:xmpp:delay}delay"


async def scene(house):
    li_na = await house.open("li.na", plugins=("xep_0085", "xep_0334"))
    receiver = house.address("wang.wei")
    before = datetime.now(timezone.utc)
    for number in range(30):
        li_na.send_message(receiver, f"离线{number}", mtype="chat")
    fleeting(li_na, receiver)
    await settled(li_na)
    after = datetime.now(timezone.utc)
    refused = [one["error"]["condition"] for one in li_na.messages.rest(lambda one: one["type"] == "error")]
    saw(f"of what is not to be stored the sender is told: {refused}")
    assert refused == ["service-unavailable"], "of the message with words, not of typing and headlines"

    wang_wei = await house.sign_in("wang.wei", plugins=("xep_0203",))
    await wang_wei.get_roster()
    await wang_wei.settled()
    assert not wang_wei.messages.rest(), "nothing comes before the client says that it is there"
    wang_wei.send_presence()
    messages = [await wang_wei.messages.next(lambda message: message["body"], "a stored message")
                for _ in range(30)]
    await wang_wei.settled()
    assert [message["body"] for message in messages] == [f"离线{number}" for number in range(30)]
    assert not wang_wei.messages.rest(), "each once, and nothing that should not be stored"
    for message in messages:
        stamp = message.xml.find(DELAY).get("stamp")
        assert stamp.endswith("Z"), stamp
        moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
        assert before - timedelta(seconds=1) <= moment <= after + timedelta(seconds=1), (before, moment, after)
        assert message["from"].full == li_na.full
    saw(f"thirty messages, in order, each once, stamped; the last at {stamp}")
    await wang_wei.sign_out()

    again = await house.open("wang.wei")
    assert not again.messages.rest(), "what was taken once does not come again"
    saw("nothing comes twice")
    await again.sign_out()
    await busy(house, li_na)

    again = await house.open("wang.wei")
    again.send_presence(ppriority=-1)
    await again.settled()
    li_na.send_message(receiver, "später", mtype="chat")
    await settled(li_na, again)
    assert not again.messages.rest(), "a negative priority takes no messages"
    again.send_presence(ppriority=0)
    message = await again.messages.next(lambda message: message["body"] == "später", "what was kept meanwhile")
    saw(f"with a priority of zero what was kept comes: {message['body']}")


async def busy(house, sender):
    """Who is still being given what waits is there all the same: for typing, and for what is not stored."""
    receiver = house.address("zhao.min")
    for number in range(400):
        sender.send_message(receiver, f"等待{number}", mtype="chat")
    await sender.settled()
    zhao_min = await house.sign_in("zhao.min", plugins=("xep_0085",))
    zhao_min.send_presence()
    await sender.presences.next(lambda presence: presence["from"].full == zhao_min.full, "the presence")
    fleeting(sender, receiver)
    last = await zhao_min.messages.next(lambda message: message["body"] == "不要保存", "what is not stored")
    await settled(sender, zhao_min)
    assert not sender.messages.rest(lambda message: message["type"] == "error"), "nobody is told of a failure"
    came = zhao_min.messages.rest()
    assert sum(message["body"].startswith("等待") for message in came) == 400
    typing = [message for message in came if message["chat_state"] == "composing"]
    saw(f"while 400 messages are handed over, {len(typing)} typing and {last['body']!r} arrive too")
    assert len(typing) == 1


def fleeting(sender, receiver):
    """Typing, and what its sender does not want stored."""
    typing = sender.make_message(receiver, mtype="chat")
    typing["chat_state"] = "composing"
    typing.send()
    hint = sender.make_message(receiver, "不要保存", mtype="chat")
    hint.enable("no-store")
    hint.send()
    sender.send_message(receiver, "头条", mtype="headline")


play(scene)
