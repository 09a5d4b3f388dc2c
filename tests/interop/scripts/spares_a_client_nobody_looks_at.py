"""Client state (XEP-0352): what can wait is held back, what matters is not."""

from house import play, saw, settled


async def scene(house):
    li_na = await house.open("li.na", plugins=("xep_0352", "xep_0085"))
    colleague = await house.open("wang.wei", plugins=("xep_0085",))
    await li_na.presences.next(lambda one: one["from"].full == colleague.full, "the presence")
    assert li_na["xep_0352"].enabled, "the server offers it"
    li_na["xep_0352"].send_inactive()
    await li_na.settled()
    for number in range(5):
        colleague.send_presence(pshow="away", pstatus=f"第{number}次")
    typing = colleague.make_message(li_na.bare, mtype="chat")
    typing["chat_state"] = "composing"
    typing.send()
    await settled(colleague, li_na)
    held = li_na.presences.rest(lambda one: one["from"].full == colleague.full)
    held += li_na.messages.rest()
    assert not held, held
    saw("five presences and typing wait")

    li_na["xep_0352"].send_active()
    presence = await li_na.presences.next(lambda one: one["from"].full == colleague.full, "the last presence")
    await li_na.settled()
    more = li_na.presences.rest(lambda one: one["from"].full == colleague.full)
    saw(f"active again: {presence['status']}, and {len(more)} more")
    assert presence["status"] == "第4次" and not more, "only the newest of each kind"

    li_na["xep_0352"].send_inactive()
    await li_na.settled()
    colleague.send_message(li_na.bare, "急事", mtype="chat")
    message = await li_na.messages.next(lambda one: one["body"] == "急事", "a message")
    saw(f"a message comes at once: {message['body']}")


play(scene)
