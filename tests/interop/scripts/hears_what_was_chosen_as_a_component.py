"""The component of the documentation's sample sends a notice, and hears what was chosen by a command."""

import asyncio
import os
import sys
from pathlib import Path

from house import notices_to_decide, play, saw, within

SAMPLE = Path(__file__).resolve().parents[3] / "docs" / "samples" / "notice_component.py"
ADDRESS = "oa@notices."


async def scene(house):
    house.administer("application", "create", "oa", "--title", "办公自动化", "--everyone")
    house.administer("application", "set", "oa", "--component", house.component["domain"])
    li_na = await house.open("li.na", plugins=("xep_0004", "xep_0050"))
    variables = {
        "POSTHOUSE_COMPONENT": house.component["address"],
        "POSTHOUSE_DOMAIN": house.domain,
        "COMPONENT_DOMAIN": house.component["domain"],
        "COMPONENT_SECRET": house.component["secret"],
        "PYTHONIOENCODING": "utf-8",
    }
    sample = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-W", "ignore", SAMPLE, "li.na", env=os.environ | variables,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        message = await li_na.messages.next(lambda it: it["from"].bare == ADDRESS + house.domain, "the notice")
        saw(f"{message['from']} writes {message['body']!r}")
        assert message["body"] == "请假待审批\n陈静，3天"
        commands = li_na["xep_0050"]
        ((node, _),) = await notices_to_decide(li_na, house.domain)
        asked = (await commands.send_command(house.domain, node))["command"]
        answer = li_na["xep_0004"].make_form(ftype="submit")
        answer.add_field(var="action", value="reject")
        answer.add_field(var="reject/why", value="人手不够")
        run = asked["sessionid"]
        await commands.send_command(house.domain, node, action="complete", payload=[answer], sessionid=run)
        said, _ = await within(sample.communicate(), "the sample to hear what was chosen")
    finally:
        if sample.returncode is None:
            sample.kill()
    lines = said.decode().splitlines()
    for line in lines:
        saw(f"the component: {line}")
    assert sample.returncode == 0, sample.returncode
    assert lines[0].startswith("sent as m-") and lines[0].endswith(" to 1"), lines
    assert lines[-2:] == ["li.na acted", "chosen: reject {'why': '人手不够'}"], lines
    assert "li.na pushed" in lines, lines


play(scene)
