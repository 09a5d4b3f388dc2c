import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { nameIn, unreadIn } from "../src/state/tab-title";
import { openWindow } from "./window";

// The page's own pictures have no addresses in jsdom.
URL.createObjectURL = () => "blob:picture";

describe("business systems", () => {
  test("a click opens a system in a tab, and a second one shows the same tab", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    await user.click(screen.getByText("邮件"));
    expect(await screen.findAllByTestId("tab")).toHaveLength(2);
    await user.click(within(screen.getByTestId("system-list")).getByText("办公自动化"));
    expect(screen.getAllByTestId("tab")).toHaveLength(2);
    await waitFor(() => expect(screen.getAllByTestId("tab")[0]?.getAttribute("aria-selected")).toBe("true"));
    expect(backend.tabs.shown).toBe(1);
    expect(screen.getByTestId("tab-site").textContent).toContain("oa.example.org");
  });

  test("pages step aside while a menu lies over the window, and elsewhere in the window", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    await waitFor(() => expect(backend.tabs.shown).toBe(1));
    await user.click(screen.getByTestId("own-presence"));
    await waitFor(() => expect(backend.tabs.shown).toBeNull());
    await user.keyboard("{Escape}");
    await waitFor(() => expect(backend.tabs.shown).toBe(1));
    await user.click(screen.getByTestId("rail-recent"));
    await waitFor(() => expect(backend.tabs.shown).toBeNull());
  });

  test("the title's count stands at the tab and the system", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    backend.tabs.title(1, "(3) 我的待办");
    expect((await screen.findByTestId("tab-unread")).dataset.count).toBe("3");
    expect(screen.getByTestId("system-badge").dataset.count).toBe("3");
    expect(screen.getByTestId("tab").textContent).toContain("我的待办");
  });

  test("what the system says itself stands at both, also before it is opened, and goes before the title's count", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await screen.findByText("办公自动化");
    backend.tellBadges([{ system: "oa", count: 7 }]);
    expect((await screen.findByTestId("system-badge")).dataset.count).toBe("7");
    await user.click(screen.getByText("办公自动化"));
    backend.tabs.title(1, "(3) 我的待办");
    await screen.findByText("我的待办");
    expect(screen.getByTestId("tab-unread").dataset.count).toBe("7");
    expect(screen.getByTestId("system-badge").dataset.count).toBe("7");
    backend.tellBadges([]);
    await waitFor(() => expect(screen.getByTestId("tab-unread").dataset.count).toBe("3"));
    expect(screen.getByTestId("system-badge").textContent).toContain("3 项待处理");
  });

  test("what waits is known from the sign-in on, and a new line asks again", async () => {
    const { user, backend } = await openWindow();
    backend.tabs.systems = backend.tabs.systems.map((system) => ({ ...system, badge: system.id === "mail" ? 120 : 0 }));
    backend.loseConnection();
    backend.comeBack();
    await user.click(screen.getByTestId("rail-systems"));
    await screen.findByText("邮件");
    const badge = await screen.findByTestId("system-badge");
    expect(badge.dataset.count).toBe("120");
    expect(badge.textContent).toContain("99+");
  });

  test("a system with a picture shows it, one without its letter", async () => {
    const { user, backend } = await openWindow();
    backend.tabs.pictures.set("hash-oa", { mediaType: "image/png", bytes: [1, 2, 3] });
    backend.tabs.systems = backend.tabs.systems.map((system) => ({ ...system, icon: system.id === "mail" ? null : `hash-${system.id}` }));
    backend.loseConnection();
    backend.comeBack();
    await user.click(screen.getByTestId("rail-systems"));
    const list = within(await screen.findByTestId("system-list"));
    expect((await list.findAllByTestId("system-picture")).map((picture) => picture.getAttribute("src"))).toEqual([expect.stringMatching(/^blob:/u)]);
    expect(list.getAllByTestId("system").map((row) => row.textContent.trim()[0])).toEqual(["办", "企", "邮"]);
    await user.click(list.getByText("办公自动化"));
    expect(await within(await screen.findByTestId("tab-bar")).findByTestId("system-picture")).toBeTruthy();
    expect(backend.tabs.asked.filter((word) => word.startsWith("picture oa")), "read once").toHaveLength(1);
  });

  test("what went wrong stands in place of the page, and trying again asks anew", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    backend.tabs.fail(1, "crashed");
    expect(await screen.findByText("页面已崩溃")).toBeTruthy();
    await waitFor(() => expect(backend.tabs.shown).toBeNull());
    await user.click(screen.getByTestId("tab-retry"));
    expect(backend.tabs.asked.at(-1)).toBe("reload 1");
  });

  test("closing the last tab leaves a word what to do", async () => {
    const { user } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    expect(await screen.findByText("选择一个业务系统")).toBeTruthy();
    await user.click(await screen.findByText("办公自动化"));
    await user.click(await screen.findByTestId("close-tab"));
    expect(await screen.findByText("选择一个业务系统")).toBeTruthy();
  });

  test("pinned systems come first", async () => {
    const { user } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await screen.findByText("办公自动化");
    await user.click(screen.getAllByTestId("pin-system")[2] as HTMLElement);
    await waitFor(() => expect(screen.getAllByTestId("system")[0]?.getAttribute("data-system")).toBe("mail"));
  });

  test("a tab that sleeps says so, and one with sound has a switch for it", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    expect(screen.queryByTestId("tab-sound")).toBeNull();
    backend.tabs.alter(1, { isAsleep: true, isMuted: true });
    await waitFor(() => expect(screen.getByTestId("tab").getAttribute("title")).toContain("已休眠"));
    await user.click(screen.getByRole("button", { name: "取消静音" }));
    expect(backend.tabs.asked.at(-1)).toBe("toggleSound 1");
  });

  test("the shell knows which systems are pinned", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await screen.findByText("办公自动化");
    await user.click(screen.getAllByTestId("pin-system")[1] as HTMLElement);
    expect(backend.tabs.asked.at(-1)).toBe("pin erp");
  });

  test("searching a page goes both ways", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    await user.click(await screen.findByTestId("tab-open-find"));
    await user.type(screen.getByTestId("tab-find"), "请假{Enter}");
    expect(backend.tabs.asked.at(-1)).toBe("find 1 请假 forward");
    await user.keyboard("{Shift>}{Enter}{/Shift}");
    expect(backend.tabs.asked.at(-1)).toBe("find 1 请假 back");
    backend.tabs.tell({ event: "searched", tab: 1, matches: 3 });
    await waitFor(() => expect(screen.getByTestId("tab-matches").textContent.trim()).toBe("共 3 处"));
    backend.tabs.tell({ event: "searched", tab: 1, matches: 0 });
    await waitFor(() => expect(screen.getByTestId("tab-matches").textContent.trim()).toBe("没有找到"));
    await user.click(screen.getByTestId("find-previous"));
    await user.click(screen.getByTestId("end-find"));
    expect(backend.tabs.asked.at(-1)).toBe("find 1  forward");
    expect(screen.queryByTestId("find-bar")).toBeNull();
  });

  test("arrow keys go from tab to tab, and with Ctrl they move one; the order outlives the window", async () => {
    const { user } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    for (const name of ["办公自动化", "企业资源计划", "邮件"]) await user.click(await screen.findByText(name));
    const shown = () => screen.getAllByTestId("tab").map((tab) => tab.dataset["system"]);
    await waitFor(() => expect(shown()).toEqual(["oa", "erp", "mail"]));
    screen.getAllByTestId("tab")[2]?.focus();
    await user.keyboard("{ArrowLeft}");
    await waitFor(() => expect(document.activeElement?.getAttribute("data-system")).toBe("erp"));
    await user.keyboard("{ArrowLeft}{Control>}{ArrowRight}{ArrowRight}{/Control}");
    await waitFor(() => expect(shown()).toEqual(["erp", "mail", "oa"]));
    expect(document.activeElement?.getAttribute("data-system")).toBe("oa");
    expect(JSON.parse(localStorage.getItem("posthouse.tab-order") ?? "")).toEqual(["erp", "mail", "oa"]);
  });

  test("tabs of pinned systems stand asleep in the bar from the start, in their order", async () => {
    localStorage.setItem("posthouse.pinned-systems", JSON.stringify(["mail", "gone", "oa"]));
    localStorage.setItem("posthouse.tab-order", JSON.stringify(["oa", "erp", "mail"]));
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await waitFor(() => expect(screen.getAllByTestId("tab").map((tab) => tab.dataset["system"])).toEqual(["oa", "mail"]));
    expect(screen.getAllByTestId("tab").map((tab) => tab.dataset["asleep"])).toEqual(["true", "true"]);
    expect(backend.tabs.shown).toBeNull();
    await user.click(screen.getAllByTestId("close-tab")[0] as HTMLElement);
    backend.loseConnection();
    await backend.reconnectNow();
    await user.click(screen.getByText("企业资源计划"));
    await waitFor(() => expect(screen.getAllByTestId("tab").map((tab) => tab.dataset["system"])).toEqual(["erp", "mail"]));
    expect(backend.tabs.asked.filter((asked) => asked.startsWith("lay out"))).toEqual(["lay out mail", "lay out oa"]);
  });

  test("a tab's menu pins its system and closes the others", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    for (const name of ["办公自动化", "企业资源计划", "邮件"]) await user.click(await screen.findByText(name));
    const menu = async (item: string) => {
      await user.pointer({ keys: "[MouseRight]", target: screen.getAllByTestId("tab")[1] as HTMLElement });
      await user.click(await screen.findByTestId(item));
    };
    await menu("menu-pin");
    expect(backend.tabs.asked.at(-1)).toBe("pin erp");
    await menu("menu-close-others");
    await waitFor(() => expect(screen.getAllByTestId("tab").map((tab) => tab.dataset["system"])).toEqual(["erp"]));
  });

  test("a file tells how far it is and can be cancelled; the list keeps its order", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    const tell = (download: number, progress: number, state: "running" | "cancelled") =>
      backend.tabs.tell({ event: "downloadChanged", download: { download, tab: 1, name: `${download}.xlsx`, progress, state } });
    tell(1, 0, "running");
    tell(2, 0.1, "running");
    tell(1, 0.405, "running");
    await waitFor(() => expect(screen.getAllByTestId("download-percent").map((it) => it.textContent)).toEqual(["10%", "40%"]));
    await user.click(screen.getAllByTestId("cancel-download")[1] as HTMLElement);
    expect(backend.tabs.asked.at(-1)).toBe("cancel 1");
    tell(1, 0.405, "cancelled");
    expect(await screen.findByText("已取消")).toBeTruthy();
    await user.click(screen.getByTestId("dismiss-download"));
    await waitFor(() => expect(screen.queryByText("1.xlsx")).toBeNull());
  });

  test("the settings say what the program and each tab take in memory", async () => {
    const { user, backend } = await openWindow();
    await user.click(screen.getByTestId("rail-systems"));
    await user.click(await screen.findByText("办公自动化"));
    await user.click(screen.getByText("邮件"));
    backend.tabs.alter(1, { isAsleep: true });
    await user.click(screen.getByTestId("open-settings"));
    const rows = await screen.findAllByTestId("memory-tab");
    expect(rows.map((row) => row.textContent.trim())).toEqual(["标签页：办公自动化 已休眠，不占内存", "标签页：邮件 76 MB"]);
    expect(screen.getByTestId("memory-program").textContent).toBe("86 MB");
  });
});

