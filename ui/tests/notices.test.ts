import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test, vi } from "vitest";

import { BackendError } from "../src/backend/backend";
import { type Notice, type NoticeStep } from "../src/backend/generated";
import { openWindow, type Scene } from "./window";

const OA = "oa@notices.example.org";

function leave(changes: Partial<Notice> = {}): Notice {
  return {
    id: "m-17", revision: 1, state: "open", priority: "high", system: "oa", systemName: "办公自动化", icon: null, title: "请假待审批",
    text: "王磊，3 天", link: { system: "oa", path: "/todo/17" }, fields: [{ label: "天数", value: "3" }],
    actions: [
      { id: "approve", label: "同意", style: "primary", inputs: [] },
      { id: "refuse", label: "退回", style: "danger", inputs: [{ name: "why", label: "原因", required: true }] },
    ],
    expires: null, chosen: null, marked: false, underWay: false, failure: null, unread: true,
    ...changes,
  };
}

function order(changes: Partial<Notice> = {}): Notice {
  return leave({ id: "m-18", system: "erp", systemName: "企业资源计划", title: "采购单待确认", actions: [], priority: "normal", ...changes });
}

/** The tabs that were asked for; which systems are pinned is told as well. */
const opened = (backend: Scene["backend"]) => backend.tabs.asked.filter((word) => word.startsWith("open "));

const cards = () => screen.queryAllByTestId("notice");
const titles = () => cards().map((card) => within(card).getByRole("heading").textContent);

/** The list of what is to be done, with one notice. */
async function notified(notice = leave()): Promise<Scene & { id: number }> {
  const scene = await openWindow();
  const { id } = scene.backend.notify(notice);
  await scene.user.click(screen.getByTestId("rail-notices"));
  await screen.findByTestId("notice");
  return { ...scene, id };
}

// The page's own pictures have no addresses in jsdom.
URL.createObjectURL = () => "blob:picture";

