"""Ad-hoc commands (XEP-0050): a client that knows nothing of business systems gets a link into one."""

from house import play, saw


async def scene(house):
    li_na = await house.open("li.na", plugins=("xep_0004", "xep_0050"))
    commands = li_na["xep_0050"]
    listed = await commands.get_commands(house.domain)
    ((jid, node, name),) = listed["disco_items"]["items"]
    saw(f"{jid} offers {name!r}")
    assert jid == house.domain
    about = await li_na["xep_0030"].get_info(house.domain, node=node)
    assert {identity[:2] for identity in about["disco_info"]["identities"]} == {("automation", "command-node")}

    asked = (await commands.send_command(house.domain, node))["command"]
    assert asked["status"] == "executing" and asked["actions"] == {"complete"}, asked
    field = asked["form"].get_fields()["system"]
    saw(f"{asked['form']['title']!r} asks for {field['label']!r}: {field['options']}")
    assert [(option["label"], option["value"]) for option in field["options"]] == [("办公自动化", "oa")]

    answer = li_na["xep_0004"].make_form(ftype="submit")
    answer.add_field(var="system", value="oa")
    run = asked["sessionid"]
    done = await commands.send_command(
        house.domain, node, action="complete", payload=[answer], sessionid=run
    )
    done = done["command"]
    assert done["status"] == "completed" and done["sessionid"] == run, done
    link = done["form"].get_values()["url"]
    assert link.startswith("https://localhost:") and "/sso/enter?t=" in link, link
    ((kind, note),) = done["notes"]
    saw(f"{kind}: {note.partition('?')[0]}")
    assert link in note

    cancelled = await commands.send_command(house.domain, node, action="cancel", sessionid=run)
    assert cancelled["command"]["status"] == "canceled"


play(scene)
