import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { composer, lastMessage, openRecent, openWindow, shownMessages } from "./window";

describe("a conversation", () => {
  it("opens with the cursor in the composer and the divider above the first unread message", async () => {
    const { user } = await openWindow();
    await openRecent(user, 0);
    expect(document.activeElement).toBe(composer());
    const divider = await screen.findByTestId("unread-divider");
    expect(divider.textContent).toBe("以下为新消息");
    expect(divider.nextElementSibling?.textContent).toContain("总经理同意了。");
  });

  it("sends by Enter, breaks the line by Shift+Enter", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    await user.keyboard("第一行{Shift>}{Enter}{/Shift}第二行{Enter}");
    await waitFor(() => expect(shownMessages().at(-1)).toBe("第一行\n第二行"));
    expect(composer().value).toBe("");
    expect(lastMessage().dataset["state"]).toBe("delivered");
  });

  it("sends by Ctrl+Enter when the person wishes so", async () => {
    const { user } = await openWindow({ settings: { sendKey: "ctrlEnter" } });
    await openRecent(user);
    await user.keyboard("一{Enter}二");
    expect(composer().value).toBe("一\n二");
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(shownMessages().at(-1)).toBe("一\n二"));
  });

  it("never sends while an input method is composing", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    const before = shownMessages().length;
    await user.keyboard("ni");
    await fireEvent.compositionStart(composer());
    await fireEvent.keyDown(composer(), { key: "Enter", isComposing: true });
    await fireEvent.keyDown(composer(), { key: "Enter", keyCode: 229 });
    // WebKit: the composition ends first, then comes the Enter that ended it.
    await fireEvent.compositionEnd(composer());
    await fireEvent.keyDown(composer(), { key: "Enter" });
    expect(composer().value).toBe("ni");
    expect(shownMessages()).toHaveLength(before);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(shownMessages()).toHaveLength(before + 1));
  });

  it("does not send blanks", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    const before = shownMessages().length;
    await user.keyboard("   {Enter}");
    expect(shownMessages()).toHaveLength(before);
    expect(screen.getByTestId("send")).toHaveProperty("disabled", true);
  });

  it("shows a message written offline as queued and sends it when the line is back", async () => {
    const { backend, user } = await openWindow();
    await openRecent(user);
    backend.loseConnection(8, "serverUnreachable");
    await user.keyboard("断网时写的{Enter}");
    await waitFor(() => expect(lastMessage().dataset["state"]).toBe("queued"));
    expect(within(lastMessage()).getByTestId("message-state").getAttribute("aria-label")).toBe("等待发送");
    expect(screen.getByTestId("connection-strip").dataset["state"]).toBe("waiting");
    await user.click(screen.getByTestId("reconnect-now"));
    await waitFor(() => expect(lastMessage().dataset["state"]).toBe("delivered"));
    expect(screen.queryByTestId("connection-strip")).toBeNull();
  });

  it("offers retry, copy and delete for a refused message", async () => {
    const { backend, user } = await openWindow();
    await openRecent(user);
    backend.refuseNextMessage();
    await user.keyboard("会被拒绝{Enter}");
    await waitFor(() => expect(lastMessage().dataset["state"]).toBe("failed"));
    expect(lastMessage().textContent).toContain("您没有此项权限。");
    await user.click(screen.getByTestId("failed-more"));
    expect(within(screen.getByTestId("menu")).getAllByRole("menuitem").map((item) => item.textContent.trim())).toEqual(["重试", "复制", "删除"]);
    await user.keyboard("{Escape}");
    await user.click(screen.getByTestId("retry-message"));
    await waitFor(() => expect(lastMessage().dataset["state"]).toBe("delivered"));
  });

  it("deletes a message here after asking once", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    await user.keyboard("删掉我{Enter}");
    await waitFor(() => expect(shownMessages().at(-1)).toBe("删掉我"));
    await user.click(within(lastMessage()).getByTestId("message-more"));
    await user.click(screen.getByTestId("menu-delete"));
    await user.click(screen.getByTestId("confirm-delete"));
    await waitFor(() => expect(shownMessages()).not.toContain("删掉我"));
  });

  it("says that an absent colleague will get it later, and who is typing", async () => {
    const { backend, user } = await openWindow();
    const peer = await openRecent(user);
    backend.setPresence(peer, "offline");
    expect((await screen.findByTestId("will-wait")).textContent).toContain("不在线，消息将在对方登录后送达");
    backend.setPresence(peer, "online");
    backend.startTyping(peer);
    expect((await screen.findByTestId("typing")).textContent).toContain("正在输入…");
    backend.receive(peer, "写好了");
    await waitFor(() => expect(screen.queryByTestId("typing")).toBeNull());
    expect(shownMessages().at(-1)).toBe("写好了");
  });

  it("puts a message that arrives late in its place", async () => {
    const { backend, user } = await openWindow();
    const peer = await openRecent(user, 1);
    backend.receive(peer, "迟到的", Date.now() - 8 * 60_000);
    await waitFor(() => expect(shownMessages()).toContain("迟到的"));
    expect(shownMessages().at(-1)).not.toBe("迟到的");
  });

  it("opens links outside and never as HTML", async () => {
    const { backend, user } = await openWindow();
    const peer = await openRecent(user);
    backend.receive(peer, "<img src=x onerror=alert(1)> https://a.example/x");
    await waitFor(() => expect(shownMessages().at(-1)).toBe("<img src=x onerror=alert(1)> https://a.example/x"));
    await user.click(within(lastMessage()).getByRole("link"));
    expect(backend.opened).toEqual(["https://a.example/x"]);
  });

  it("shows the message whose notification was clicked", async () => {
    const { backend } = await openWindow();
    const peer = [...backend.company.colleagues.keys()][40] ?? "";
    const { id } = backend.receive(peer, "请点开我");
    backend.clickNotification(peer, id);
    expect((await screen.findByText("请点开我", { selector: "[data-testid=message-text]" })).closest("li")?.classList).toContain("target");
  });

  it("tells a screen reader author, text, time and state", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    await user.keyboard("你好{Enter}");
    await waitFor(() => expect(lastMessage().getAttribute("aria-label")).toMatch(/^我：你好，\d\d:\d\d，已送达$/));
  });
});

