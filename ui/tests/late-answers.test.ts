import { describe, expect, it } from "vitest";

import { FakeBackend } from "../src/backend/fake";
import { ConversationsState } from "../src/state/conversations.svelte";
import { SessionState } from "../src/state/session.svelte";
import { TabsState } from "../src/state/tabs.svelte";

// Answers and events come by different ways: what happened while a question was under way is newer.
describe("an answer that comes later than an event", () => {
  it("does not take the line's state back", async () => {
    const backend = new FakeBackend({ signedIn: true });
    backend.connection = async () => {
      backend.comeBack();
      return Promise.resolve({ state: "catchingUp" });
    };
    const session = new SessionState(backend);
    await session.start();
    expect(session.connection).toEqual({ state: "online" });
  });

  it("does not take the name back that the directory has given", async () => {
    const backend = new FakeBackend({ signedIn: false });
    const asked = backend.signIn;
    backend.signIn = async (form) => {
      const account = await asked(form);
      return { ...account, name: "chen.jing" };
    };
    const session = new SessionState(backend);
    await session.signIn({ server: "im.huaan.example", login: "chen.jing", password: "right", remember: false, acceptFingerprint: null });
    expect(session.account?.name).not.toBe("chen.jing");
  });

  it("does not take a badge back that was told meanwhile", async () => {
    const backend = new FakeBackend({ signedIn: true });
    await backend.resume();
    const asked = backend.businessSystems;
    backend.businessSystems = async () => {
      const answer = await asked();
      backend.tellBadges([{ system: "oa", count: 4 }]);
      return answer;
    };
    const tabs = new TabsState(backend);
    await tabs.load();
    expect(tabs.badgeOf("oa")).toBe(4);
  });

  it("does not take a new message from the recent conversations", async () => {
    const backend = new FakeBackend({ signedIn: true });
    await backend.resume();
    const asked = backend.conversations;
    const before = await asked();
    const peer = before[0]?.peer ?? "";
    backend.conversations = async () => {
      const answer = await asked();
      backend.receive(peer, "刚刚到");
      return answer;
    };
    const conversations = new ConversationsState(backend);
    await conversations.load();
    expect(conversations.of(peer)?.preview).toBe("刚刚到");
    expect(conversations.people).toHaveLength(before.length);
  });
});
