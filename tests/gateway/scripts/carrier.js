// A carrier for the scenes, made of the npm package `smpp`: says what it gets and does what it is told, a line of
// JSON each. What phones write waits until the gateway has answered, over restarts of the gateway.
"use strict";
const smpp = require("smpp");
const fs = require("fs");
const readline = require("readline");

const [port, prefix, key, cert] = process.argv.slice(2);
const waiting = [];
let session = null;
let count = 0;
let state = "DELIVRD";
let refusals = [];
let silent = 0;

const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

/** What is handed over once more on every connection until it is answered. */
function hand(letter) {
  if (!session || letter.isUnderWay) return;
  letter.isUnderWay = true;
  const here = session;
  here.deliver_sm(letter.pdu, (answer) => {
    letter.isUnderWay = false;
    if (answer.command_status !== 0) return say({ rejected: answer.command_status });
    waiting.splice(waiting.indexOf(letter), 1);
    say({ answered: letter.name });
  });
}

function deliver(name, pdu) {
  const letter = { name, pdu, isUnderWay: false };
  waiting.push(letter);
  hand(letter);
}

function receipt(pdu, id) {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611270800 done date:2611270801 stat:${state} err:000 text:`;
  deliver(id, {
    source_addr_ton: 1,
    source_addr: pdu.destination_addr,
    destination_addr: pdu.source_addr,
    esm_class: 4,
    short_message: text,
  });
}

function submitted(from, pdu) {
  const refusal = refusals.shift();
  if (refusal) {
    say({ refused: refusal });
    return from.send(pdu.response({ command_status: refusal }));
  }
  const id = `${prefix}${++count}`;
  const { udh, message } = pdu.short_message;
  say({
    submit: {
      id,
      to: pdu.destination_addr,
      from: pdu.source_addr,
      coding: pdu.data_coding,
      udh: udh ? Buffer.concat(udh).toString("hex") : "",
      text: Buffer.isBuffer(message) ? message.toString("hex") : message,
    },
  });
  if (silent > 0) silent -= 1;
  else from.send(pdu.response({ message_id: id }));
  if (pdu.registered_delivery & 1 && state) receipt(pdu, id);
}

function arrived(peer) {
  peer.on("error", () => {});
  peer.on("bind_transceiver", (pdu) => {
    if (pdu.system_id !== "posthouse" || pdu.password !== "geheim") {
      say({ turnedAway: pdu.system_id });
      return peer.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
    }
    peer.send(pdu.response({ system_id: "carrier" }));
    session = peer;
    say({ bound: pdu.interface_version });
    waiting.forEach((letter) => (letter.isUnderWay = false));
    [...waiting].forEach(hand);
  });
  peer.on("submit_sm", (pdu) => submitted(peer, pdu));
  peer.on("enquire_link", (pdu) => peer.send(pdu.response()));
  peer.on("unbind", (pdu) => {
    peer.send(pdu.response());
    peer.close();
    say({ unbound: true });
  });
  peer.on("close", () => {
    if (session === peer) session = null;
  });
}

const secret = key ? { key: fs.readFileSync(key), cert: fs.readFileSync(cert) } : {};
const server = smpp.createServer(secret, arrived);
server.listen(Number(port), "127.0.0.1", () => say({ listening: server.address().port }));

const orders = {
  write: ({ from, text, parts }) =>
    (parts || [null]).forEach((part, index) => {
      const message = part ? { udh: Buffer.from(part.udh, "hex"), message: part.text } : text;
      deliver(`${from} ${index}`, {
        source_addr_ton: 1,
        source_addr: from.replace("+", ""),
        destination_addr: "10690001",
        esm_class: part ? 0x40 : 0,
        data_coding: 8,
        short_message: message,
      });
    }),
  receipts: (order) => (state = order.state),
  refuse: (order) => (refusals = order.statuses),
  echo: () => say({ echo: true }),
  silent: (order) => (silent = order.count),
};
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const order = JSON.parse(line);
  orders[order.order](order);
});