describe("the recent conversations", () => {
  it("lose their badge once read, and the rail shows the sum", async () => {
    const { user } = await openWindow();
    const [first] = await screen.findAllByTestId("recent-row");
    if (!first) throw new Error("no rows");
    expect(first.dataset["unread"]).toBe("3");
    expect(screen.getByTestId("rail-unread").dataset["count"]).toBe("5");
    await user.click(first);
    await waitFor(() => expect(within(first).queryByTestId("unread-badge")).toBeNull());
    expect(screen.getByTestId("rail-unread").dataset["count"]).toBe("2");
    expect(document.title).toBe("(2) 驿站");
  });

  it("come to the top with a new message, below the pinned ones", async () => {
    const { backend } = await openWindow();
    const rows = await screen.findAllByTestId("recent-row");
    const last = rows.at(-1)?.dataset["person"] ?? "";
    backend.receive(last, "我又来了");
    await waitFor(() => expect(screen.getAllByTestId("recent-row").map(({ dataset }) => dataset["person"]).indexOf(last)).toBe(1));
    expect(screen.getAllByTestId("recent-preview")[1]?.textContent).toContain("我又来了");
  });

  it("keep a draft, marked in the list, and give it back", async () => {
    const { user } = await openWindow();
    const peer = await openRecent(user, 0);
    await user.keyboard("还没写完");
    await openRecent(user, 1);
    expect(composer().value).toBe("");
    const row = screen.getAllByTestId("recent-row").find(({ dataset }) => dataset["person"] === peer);
    await waitFor(() => expect(row?.textContent).toContain("[草稿] 还没写完"));
    await openRecent(user, 0);
    expect(composer().value).toBe("还没写完");
  });

  it("can be pinned and closed from the menu, with Escape closing only the menu", async () => {
    const { user } = await openWindow();
    const rows = await screen.findAllByTestId("recent-row");
    const [, second] = rows;
    if (!second) throw new Error("no rows");
    await fireEvent.contextMenu(second);
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("menu")).toBeNull();
    await fireEvent.contextMenu(second);
    await user.click(screen.getByTestId("menu-close"));
    await waitFor(() => expect(screen.getAllByTestId("recent-row")).toHaveLength(rows.length - 1));
  });

  it("lead to the organisation while there are none", async () => {
    const { user } = await openWindow({ history: false });
    await user.click(await screen.findByTestId("open-organization"));
    expect(await screen.findByTestId("organization-tree")).toBeTruthy();
  });
});
