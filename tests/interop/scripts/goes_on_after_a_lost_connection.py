"""Stream management: acknowledgements, and a session that goes on after the connection was lost."""

from house import play, saw, settled


async def scene(house):
    colleague = await house.open("wang.wei")
    li_na = house.client("li.na", plugins=("xep_0198",))
    enabled = li_na.expects("sm_enabled")
    await li_na.sign_in()
    answer = await enabled
    saw(f"enabled: resumption {answer['resume']}, within {answer['max']} s, id {answer['id']}")
    assert answer["id"] and answer["resume"]
    await li_na.become_available()
    await colleague.presences.next(lambda presence: presence["from"].full == li_na.full, "the presence")

    acknowledged = li_na.expects("stanza_acked")
    li_na.send_message(colleague.bare, "请回执", mtype="chat")
    li_na["xep_0198"].request_ack()
    await acknowledged
    saw("what was sent is acknowledged")
    await colleague.messages.next(lambda message: message["body"] == "请回执", "a message")

    address = li_na.full
    await li_na.lose_connection()
    for number in range(20):
        colleague.send_message(li_na.bare, f"断线{number}", mtype="chat")
    await settled(colleague)
    assert not colleague.presences.rest(lambda presence: presence["type"] == "unavailable"), "still there"
    li_na.send_message(colleague.bare, "断线时写的", mtype="chat")

    resumed = li_na.expects("session_resumed")
    li_na.begin()
    await resumed
    saw(f"the session goes on as {li_na.full}")
    assert li_na.full == address
    bodies = [(await li_na.messages.next(lambda message: message["body"], "a message that waited"))["body"]
              for _ in range(20)]
    await li_na.settled()
    assert bodies == [f"断线{number}" for number in range(20)], bodies
    assert not li_na.messages.rest(), "nothing comes twice"
    saw("twenty messages that came meanwhile, in order, each once")
    await settled(li_na, colleague)
    assert not colleague.presences.rest(lambda presence: presence["from"].full == address), "nobody noticed"

    li_na.send_message(colleague.bare, "回来了", mtype="chat")
    await colleague.messages.next(lambda message: message["body"] == "回来了", "a message after the resumption")
    saw("the colleague has noticed nothing")
    await forgotten(house, colleague)


async def forgotten(house, colleague):
    """A session that cannot go on: a new one, and nothing is lost."""
    phone = house.client("zhao.min", plugins=("xep_0198",))
    await phone.sign_in()
    await phone.become_available()
    await phone.lose_connection()
    colleague.send_message(phone.bare, "给会话之外", mtype="chat")
    await settled(colleague)
    phone["xep_0198"].sm_id = "never-was"
    failed = phone.expects("sm_failed")
    await phone.sign_in()
    await failed
    await phone.become_available()
    message = await phone.messages.next(lambda message: message["body"] == "给会话之外", "the message")
    saw(f"after a refused resumption a new session, and the message is here: {message['body']}")


play(scene)
