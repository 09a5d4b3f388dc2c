"""Cards made from the directory (XEP-0054) and search (XEP-0055)."""

from house import play, refused, saw
from slixmpp.plugins.xep_0054 import VCardTemp


async def scene(house):
    li_na = await house.open("li.na", plugins=("xep_0054", "xep_0055"))
    zhao_min = house.address("zhao.min")
    card = (await li_na["xep_0054"].get_vcard(zhao_min))["vcard_temp"]
    text = lambda path: [found.text for found in card.xml.iter(f"{{vcard-temp}}{path}")]
    saw(f"{text('FN')} {text('ORGNAME')} {text('ORGUNIT')} {text('TITLE')} {text('NUMBER')} {text('USERID')}")
    assert text("FN") == ["赵敏"]
    assert "财务部" in "".join(text("ORGUNIT")) and text("TITLE")[:1] == ["出纳"]
    assert "zhao.min@example.org" in text("USERID")
    assert any("13800000003" in number for number in text("NUMBER"))
    await refused(li_na["xep_0054"].get_vcard(house.address("nobody")), "service-unavailable")

    own = VCardTemp()
    own["FN"] = "董事长"
    await refused(li_na["xep_0054"].publish_vcard(own), "not-allowed")
    card = (await li_na["xep_0054"].get_vcard(li_na.bare))["vcard_temp"]
    assert card["FN"] == "李娜", "nobody gives oneself another name"
    saw("names are the administration's affair: the client is told so")
    await search(house, li_na)


async def search(house, client):
    form = await client.make_iq_get(queryxmlns="jabber:iq:search", ito=house.domain).send()
    fields = [field["var"] for field in form["search"]["form"]]
    saw(f"people are found by {fields}")
    words = {"赵敏": "zhao.min", "敏": "zhao.min", "zhaomin": "zhao.min", "zm": "zhao.min", "WANG.WEI": "wang.wei",
             "0003": "zhao.min"}
    for word, person in words.items():
        assert await found(house, client, word) == [house.address(person)], word
    assert await found(house, client, "查无此人") == []
    saw(f"found by {list(words)}")


async def found(house, client, word):
    iq = client["xep_0055"].make_search_iq(ito=house.domain)
    iq["search"]["form"].add_field(var="keyword", value=word)
    answer = await iq.send()
    form = answer["search"]["form"]
    assert next(iter(form["reported"])) == "jid"
    return [item["jid"] for item in form["items"]]


play(scene)