test("a count in front of a title is told apart from its name", () => {
  expect(unreadIn("(12) 办公自动化")).toBe(12);
  expect(unreadIn("【3】待办")).toBe(3);
  expect(unreadIn("办公自动化 (2026)")).toBe(0);
  expect(nameIn("(12) 办公自动化")).toBe("办公自动化");
});

describe("a system that wants to know anew who the person is", () => {
  const tab = async () => {
    const scene = await openWindow();
    await scene.user.click(screen.getByTestId("rail-systems"));
    await scene.user.click(await screen.findByText("办公自动化"));
    scene.backend.wantProof();
    await screen.findByTestId("proof-question");
    return scene;
  };

  test("is answered beside its page, with the number to compare", async () => {
    const { user, backend } = await tab();
    expect(screen.getByTestId("proof-number").textContent).toBe("42");
    expect(screen.getByTestId("proof-question").textContent).toContain("张爱丽");
    expect(backend.tabs.shown).toBe(1);
    await user.type(screen.getByTestId("proof-password"), "guess");
    await user.click(screen.getByTestId("proof-submit"));
    await waitFor(() => expect(screen.getByTestId("proof-problem").textContent).toBe("密码不正确，请再试一次。"));
    await user.type(screen.getByTestId("proof-password"), "right");
    await user.click(screen.getByTestId("proof-submit"));
    await waitFor(() => expect(screen.queryByTestId("proof-question")).toBeNull());
    expect(backend.provedWith).toEqual(["right"]);
  });

  test("is refused with one click", async () => {
    const { user, backend } = await tab();
    await user.click(screen.getByTestId("proof-refuse"));
    await waitFor(() => expect(screen.queryByTestId("proof-question")).toBeNull());
    expect(backend.provedWith).toEqual([null]);
  });
});
