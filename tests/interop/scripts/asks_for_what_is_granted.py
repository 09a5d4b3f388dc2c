"""Subscriptions (RFC 6121 section 3): within the organisation nobody has to be asked, and nobody is bothered."""

from house import play, saw, settled
from slixmpp import JID


#: What the library calls the type of presence that shows somebody there.
THERE = ("available", "away", "xa", "dnd", "chat")


def of(jid, *kinds):
    return lambda presence: presence["from"].bare == jid and (not kinds or presence["type"] in kinds)


def item_of(push, jid):
    return push["roster"]["items"][jid]


async def roster_of(client):
    iq = client.make_iq_get()
    iq.enable("roster")
    answer = await iq.send()
    return {jid.bare: item["subscription"] for jid, item in answer["roster"]["items"].items()}


async def scene(house):
    li_na = await house.open("li.na")
    phone = await house.open("li.na", "phone")
    wang_wei = await house.open("wang.wei")
    chen_jie = await house.open("chen.jie")
    # What the library would answer by itself is the server's to answer.
    everybody = (li_na, phone, wang_wei, chen_jie)
    for client in everybody:
        client.auto_authorize = None
        client.auto_subscribe = False
    await settled(*everybody)
    for client in everybody:
        client.presences.rest()
        client.pushes.rest()
    saw(f"the roster of a department: {await roster_of(wang_wei)}")
    assert chen_jie.bare in await roster_of(wang_wei)
    assert wang_wei.bare not in await roster_of(li_na), "the organisation is too large to show all"
    await far_colleague(house, li_na, phone, wang_wei)
    await near_colleague(wang_wei, chen_jie)
    await strangers(house, li_na)


async def far_colleague(house, li_na, phone, wang_wei):
    """Somebody of another department: asking is enough."""
    li_na.send_presence(pto=wang_wei.full, ptype="subscribe")
    for client in (li_na, phone):
        push = await client.pushes.next(what="a push")
        item = item_of(push, wang_wei.bare)
        saw(f"{client.full} is told: {wang_wei.bare} is {item['subscription']} under {item['name']!r}")
        assert (item["subscription"], item["name"]) == ("both", "王伟")
        granted = await client.presences.next(of(wang_wei.bare, "subscribed"), "the approval")
        assert granted["from"].full == wang_wei.bare, "from the person, not from a client"
        there = await client.presences.next(of(wang_wei.bare, *THERE), "the presence of now")
        assert there["from"].full == wang_wei.full
    wang_wei.send_presence(pshow="away")
    for client in (li_na, phone):
        presence = await client.presences.next(of(wang_wei.bare), "a change")
        assert presence["show"] == "away"
    await settled(wang_wei)
    assert not wang_wei.presences.rest(of(li_na.bare)), "who is asked for is not bothered"
    assert not wang_wei.pushes.rest()
    saw("granted at once, on all clients, and nobody was asked")

    later = await house.open("li.na", "later")
    await later.presences.next(of(wang_wei.bare, *THERE), "the presence for a client that comes later")
    await later.sign_out()

    li_na.send_presence(pto=wang_wei.bare, ptype="unsubscribe")
    for client in (li_na, phone):
        push = await client.pushes.next(what="a push")
        assert item_of(push, wang_wei.bare)["subscription"] == "none"
        gone = await client.presences.next(of(wang_wei.bare, "unavailable"), "the end of what is seen")
        assert gone["from"].full == wang_wei.full
    wang_wei.send_presence(pshow="dnd")
    await settled(wang_wei, li_na, phone)
    assert not li_na.presences.rest(of(wang_wei.bare, "dnd")) and not phone.presences.rest(of(wang_wei.bare, "dnd"))
    saw("who is no longer asked for is seen to go, and not seen again")

    li_na.send_presence(pto=wang_wei.bare, ptype="subscribe")
    await li_na.presences.next(of(wang_wei.bare, "dnd"), "the presence of now")
    li_na.pushes.rest()
    # By hand: the library's own way would end the subscription first.
    iq = li_na.make_iq_set()
    iq["roster"]["items"] = {wang_wei.bare: {"subscription": "remove"}}
    await iq.send()
    push = await li_na.pushes.next(what="a push")
    assert item_of(push, wang_wei.bare)["subscription"] == "remove"
    await li_na.presences.next(of(wang_wei.bare, "unavailable"), "the end of what is seen")
    wang_wei.send_presence()
    await settled(wang_wei, li_na)
    assert not li_na.presences.rest(of(wang_wei.bare, *THERE)), "struck off"
    assert house.address("wang.wei") not in await roster_of(li_na)
    saw("and so is who is struck off the roster")


async def near_colleague(client, near):
    """A colleague of the department is there already, and stays whatever one does."""
    client.presences.rest()
    client.pushes.rest()
    before = await roster_of(client)
    for kind in ("unsubscribe", "unsubscribed", "subscribed"):
        client.send_presence(pto=near.bare, ptype=kind)
    near.send_presence(pto=client.bare, ptype="unsubscribed")
    await settled(client, near)
    assert not client.pushes.rest() and not client.presences.rest(of(near.bare))
    assert await roster_of(client) == before
    near.send_presence(pshow="xa")
    presence = await client.presences.next(of(near.bare), "a change")
    assert presence["show"] == "xa"
    client.send_presence(pto=near.bare, ptype="subscribe")
    await client.presences.next(of(near.bare, "subscribed"), "the approval")
    await client.presences.next(of(near.bare, "xa"), "the presence of now")
    await settled(client, near)
    assert not client.pushes.rest() and not near.presences.rest(lambda one: one["type"] == "subscribe")
    saw("a colleague is seen before and behind all of it")


async def strangers(house, client):
    client.presences.rest()
    nobody = house.address("nobody")
    client.send_presence(pto=nobody, ptype="subscribe")
    declined = await client.presences.next(of(nobody), "an answer")
    saw(f"nobody: {declined['type']}")
    assert declined["type"] == "unsubscribed"
    client.send_presence(pto="someone@elsewhere.example", ptype="subscribe")
    error = await client.presences.next(of("someone@elsewhere.example"), "an error")
    saw(f"elsewhere: {error['error']['condition']}")
    assert (error["type"], error["error"]["condition"]) == ("error", "remote-server-not-found")
    client.send_presence(pto=client.bare, ptype="subscribe")
    await client.settled()
    assert client.bare not in await roster_of(client), "nobody is a contact of oneself"
    assert not client.pushes.rest(lambda iq: JID(nobody) in iq["roster"]["items"])


play(scene)