describe("a notice of a business system", () => {
  test("is a card of the system, which no person looks like", async () => {
    await notified();
    for (const words of ["办公自动化", "请假待审批", "王磊，3 天", "天数", "重要"]) expect(cards()[0]?.textContent).toContain(words);
    expect(screen.queryByTestId("composer")).toBeNull();
  });

  test("opens the tab of its system at the very place", async () => {
    const { user, backend } = await notified();
    await user.click(screen.getByTestId("notice-open"));
    await screen.findByTestId("tab");
    expect(opened(backend)).toEqual(["open oa /todo/17"]);
  });

  test("has the picture of its system, also in the list of systems", async () => {
    const scene = await openWindow();
    scene.backend.tabs.pictures.set("hash-oa", { mediaType: "image/png", bytes: [1, 2, 3] });
    scene.backend.notify(leave({ icon: "hash-oa" }));
    await scene.user.click(screen.getByTestId("rail-notices"));
    expect(await within(await screen.findByTestId("notice")).findByTestId("system-picture")).toBeTruthy();
    expect(within(screen.getByTestId("notice-systems")).getByTestId("system-picture")).toBeTruthy();
  });

  test("with a link can be marked as done by hand, which is taken back as easily", async () => {
    const { user, backend } = await notified(order());
    await user.click(screen.getByTestId("notice-mark"));
    expect((await screen.findByTestId("notice-done")).textContent).toContain("您已标为已办");
    expect(screen.queryByTestId("notice-mark")).toBeNull();
    expect(screen.getByTestId("notice-open"), "it can still be looked at").toBeTruthy();
    await user.click(screen.getByTestId("filter-done"));
    await waitFor(() => expect(titles()).toEqual(["采购单待确认"]));
    await user.click(screen.getByTestId("notice-unmark"));
    await user.click(screen.getByTestId("filter-open"));
    await waitFor(() => expect(titles()).toEqual(["采购单待确认"]));
    expect(screen.getByTestId("notice-mark")).toBeTruthy();
    expect(backend.chosen, "its system hears nothing").toEqual([]);
  });

  test("that was settled while it was looked at says that it cannot be marked", async () => {
    const { user, backend } = await notified(order());
    backend.markDone = () => Promise.reject(new BackendError("notFound"));
    await user.click(screen.getByTestId("notice-mark"));
    expect((await screen.findByTestId("notice-failure")).textContent).toContain("没有成功");
  });

  test("without a link has nothing to be marked", async () => {
    await notified(order({ link: null }));
    expect(screen.queryByTestId("notice-mark")).toBeNull();
  });

  test("takes a choice once, and says which", async () => {
    const { user, backend } = await notified();
    await user.click(screen.getByText("同意"));
    expect((await screen.findByTestId("notice-done")).textContent).toContain("已选择：同意");
    expect(backend.chosen).toEqual([{ action: "approve", values: [] }]);
    expect(screen.queryByTestId("notice-action")).toBeNull();
  });

  test("says that a choice waits while there is no line", async () => {
    const { user, backend } = await notified();
    backend.loseConnection();
    await user.click(screen.getByText("同意"));
    expect((await screen.findByTestId("notice-done")).textContent).toContain("等待发送：同意");
  });

  test("says why a choice was refused, and takes another", async () => {
    const { backend, id } = await notified();
    backend.changeNotice(id, leave({ failure: "forbidden" }));
    expect((await screen.findByTestId("notice-failure")).textContent).toContain("您没有此项权限");
    expect(screen.getAllByTestId("notice-action")).toHaveLength(2);
  });

  test("asks for what a choice needs", async () => {
    const { user, backend } = await notified();
    await user.click(screen.getByText("退回"));
    expect(screen.getByTestId("notice-send")).toHaveProperty("disabled", true);
    await user.type(screen.getByTestId("notice-input"), "缺少证明");
    await user.click(screen.getByTestId("notice-send"));
    await screen.findByTestId("notice-done");
    expect(backend.chosen).toEqual([{ action: "refuse", values: [{ name: "why", text: "缺少证明" }] }]);
  });

  test("changes in place when somebody else has seen to it", async () => {
    const { backend, id } = await notified();
    backend.changeNotice(id, leave({ revision: 2, state: "handled", text: "陈静已处理" }));
    expect((await screen.findByTestId("notice-done")).textContent).toContain("已处理");
    expect(cards()).toHaveLength(1);
    expect(screen.queryByTestId("notice-action")).toBeNull();
  });

  test("asks for nothing any more when it has expired", async () => {
    const { backend, user } = await openWindow();
    backend.notify(leave({ expires: Date.now() - 1_000 }));
    await user.click(screen.getByTestId("rail-notices"));
    await screen.findByTestId("empty-state");
    await user.click(screen.getByTestId("filter-done"));
    expect((await screen.findByTestId("notice-done")).textContent).toContain("已过期");
    expect(screen.queryByTestId("notice-action")).toBeNull();
  });
});

