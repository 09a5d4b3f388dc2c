"""Service discovery and caps, as clients ask before they use anything."""

from datetime import datetime, timezone

from house import play, refused, saw

PEP = "http://jabber.org/protocol/pubsub"


async def features(client, jid):
    info = (await client["xep_0030"].get_info(jid))["disco_info"]
    return info["identities"], info["features"]


async def scene(house):
    li_na = await house.open("li.na", plugins=("xep_0115", "xep_0128", "xep_0092", "xep_0012", "xep_0202"))
    identities, server = await features(li_na, house.domain)
    saw(f"the server is {[identity[:2] for identity in identities]}")
    saw(f"and knows {sorted(server)}")
    assert ("server", "im") in {identity[:2] for identity in identities}
    wanted = {"http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "urn:xmpp:ping",
              "urn:xmpp:carbons:2", "urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0", "msgoffline",
              "urn:xmpp:blocking", "vcard-temp", "jabber:iq:version", "urn:xmpp:time", "jabber:iq:last",
              "jabber:iq:search", "jabber:iq:private", "jabber:iq:roster"}
    assert wanted <= server, wanted - server

    identities, account = await features(li_na, li_na.bare)
    saw(f"an account is {[identity[:2] for identity in identities]}")
    assert {("account", "registered"), ("pubsub", "pep")} <= {identity[:2] for identity in identities}
    wanted = {"urn:xmpp:mam:2", f"{PEP}#publish-options", f"{PEP}#access-whitelist", f"{PEP}#persistent-items",
              f"{PEP}#auto-create", f"{PEP}#filtered-notifications", f"{PEP}#multi-items"}
    assert wanted <= account, wanted - account

    assert "caps" in li_na.features, "the stream's features carry the server's caps"
    ver = await li_na["xep_0115"].get_verstring(house.domain)
    known = await li_na["xep_0115"].get_caps(verstring=ver)
    saw(f"the server's caps {ver} prove {len(known['features'])} features")
    assert set(known["features"]) == server, "the hash was checked by the library"
    await refused(li_na["xep_0030"].get_info(house.domain, "no-such-node"), "item-not-found")
    await li_na["xep_0030"].get_items(house.domain)
    await others(house, li_na)


async def others(house, li_na):
    """What one client asks another, through the server."""
    colleague = await house.open("wang.wei", plugins=("xep_0115", "xep_0092"))
    info = (await li_na["xep_0030"].get_info(colleague.full))["disco_info"]
    assert "jabber:iq:version" in info["features"]
    version = (await li_na["xep_0092"].get_version(colleague.full))["software_version"]
    saw(f"the colleague's client is {version['name']} {version['version']}")
    assert version["name"] == "Slixmpp"
    presence = await li_na.presences.next(lambda one: one["from"].full == colleague.full, "a presence with caps")
    assert presence["caps"]["hash"] == "sha-1" and presence["caps"]["ver"]
    await questions(house, li_na, colleague)


async def questions(house, li_na, colleague):
    """Ping, time, version, last activity, and what nobody knows."""
    for jid in (house.domain, li_na.bare, li_na.full, colleague.full):
        await li_na["xep_0199"].send_ping(jid)
    version = (await li_na["xep_0092"].get_version(house.domain))["software_version"]
    saw(f"the server calls itself {version['name']!r} {version['version']!r}")
    assert version["name"] and not any(digit.isdigit() for digit in version["version"])
    time = (await li_na["xep_0202"].get_entity_time(house.domain))["entity_time"].xml
    # The library puts a second Z behind the time before it reads it.
    utc, zone = (time.find(f"{{urn:xmpp:time}}{name}").text for name in ("utc", "tzo"))
    saw(f"its time is {utc} {zone}")
    passed = datetime.now(timezone.utc) - datetime.fromisoformat(utc.replace("Z", "+00:00"))
    assert utc.endswith("Z") and abs(passed.total_seconds()) < 60 and zone
    uptime = (await li_na["xep_0012"].get_last_activity(house.domain))["last_activity"]["seconds"]
    there = (await li_na["xep_0012"].get_last_activity(colleague.bare))["last_activity"]["seconds"]
    await colleague.sign_out()
    left = (await li_na["xep_0012"].get_last_activity(colleague.bare))["last_activity"]["seconds"]
    saw(f"the server runs for {uptime} s; the colleague is there: {there}, left {left} s ago")
    assert there == 0 and 0 <= left < 30
    for jid in (house.domain, li_na.bare, None):
        iq = li_na.make_iq_get(queryxmlns="urn:example:nobody-knows", ito=jid)
        error = await refused(iq.send(), "service-unavailable")
        assert error["id"] == iq["id"]
    saw("questions that nobody knows are answered by service-unavailable")


play(scene)
