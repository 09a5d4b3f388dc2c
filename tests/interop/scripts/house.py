"""The house as a scene sees it: its people, its doors, and clients that note what they are sent."""

import asyncio
import base64
import inspect
import json
import subprocess
import sys
from pathlib import Path

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath

#: Seconds that anything may take.
PATIENCE = 20

#: A picture: one point.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

#: The authorities that this computer trusts; the house's own is not among them.
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

#: Versions before 1.9 are told of direct TLS and of addresses in another way.
IS_OLD = "use_ssl" in inspect.signature(slixmpp.ClientXMPP.connect).parameters

#: What every client of these scenes can do; a scene adds what it is about.
BASICS = ("xep_0030", "xep_0199")


def saw(line):
    """Tells what was seen."""
    print(line, flush=True)


async def within(awaitable, what):
    """Waits, but not for ever."""
    try:
        return await asyncio.wait_for(awaitable, PATIENCE)
    except asyncio.TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


class SignInFailed(Exception):
    """The server refused, with these SASL conditions, one for each try."""


class Seen:
    """Stanzas in the order they came."""

    def __init__(self, owner):
        self.owner = owner
        self.all = []
        self._fresh = []
        self._arrived = asyncio.Event()

    def note(self, stanza):
        self.all.append(stanza)
        self._fresh.append(stanza)
        self._arrived.set()

    def _take(self, fits):
        for index, stanza in enumerate(self._fresh):
            if fits(stanza):
                return self._fresh.pop(index)
        return None

    async def next(self, fits=lambda stanza: True, what="a stanza"):
        """The first that fits among those nobody has asked for yet; waits until it is there."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while (stanza := self._take(fits)) is None:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), deadline - loop.time())
            except asyncio.TimeoutError:
                sent = "\n".join(str(stanza) for stanza in self.all)
                raise AssertionError(f"{self.owner} waited in vain for {what}; there came:\n{sent}") from None
        return stanza

    def rest(self, fits=lambda stanza: True):
        """Those that fit and nobody has asked for; they are gone from here then."""
        found = [stanza for stanza in self._fresh if fits(stanza)]
        self._fresh = [stanza for stanza in self._fresh if not fits(stanza)]
        return found


class Client(slixmpp.ClientXMPP):
    """A client as the library makes it. Only the look-up of names is ours: the domain has no DNS."""

    def __init__(self, house, person, resource, *, door, mechanism, password, plugins, authority=None):
        address = house.address(person) + (f"/{resource}" if resource else "")
        super().__init__(address, password or house.password, sasl_mech=mechanism)
        self.house = house
        self.door = door
        self.is_direct = door in ("direct_tls", "any:direct")
        self.ca_certs = Path(authority or house.authority)
        self.messages = Seen(address)
        self.presences = Seen(address)
        self.pushes = Seen(address)
        self.endings = Seen(address)
        self.refusals = []
        for plugin in (*BASICS, *plugins):
            self.register_plugin(plugin)
        self.register_handler(Callback("Noted Message", StanzaPath("message"), self.messages.note))
        self.register_handler(Callback("Noted Presence", StanzaPath("presence"), self.presences.note))
        self.register_handler(Callback("Noted Push", StanzaPath("iq@type=set"), self.pushes.note))
        self.add_event_handler("stream_error", self.endings.note)
        self.add_event_handler("failed_auth", lambda failure: self.refusals.append(failure["condition"]))

    async def get_dns_records(self, domain, port=None):
        host, port = self.house.doors[self.door.split(":")[0]]
        if IS_OLD:
            return [(domain, host, port)]
        return [("xmpps-client" if self.is_direct else "xmpp-client", domain, host, port)]

    def begin(self):
        """Connects as the door wants it."""
        if IS_OLD:
            self.connect(address=(self.house.domain, 5222), use_ssl=self.is_direct)
        else:
            self.connect()

    async def sign_in(self):
        """From the first byte to the session."""
        outcome = asyncio.get_running_loop().create_future()

        def started(_):
            if not outcome.done():
                outcome.set_result(None)

        def ended(reason):
            if not outcome.done():
                outcome.set_exception(SignInFailed(*self.refusals, str(reason)))

        self.add_event_handler("session_start", started, disposable=True)
        self.add_event_handler("disconnected", ended, disposable=True)
        self.add_event_handler("ssl_invalid_chain", ended, disposable=True)
        self.add_event_handler("connection_failed", ended, disposable=True)
        self.begin()
        await within(outcome, f"{self.requested_jid} to sign in")
        return self

    async def become_available(self, **presence):
        """As clients do: roster first, then presence, with what the client can do."""
        await self.get_roster()
        if "xep_0115" in self.plugin:
            await self["xep_0115"].update_caps(broadcast=False)
        self.send_presence(**presence)
        await self.settled()
        return self

    async def settled(self):
        """Everything sent to the server before has been handled, and what it had for this client is here."""
        await within(self["xep_0199"].send_ping(self.house.domain), "the answer to a ping")

    def expects(self, event):
        """What comes with the next event of that name, counted from now; to be awaited."""
        happened = asyncio.get_running_loop().create_future()

        def note(about):
            if not happened.done():
                happened.set_result(about)

        self.add_event_handler(event, note, disposable=True)
        return within(happened, event)

    async def lose_connection(self):
        """The cable is pulled: nobody says good-bye."""
        gone = self.expects("disconnected")
        self.transport.abort()
        await gone

    async def sign_out(self):
        """Says good-bye, if there is anything to say good-bye to."""
        self.cancel_connection_attempt()
        if self.is_connected() and self.sessionstarted:
            await self.disconnect(wait=PATIENCE)
        else:
            self.abort()

    @property
    def bare(self):
        return self.boundjid.bare

    @property
    def full(self):
        return self.boundjid.full


class House:
    """A server with an organisation in it, as the runner has described it."""

    def __init__(self, facts):
        self.domain = facts["domain"]
        self.authority = facts["authority"]
        self.password = facts["password"]
        self.doors = {name: tuple(door) for name, door in facts["doors"].items()}
        self.folder = Path(facts["folder"])
        self.interface = facts.get("interface")
        self.component = facts.get("component")
        self._command = facts["administration"]
        self._clients = []

    def address(self, person):
        return f"{person}@{self.domain}"

    def client(self, person, resource="desk", *, door="starttls", mechanism=None, password=None, plugins=(),
               authority=None):
        """A client that has not signed in yet."""
        client = Client(self, person, resource, door=door, mechanism=mechanism, password=password,
                        plugins=plugins, authority=authority)
        self._clients.append(client)
        return client

    async def sign_in(self, person, resource="desk", **how):
        """A client that has signed in and said nothing else."""
        return await self.client(person, resource, **how).sign_in()

    async def open(self, person, resource="desk", **how):
        """A client that has its roster and is available."""
        client = await self.sign_in(person, resource, **how)
        return await client.become_available()

    async def told(self, what):
        """Waits until the runner signals that something has happened on its side."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not (self.folder / what).exists():
            assert asyncio.get_running_loop().time() < deadline, f"the runner did not signal {what!r}"
            await asyncio.sleep(0.05)

    def administer(self, *words):
        """Runs an administrator's command."""
        run = subprocess.run([*self._command[:1], *words, *self._command[1:]], capture_output=True, text=True)
        assert run.returncode == 0, f"{words}: {run.stdout}{run.stderr}"
        return run.stdout

    async def run(self, scene):
        try:
            await scene(self)
        finally:
            for client in self._clients:
                await client.sign_out()


async def settled(*clients):
    """What the first ones sent has reached the others."""
    for client in clients:
        await client.settled()


async def refused(awaitable, condition):
    """The request is answered with this error."""
    try:
        answer = await within(awaitable, f"the error {condition}")
    except slixmpp.exceptions.IqError as error:
        assert error.condition == condition, f"{condition} was expected: {error.iq}"
        return error.iq
    raise AssertionError(f"{condition} was expected: {answer}")


async def notices_to_decide(client, domain):
    """The commands that stand for notices which wait for a choice: node and name of each."""
    listed = await client["xep_0050"].get_commands(domain)
    items = [(node, name) for _, node, name in listed["disco_items"]["items"]]
    return [(node, name) for node, name in items if node.startswith("urn:posthouse:notice:1#")]


def play(scene):
    """Plays a scene against the house whose facts lie in the file that is the first argument."""
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    asyncio.run(House(facts).run(scene))