describe("what became of a notice", () => {
  const story = () => screen.getAllByTestId("notice-step").map((step) => step.querySelector("span")?.textContent);
  const step = (kind: NoticeStep["kind"], more: Partial<NoticeStep> = {}): NoticeStep => ({ kind, time: Date.now(), action: null, detail: "", ...more });

  test("is told on demand, and anew when something happens to it", async () => {
    const { user, backend } = await notified();
    expect(screen.queryByTestId("notice-story")).toBeNull();
    await user.click(screen.getByTestId("notice-story-button"));
    await waitFor(() => expect(story().slice(0, 3)).toEqual(["已发出", "已送往电脑", "已送到电脑"]));
    await user.click(screen.getByText("同意"));
    await waitFor(() => expect(story().at(-1)).toBe("已选择：同意"));
    expect(backend.chosen).toHaveLength(1);
    await user.click(screen.getByTestId("notice-story-button"));
    expect(screen.queryByTestId("notice-story")).toBeNull();
  });

  test("says in words what went wrong on the way to the phone", async () => {
    const { user, backend } = await notified();
    const steps = [step("smsQueued"), step("smsFailed", { detail: "refused" }), step("smsFailed", { detail: "remote-server-timeout" }), step("smsFailed", { detail: "limit" })];
    backend.noticeTimeline = () => Promise.resolve([...steps, step("replied", { detail: "晚点办" }), step("acted", { action: "gone" })]);
    await user.click(screen.getByTestId("notice-story-button"));
    await waitFor(() =>
      expect(story()).toEqual(["短信已排队", "短信没有送到手机：网络三次拒绝发送", "短信没有送到手机", "短信没有送到手机：系统的短信额度已用完", "已回复：晚点办", "已选择：gone"]),
    );
  });

  test("is told in English with the day of what happened earlier", async () => {
    const { backend, user } = await openWindow({ settings: { language: "en" } });
    backend.notify(leave());
    backend.noticeTimeline = () => Promise.resolve([step("accepted", { time: Date.now() - 86_400_000 }), step("smsReported")]);
    await user.click(screen.getByTestId("rail-notices"));
    await user.click(await screen.findByTestId("notice-story-button"));
    await waitFor(() => expect(story()).toEqual(["Sent", "Text message on the phone"]));
    const times = screen.getAllByTestId("notice-step").map((one) => one.querySelector("time")?.textContent ?? "");
    expect(times[0]).toMatch(/^Yesterday \d\d:\d\d$/);
    expect(times[1]).toMatch(/^\d\d:\d\d$/);
  });

  test("says that it is being read, that nothing is known, and that the server has none", async () => {
    const { user, backend } = await notified();
    let answer: (steps: NoticeStep[]) => void = () => undefined;
    backend.noticeTimeline = () => new Promise((resolve) => (answer = resolve));
    await user.click(screen.getByTestId("notice-story-button"));
    expect((await screen.findByTestId("notice-story")).textContent).toContain("正在加载");
    answer([]);
    await waitFor(() => expect(screen.getByTestId("notice-story").textContent).toContain("还没有记录"));
    backend.noticeTimeline = () => Promise.reject(new BackendError("notFound"));
    await user.click(screen.getByTestId("notice-story-button"));
    await user.click(screen.getByTestId("notice-story-button"));
    expect((await screen.findByTestId("notice-story-failure")).textContent).toContain("服务器上没有这条通知的记录");
    expect(screen.queryByTestId("notice-story-again")).toBeNull();
  });

  test("needs a line, and is read when there is one", async () => {
    const { user, backend } = await notified();
    backend.loseConnection();
    await user.click(screen.getByTestId("notice-story-button"));
    expect((await screen.findByTestId("notice-story-failure")).textContent).toContain("没有连接");
    backend.comeBack();
    await user.click(screen.getByTestId("notice-story-again"));
    await waitFor(() => expect(story()[0]).toBe("已发出"));
    expect(screen.queryByTestId("notice-story-failure")).toBeNull();
  });
});

