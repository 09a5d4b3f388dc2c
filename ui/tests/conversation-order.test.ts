import { describe, expect, it } from "vitest";

import { FakeBackend } from "../src/backend/fake";
import { type Message } from "../src/backend/generated";
import { Conversation } from "../src/state/conversation.svelte";

describe("the order of a conversation", () => {
  it("follows a message that the server has put behind another", async () => {
    const backend = new FakeBackend({ history: false });
    const peer = "zhang@house.test";
    const message = (id: number, time: number): Message => ({ id, peer, author: peer, text: String(id), time, state: "received", failure: null, sms: null, notice: null });
    const conversation = new Conversation(backend, peer);
    await conversation.open(null);
    conversation.upsert(message(1, 1000));
    conversation.upsert(message(2, 2000));
    conversation.upsert(message(1, 3000));
    expect(conversation.messages.map(({ id }) => id)).toEqual([2, 1]);
  });
});
