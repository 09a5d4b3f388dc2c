"""A second client of the same name takes the place of the first, which is told and does not come back."""

from house import play, saw


async def scene(house):
    colleague = await house.open("wang.wei")
    first = await house.open("li.na", "desk")
    gone = first.expects("disconnected")
    second = await house.open("li.na", "desk")
    assert second.full == first.full
    error = await first.endings.next(what="the reason")
    await gone
    saw(f"the first client is told {error['condition']}")
    assert error["condition"] == "conflict"
    colleague.send_message(second.full, "新的", mtype="chat")
    message = await second.messages.next(lambda one: one["body"], "a message")
    saw(f"the second one has the place: {message['body']}")


play(scene)
