"""Two clients open a stream between each other (XEP-0047): many requests to full addresses, answered in turn."""

import hashlib
import os

from house import PATIENCE, play, saw, within

PLUGINS = ("xep_0047",)


async def scene(house):
    li_na = await house.open("li.na", plugins=PLUGINS)
    colleague = house.client("wang.wei", plugins=PLUGINS)
    colleague["xep_0047"].auto_accept = True
    await colleague.sign_in()
    await colleague.become_available()
    content = os.urandom(300_000)
    begun = colleague.expects("ibb_stream_start")
    sending = await li_na["xep_0047"].open_stream(colleague.boundjid, block_size=8192)
    receiving = await begun
    gathering = colleague.loop.create_task(receiving.gather(timeout=PATIENCE))
    await within(sending.sendall(content), "the file to be sent")
    await sending.close()
    received = await within(gathering, "the file")
    saw(f"{len(received)} bytes, {hashlib.sha256(received).hexdigest()}")
    assert received == content


play(scene)
