"""The roster that the organisation makes: everybody, in groups of departments, versioned, and not to be spoilt."""

from house import play, refused, saw
from slixmpp import JID
from slixmpp.xmlstream import ET

DELIMITER = "{roster:delimiter}roster"


async def scene(house):
    li_na = await house.open("li.na", plugins=("xep_0049",))
    roster = (await ask(li_na, ""))["roster"]["items"]
    for jid, item in roster.items():
        saw(f"{jid} {item['name']} {item['subscription']} {item['groups']}")
    groups = {jid.user: sorted(item["groups"]) for jid, item in roster.items()}
    assert groups == {
        "chen.jie": ["总部::研发部"],
        "wang.wei": ["总部::研发部"],
        "zhao.min": ["总部::研发部", "总部::财务部::出纳组"],
    }, "all colleagues, and not oneself"
    assert roster[JID(house.address("wang.wei"))]["name"] == "王伟"
    assert all(item["subscription"] == "both" for item in roster.values())
    await delimiter(li_na)
    await versions(house, li_na)
    await own_names(house, li_na)
    await not_to_be_removed(house, li_na)
    await organisation_changes(house, li_na)


async def delimiter(client):
    """XEP-0083 in XEP-0049."""
    iq = client.make_iq_get()
    query = ET.SubElement(iq.xml, "{jabber:iq:private}query")
    ET.SubElement(query, DELIMITER)
    answer = await iq.send()
    found = answer.xml.find(f".//{DELIMITER}").text
    saw(f"groups are nested by {found!r}")
    assert found == "::"


async def ask(client, version):
    iq = client.make_iq_get()
    iq["roster"]["ver"] = version
    return await iq.send()


async def versions(house, client):
    """RFC 6121 section 2.6."""
    assert "rosterver" in client.features
    first = await ask(client, "")
    version = first["roster"]["ver"]
    again = await ask(client, version)
    saw(f"version {version}: {len(first['roster']['items'])} contacts; asked again: {again}")
    assert version and first["roster"]["items"]
    assert again.xml.find("{jabber:iq:roster}query") is None, "nothing has changed, nothing is sent"
    old = await ask(client, "an old one")
    assert len(old["roster"]["items"]) == len(first["roster"]["items"])


async def own_names(house, desk):
    """A name and a group of one's own reach all of one's clients."""
    phone = await house.open("li.na", "phone")
    friend = house.address("wang.wei")
    await desk.update_roster(friend, name="小王", groups=["午饭"])
    for client in (desk, phone):
        push = await client.pushes.next(lambda iq: "roster" in iq.plugins or iq["roster"]["items"], "a push")
        item = push["roster"]["items"][friend]
        saw(f"{client.full} is told: {friend} is {item['name']} in {item['groups']}")
        assert (item["name"], item["groups"], item["subscription"]) == ("小王", ["午饭"], "both")
    await phone.sign_out()


async def not_to_be_removed(house, client):
    """Taking a colleague away is answered, changes nothing and starts no quarrel."""
    friend = house.address("wang.wei")
    await client.del_roster_item(friend)
    push = await client.pushes.next(lambda iq: iq["roster"]["items"], "a push")
    item = push["roster"]["items"][friend]
    saw(f"after taking away one's own entry: {item['name']} {item['groups']} {item['subscription']}")
    assert (item["name"], item["groups"], item["subscription"]) == ("王伟", ["总部::研发部"], "both")
    await refused(client.del_roster_item(friend), "not-allowed")
    await client.settled()
    assert not client.pushes.rest(), "a refused change is told to nobody"
    assert (await ask(client, ""))["roster"]["items"][JID(friend)]["subscription"] == "both"


async def organisation_changes(house, client):
    """What the administrator changes is pushed."""
    friend = house.address("chen.jie")
    house.administer("user", "set", "chen.jie", "--name", "陈杰")
    push = await client.pushes.next(lambda iq: iq["roster"]["items"], "a push")
    saw(f"the administrator gave a new name: {push['roster']['items'][friend]['name']}")
    assert push["roster"]["items"][friend]["name"] == "陈杰"


play(scene)
