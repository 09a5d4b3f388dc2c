// Reads from the page's address how the fake shall behave, and lets a script play scenes with it.

import { FakeBackend } from "./fake";

declare global {
  interface Window {
    /** The fake, for scripts that make screenshots. */
    fake?: FakeBackend;
  }
}

export function fakeFromAddress(query: URLSearchParams): FakeBackend {
  const server = query.get("server");
  const fake = new FakeBackend({
    people: Number(query.get("people") ?? 120),
    latency: Number(query.get("latency") ?? 60),
    signedIn: query.has("in"),
    lively: !query.has("quiet"),
    history: !query.has("empty"),
    saved: server === null ? null : { server, login: query.get("login") ?? "", hasPassword: false, canRemember: true },
    settings: {
      language: query.get("language") ?? "zh-CN",
      theme: query.get("theme") ?? "system",
      density: query.get("density") ?? "cozy",
    },
  });
  if (query.has("queries")) {
    const codes = [{ name: "001", help: "待办任务数" }, { name: "002", help: "报销进度" }, { name: "003", help: "剩余年假" }];
    fake.queries = { address: `query@sms.${fake.own.split("@")[1] ?? ""}`, codes };
  }
  window.fake = fake;
  return fake;
}
