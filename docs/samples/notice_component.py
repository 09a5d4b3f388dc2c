"""A component that sends a notice and waits until the receiver has chosen; Python 3 and slixmpp 1.8 or newer.

POSTHOUSE_COMPONENT is where the server takes components, such as 127.0.0.1:5347, POSTHOUSE_DOMAIN the server's domain;
COMPONENT_DOMAIN and COMPONENT_SECRET stand in [[components]] of server.toml. The argument is who gets the notice. The
administrator has said that this component stands for a business system:
posthouse-server application set oa --component DOMAIN
"""

import asyncio
import os
import sys
import xml.etree.ElementTree as ET

from slixmpp import ComponentXMPP
from slixmpp.exceptions import IqError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

NOTICE = "urn:posthouse:notice:1"
SEND = f"""
<send xmlns='{NOTICE}' title='请假待审批' idempotency-key='leave-17'>
  <to><person/></to>
  <text>陈静，3天</text>
  <action id='approve' label='同意' style='primary'/>
  <action id='reject' label='驳回'><input name='why' label='理由'/></action>
</send>
"""


class System(ComponentXMPP):
    def __init__(self, domain, secret, host, port):
        super().__init__(domain, secret, host, port)
        self.heard = asyncio.Queue()
        progress = MatchXPath(f"{{{self.default_ns}}}iq/{{{NOTICE}}}progress")
        self.register_handler(Callback("progress", progress, self.note))

    def note(self, iq):
        # What is kept here is the system's now. A real one writes it to its disk first.
        for event in iq.xml.iter(f"{{{NOTICE}}}event"):
            self.heard.put_nowait(event)
        # Without this answer the server would tell it again.
        iq.reply().send()

    async def send_notice(self, server, person):
        request = ET.fromstring(SEND)
        request.find(f"{{{NOTICE}}}to/{{{NOTICE}}}person").text = person
        iq = self.make_iq_set(ito=server, ifrom=self.boundjid)
        iq.append(request)
        sent = (await iq.send()).xml.find(f"{{{NOTICE}}}sent")
        for one in sent:
            print(one.get("recipient"), "does not get it:", one.get("reason"), flush=True)
        print("sent as", sent.get("id"), "to", sent.get("accepted"), flush=True)


async def main():
    host, port = os.environ["POSTHOUSE_COMPONENT"].rsplit(":", 1)
    system = System(os.environ["COMPONENT_DOMAIN"], os.environ["COMPONENT_SECRET"], host, int(port))
    started = asyncio.get_running_loop().create_future()
    system.add_event_handler("session_start", started.set_result, disposable=True)
    system.connect()
    await started
    try:
        await system.send_notice(os.environ["POSTHOUSE_DOMAIN"], sys.argv[1])
    except IqError as error:
        refusal = error.iq.xml.find(f".//{{{NOTICE}}}refusal")
        sys.exit(f"{error.condition}: {error.text} {dict(refusal.attrib) if refusal is not None else ''}")
    while True:
        event = await system.heard.get()
        chosen = event.find(f"{{{NOTICE}}}chosen")
        print(event.get("login"), event.get("kind"), flush=True)
        if chosen is not None:
            filled_in = {value.get("name"): value.text for value in chosen}
            print("chosen:", chosen.get("action"), filled_in, flush=True)
            break
    await system.disconnect()


asyncio.run(main())
