"""Notices in a client that knows nothing of them: what is to be decided is a command (XEP-0050) with a form (XEP-0004)."""

import asyncio
import json
import urllib.request

from house import notices_to_decide, play, refused, saw

ADDRESS = "oa@notices."


def ask(house, key, path, body=None):
    """The business system asks the server."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{house.interface}{path}", data)
    request.add_header("Authorization", f"Bearer {key}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


async def scene(house):
    key = house.administer("application", "create", "oa", "--title", "办公自动化", "--everyone").split()[0]
    li_na = await house.open("li.na", plugins=("xep_0004", "xep_0050"))
    notice = {
        "to": {"people": ["li.na"]},
        "title": "请假待审批",
        "text": "王伟，3天",
        "actions": [
            {"id": "approve", "label": "同意", "style": "primary"},
            {"id": "reject", "label": "驳回", "inputs": [{"name": "why", "label": "理由", "required": True}]},
        ],
    }
    sent = await asyncio.to_thread(ask, house, key, "/api/v1/messages", notice)
    message = await li_na.messages.next(lambda it: it["from"].bare == ADDRESS + house.domain, "the notice")
    saw(f"{message['from']} writes {message['body']!r}")
    assert message["body"] == "请假待审批\n王伟，3天"

    commands = li_na["xep_0050"]
    ((node, name),) = await notices_to_decide(li_na, house.domain)
    saw(f"to be decided: {name!r}")
    assert name == "办公自动化：请假待审批"
    about = await li_na["xep_0030"].get_info(house.domain, node=node)
    assert {identity[:2] for identity in about["disco_info"]["identities"]} == {("automation", "command-node")}
    asked = (await commands.send_command(house.domain, node))["command"]
    assert asked["status"] == "executing", asked
    form = asked["form"]
    choice = form.get_fields()["action"]
    saw(f"{form['title']!r}, {form['instructions']!r}: {choice['options']}")
    assert form["instructions"] == "王伟，3天"
    assert [(it["label"], it["value"]) for it in choice["options"]] == [("同意", "approve"), ("驳回", "reject")]

    def send(**values):
        answer = li_na["xep_0004"].make_form(ftype="submit")
        for name, value in values.items():
            answer.add_field(var=name.replace("__", "/"), value=value)
        run = asked["sessionid"]
        return commands.send_command(house.domain, node, action="complete", payload=[answer], sessionid=run)

    await refused(send(action="reject"), "not-acceptable")
    done = (await send(action="reject", reject__why="人手不够"))["command"]
    ((_, note),) = done["notes"]
    saw(note)
    assert done["status"] == "completed" and "驳回" in note
    ((_, note),) = (await send(action="approve"))["command"]["notes"]
    saw(note)
    assert "您已经处理过了" in note
    shown = await asyncio.to_thread(ask, house, key, f"/api/v1/messages/{sent['id']}")
    acted = [it for it in shown["recipients"][0]["events"] if it["event"] == "acted"]
    saw(f"the business system is told {acted}")
    assert len(acted) == 1 and "人手不够" in acted[0]["detail"]
    assert not await notices_to_decide(li_na, house.domain)


play(scene)
