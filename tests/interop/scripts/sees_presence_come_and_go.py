"""Presence: what is shown to those who are there, to those who come later, and at the end."""

from house import play, saw, settled


def of(jid, kind=None):
    return lambda presence: presence["from"].full == jid and (kind is None or presence["type"] == kind)


async def scene(house):
    li_na = await house.open("li.na")
    wang_wei = await house.sign_in("wang.wei")
    await wang_wei.settled()
    assert not li_na.presences.rest(lambda presence: presence["from"].bare == wang_wei.bare)
    await wang_wei.become_available(pstatus="在写代码", ppriority=5)
    presence = await li_na.presences.next(of(wang_wei.full), "the colleague's presence")
    saw(f"there: {presence['from']} {presence['type']} {presence['status']!r} {presence['priority']}")
    assert (presence["type"], presence["status"], presence["priority"]) == ("available", "在写代码", 5)
    back = await wang_wei.presences.next(of(li_na.full), "the presence of who was there before")
    saw(f"who comes is told who is there: {back['from']}")

    for show in ("away", "xa", "dnd", "chat"):
        wang_wei.send_presence(pshow=show, pstatus=f"现在{show}")
        presence = await li_na.presences.next(of(wang_wei.full), show)
        assert (presence["show"], presence["status"]) == (show, f"现在{show}"), presence
    saw("away, xa, dnd and chat arrive with their words")

    late = await house.open("zhao.min")
    presence = await late.presences.next(of(wang_wei.full), "the presence of who was there before")
    assert (presence["show"], presence["status"]) == ("chat", "现在chat")
    saw("who comes later sees the last word")

    late.send_presence(pto=wang_wei.bare, ptype="probe")
    answer = await late.presences.next(of(wang_wei.full), "the answer to a probe")
    assert answer["status"] == "现在chat"
    saw("a probe is answered")

    wang_wei.send_presence(ptype="unavailable", pstatus="下班了")
    presence = await li_na.presences.next(of(wang_wei.full, "unavailable"), "the colleague's leave")
    saw(f"gone: {presence['status']!r}")
    assert presence["status"] == "下班了"
    await settled(wang_wei, li_na)
    wang_wei.send_presence()
    await li_na.presences.next(of(wang_wei.full, "available"), "the colleague's return")

    phone = await house.open("wang.wei", "phone")
    await li_na.presences.next(of(phone.full, "available"), "the second client")
    own = await wang_wei.presences.next(of(phone.full, "available"), "one's own second client")
    saw(f"one's own clients see each other: {own['from']}")
    await phone.sign_out()
    await li_na.presences.next(of(phone.full, "unavailable"), "the end of the second client")
    await wang_wei.lose_connection()
    await li_na.presences.next(of(wang_wei.full, "unavailable"), "the end of a lost client")
    saw("a client that says good-bye and one that is lost are both shown as gone")


play(scene)