describe("the lists of notices", () => {
  test("have an entry for each system with its name and what is unread, and none among the chats", async () => {
    const { backend, user } = await openWindow();
    backend.notify(leave(), 1_000);
    backend.notify(leave({ id: "m-19" }), 2_000);
    backend.notify(order(), 3_000);
    expect(within(await screen.findByTestId("rail-unread-notices")).getByText("3")).toBeTruthy();
    expect(screen.getAllByTestId("recent-row").some(({ dataset }) => dataset["person"] === OA)).toBe(false);
    await user.click(screen.getByTestId("rail-notices"));
    const entries = screen.getAllByTestId("notice-system");
    expect(entries.map(({ dataset }) => dataset["system"])).toEqual(["", "erp", "oa"]);
    expect(within(entries[2] as HTMLElement).getByTestId("notice-unread").dataset["count"]).toBe("2");
    expect(entries[2]?.querySelector("img, .dot")).toBeNull();
  });

  test("go by system", async () => {
    const { backend, user } = await openWindow();
    backend.notify(leave(), 1_000);
    backend.notify(order(), 2_000);
    await user.click(screen.getByTestId("rail-notices"));
    await waitFor(() => expect(titles()).toEqual(["采购单待确认", "请假待审批"]));
    await user.click(within(screen.getByTestId("notice-systems")).getByText("办公自动化"));
    await waitFor(() => expect(titles()).toEqual(["请假待审批"]));
    await user.click(screen.getByTestId("open-system"));
    expect(opened(backend)).toEqual(["open oa /"]);
  });

  test("go by what became of notices", async () => {
    const { backend, user, id } = await notified();
    backend.changeNotice(id, leave({ state: "handled" }));
    await user.click(screen.getByTestId("filter-done"));
    await waitFor(() => expect(titles()).toEqual(["请假待审批"]));
    await user.click(screen.getByTestId("filter-open"));
    expect((await screen.findByTestId("empty-state")).textContent).toContain("没有待办事项");
    await user.click(screen.getByTestId("notices-empty-action"));
    await waitFor(() => expect(titles()).toEqual(["请假待审批"]));
  });

  test("have what only informs until it has been read", async () => {
    const { backend, user, id } = await notified(leave({ actions: [], link: null }));
    await backend.noticesSeen([id]);
    await user.click(screen.getByTestId("filter-done"));
    await waitFor(() => expect(titles()).toEqual(["请假待审批"]));
    await user.click(screen.getByTestId("filter-open"));
    expect(await screen.findByTestId("empty-state")).toBeTruthy();
  });

  test("say where notices come from when there are none", async () => {
    const { user } = await openWindow({ history: false });
    await user.click(screen.getByTestId("rail-notices"));
    expect((await screen.findByTestId("empty-state")).textContent).toContain("没有待办事项");
    await user.click(screen.getByTestId("notices-empty-action"));
    expect(screen.getByTestId("system-list")).toBeTruthy();
  });

  test("show what comes in at the top at once", async () => {
    const { backend } = await notified();
    backend.notify(order(), Date.now() + 1_000);
    await waitFor(() => expect(titles()).toEqual(["采购单待确认", "请假待审批"]));
  });

  test("count what the person looks at as read", async () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    const { backend } = await notified();
    expect(screen.getByTestId("rail-unread-notices")).toBeTruthy();
    await waitFor(() => expect(screen.queryByTestId("rail-unread-notices")).toBeNull(), { timeout: 3_000 });
    expect(cards()[0]?.dataset["unread"]).toBe("false");
    expect((await backend.notices("", "unread", null, 9)).notices).toEqual([]);
  });

  test("leave unread what nobody looks at, until all are marked as read", async () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const scene = await openWindow();
    scene.backend.notify(leave());
    await scene.backend.notices("", "open", null, 9);
    expect((await scene.backend.notices("", "unread", null, 9)).notices).toHaveLength(1);
    await scene.user.click(screen.getByTestId("rail-notices"));
    await scene.user.click(await screen.findByTestId("notices-read"));
    await waitFor(() => expect(screen.queryByTestId("rail-unread-notices")).toBeNull());
  });

  test("open at the notice of a notification", async () => {
    const { backend } = await openWindow();
    const { id } = backend.notify(leave({ state: "handled" }));
    await waitFor(() => expect(screen.getByTestId("rail-notices")).toBeTruthy());
    backend.clickNotification(OA, id);
    await waitFor(() => expect(cards()[0]?.className).toContain("target"));
  });

  test("draw few of five thousand", async () => {
    const { backend, user } = await openWindow();
    for (let count = 1; count <= 5_000; count += 1) backend.notify(leave({ id: `m-${count}` }), count);
    const began = performance.now();
    await user.click(screen.getByTestId("rail-notices"));
    await screen.findAllByTestId("notice");
    expect(cards().length).toBeLessThan(60);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
