"""A colleague who uses this library, while the runner is somebody with our client."""

import hashlib

from house import PICTURE, play, saw

PLUGINS = ("xep_0184", "xep_0333", "xep_0085", "xep_0084", "xep_0115")


def marked(name):
    return lambda message: message.xml.find(f"{{urn:xmpp:chat-markers:0}}{name}") is not None


async def scene(house):
    wang_wei = await house.open("wang.wei", plugins=PLUGINS)
    await wang_wei["xep_0084"].publish_avatar(PICTURE)
    id = hashlib.sha1(PICTURE).hexdigest()
    await wang_wei["xep_0084"].publish_avatar_metadata(
        [{"id": id, "type": "image/png", "bytes": str(len(PICTURE))}]
    )
    question = await wang_wei.messages.next(lambda message: message["body"], "the question")
    saw(f"{question['from']} asks {question['body']!r}: {question}")
    assert question["from"].bare == house.address("li.na") and question["type"] == "chat"
    assert question["body"] == "三点可以吗？" and question["request_receipt"]
    assert marked("markable")(question), "our client wants to know whether it was read"

    await house.told("typing is watched")
    typing = wang_wei.make_message(question["from"].bare, mtype="chat")
    typing["chat_state"] = "composing"
    typing.send()
    wang_wei["xep_0333"].send_marker(question["from"].bare, question["id"], "displayed")
    answer = wang_wei.make_message(question["from"].bare, "可以 👍", mtype="chat")
    answer["request_receipt"] = True
    answer.enable("markable")
    answer.send()
    receipt = await wang_wei.messages.next(lambda message: message["receipt"], "a receipt")
    assert receipt["receipt"] == answer["id"]
    displayed = await wang_wei.messages.next(marked("displayed"), "that the answer was read")
    assert displayed["displayed"]["id"] == answer["id"]
    saw("the answer was received and read")
    await wang_wei.sign_out()

    await house.told("written")
    wang_wei = await house.open("wang.wei", plugins=PLUGINS)
    late = await wang_wei.messages.next(lambda message: message["body"], "what was written meanwhile")
    saw(f"written meanwhile: {late['body']!r}")
    assert late["body"] == "改到四点"
    assert late.xml.find("{urn:xmpp:delay}delay") is not None
    await wang_wei.settled()
    assert not wang_wei.messages.rest(lambda message: message["body"]), "each once"


play(scene)
