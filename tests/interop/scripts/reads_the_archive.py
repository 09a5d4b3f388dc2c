"""The archive: pages both ways, filters, single messages, its ends, preferences, and ids that fit live messages."""

from datetime import timedelta

from house import play, refused, saw, settled

PLUGINS = ("xep_0313", "xep_0441", "xep_0359")


def texts(results):
    return [result["mam_result"]["forwarded"]["stanza"]["body"] for result in results]


def ids(results):
    return [result["mam_result"]["id"] for result in results]


async def everything(client, **how):
    return [message async for message in client["xep_0313"].iterate(**how)]


async def page(client, rsm, **how):
    return await client["xep_0313"].retrieve(rsm=rsm, **how)


async def scene(house):
    li_na = await house.open("li.na", plugins=PLUGINS)
    wang_wei = await house.open("wang.wei", plugins=PLUGINS)
    zhao_min = await house.open("zhao.min", plugins=PLUGINS)
    for number in range(25):
        sender, receiver = (li_na, wang_wei) if number % 2 else (wang_wei, li_na)
        sender.send_message(receiver.bare, f"第{number}条", mtype="chat")
        await settled(sender, receiver)
    zhao_min.send_message(li_na.bare, "另一个人", mtype="chat")
    await settled(zhao_min, li_na)

    whole = await everything(li_na, rsm={"max": 7})
    spoken = [f"第{number}条" for number in range(25)] + ["另一个人"]
    saw(f"{len(whole)} messages in pages of seven, from {whole[0]['mam_result']['forwarded']['delay']['stamp']}")
    assert texts(whole) == spoken
    live = {message["body"]: stanza_id(message, li_na.bare) for message in li_na.messages.rest(has_body)}
    assert live and all(live[text] == id for text, id in zip(texts(whole), ids(whole)) if text in live)
    saw(f"{len(live)} of them came live with the same id")

    backwards = await everything(li_na, reverse=True, rsm={"max": 7})
    assert texts(backwards) == spoken[::-1], texts(backwards)
    with_one = await everything(li_na, with_jid=zhao_min.bare, rsm={"max": 7})
    assert texts(with_one) == ["另一个人"]
    await by_time(li_na, whole)
    await by_id(li_na, whole)
    await ends(li_na, whole)
    await preferences(li_na, wang_wei)
    await strangers(li_na, wang_wei)


def has_body(message):
    return bool(message["body"])


def stanza_id(message, by):
    found = [one.get("id") for one in message.xml.findall("{urn:xmpp:sid:0}stanza-id") if one.get("by") == by]
    assert len(found) == 1, message
    return found[0]


async def by_time(client, whole):
    moments = [message["mam_result"]["forwarded"]["delay"]["stamp"] for message in whole]
    since = await everything(client, start=moments[10], rsm={"max": 50})
    assert texts(since) == texts(whole[10:]), texts(since)
    until = await everything(client, end=moments[10], rsm={"max": 50})
    # The library writes whole microseconds; the archive has no finer ones.
    assert texts(until) == texts(whole[:11]), texts(until)
    nothing = await everything(client, start=moments[-1] + timedelta(days=1), rsm={"max": 50})
    assert nothing == []
    saw("filters by time take both ends in")


async def by_id(client, whole):
    known = ids(whole)
    after = await page(client, {"max": 3, "after": known[4]})
    fin = after.xml.find("{urn:xmpp:mam:2}fin")
    assert ids(after["mam"]["results"]) == known[5:8]
    assert fin.get("complete") is None, "there are more"
    last = await page(client, {"max": 3, "after": known[-3]})
    assert ids(last["mam"]["results"]) == known[-2:]
    assert last.xml.find("{urn:xmpp:mam:2}fin").get("complete") == "true"
    before = await page(client, {"max": 3, "before": known[4]})
    assert ids(before["mam"]["results"]) == known[1:4]
    assert await ask(client, {}, {"max": "2", "before": True}) == known[-2:], "the newest page"
    await refused(page(client, {"max": 3, "after": "no-such-id"}), "item-not-found")
    saw("pages after, before and at the end; an id that never was is not found")
    await extended(client, known)


async def extended(client, known):
    """`urn:xmpp:mam:2#extended`."""
    form = await client["xep_0313"].get_fields()
    fields = set(form.get_fields())
    saw(f"the archive can be asked by {sorted(fields)}")
    assert {"start", "end", "with", "before-id", "after-id", "ids"} <= fields
    chosen = await ask(client, {"ids": [known[3], known[9]]})
    assert chosen == [known[3], known[9]], chosen
    between = await ask(client, {"after-id": known[3], "before-id": known[6]})
    assert between == known[4:6], between


async def ask(client, fields, paging=()):
    """A query with fields that the library's own call does not know."""
    iq = client.make_iq_set()
    iq["mam"]["queryid"] = iq["id"]
    for name in paging:
        iq["mam"]["rsm"][name] = paging[name]
    for name, value in fields.items():
        iq["mam"]["form"].add_field(var=name, value=value)
    await iq.send()
    results = client.messages.rest(lambda message: message["mam_result"]["queryid"] == iq["id"])
    return ids(results)


async def ends(client, whole):
    answer = await client["xep_0313"].get_archive_metadata()
    start, end = answer["mam_metadata"]["start"], answer["mam_metadata"]["end"]
    saw(f"from {start['id']} at {start['timestamp']} to {end['id']} at {end['timestamp']}")
    assert (start["id"], end["id"]) == (ids(whole)[0], ids(whole)[-1])


async def preferences(client, colleague):
    default, *_ = await client["xep_0441"].get_preferences()
    saw(f"archived by default: {default}")
    assert default == "always"
    await client["xep_0441"].set_preferences(default="always", never=[colleague.bare], always=[])
    colleague.send_message(client.bare, "不存档", mtype="chat")
    await client.messages.next(lambda message: message["body"] == "不存档", "a message that is not archived")
    _, always, never = await client["xep_0441"].get_preferences()
    assert (set(always), {str(jid) for jid in never}) == (set(), {colleague.bare}), (always, never)
    assert "不存档" not in texts(await everything(client, rsm={"max": 50}))
    theirs = texts(await everything(colleague, rsm={"max": 50}))
    assert theirs[-1] == "不存档", "the other side's archive is the other side's affair"
    saw("what one does not want is not in one's archive")


async def strangers(client, colleague):
    await refused(client["xep_0313"].retrieve(jid=colleague.bare), "forbidden")
    saw("nobody reads another's archive")


play(scene)
