"""Private storage (XEP-0049), where older clients keep their bookmarks and notes."""

from house import play, saw
from slixmpp.plugins.xep_0048 import Bookmarks


async def scene(house):
    desk = await house.open("li.na", plugins=("xep_0049", "xep_0048"))
    bookmarks = Bookmarks()
    bookmarks.add_conference(f"lobby@rooms.{house.domain}", "李娜", autojoin=True)
    await desk["xep_0048"].set_bookmarks(bookmarks, method="xep_0049")
    await desk.sign_out()
    phone = await house.open("li.na", "phone", plugins=("xep_0049", "xep_0048"))
    kept = await phone["xep_0048"].get_bookmarks(method="xep_0049")
    rooms = [str(conference["jid"]) for conference in kept["private"]["bookmarks"]["conferences"]]
    saw(f"kept: {rooms}")
    assert rooms == [f"lobby@rooms.{house.domain}"]
    other = await house.open("wang.wei", plugins=("xep_0049", "xep_0048"))
    kept = await other["xep_0048"].get_bookmarks(method="xep_0049")
    assert not list(kept["private"]["bookmarks"]["conferences"]), "everybody has one's own"
    saw("and nobody else sees it")


play(scene)
