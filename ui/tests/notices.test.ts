import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { type Notice } from "../src/backend/generated";
import { openWindow, type Scene } from "./window";

const leave: Notice = {
  id: "m-17", revision: 1, state: "open", priority: "high", system: "oa", systemName: "办公自动化", title: "请假待审批",
  text: "王磊，3 天", link: { system: "oa", path: "/todo/17" }, fields: [{ label: "天数", value: "3" }],
  actions: [
    { id: "approve", label: "同意", style: "primary", inputs: [] },
    { id: "refuse", label: "退回", style: "danger", inputs: [{ name: "why", label: "原因", required: true }] },
  ],
  chosen: null,
};

async function notified(): Promise<Scene & { id: number }> {
  const scene = await openWindow();
  const { id } = scene.backend.notify(leave);
  const row = await waitFor(() => {
    const found = screen.getAllByTestId("recent-row").find((one) => one.dataset["person"] === "oa@notices.example.org");
    if (!found) throw new Error("no row");
    return found;
  });
  expect(within(row).getByText("办公自动化")).toBeTruthy();
  await scene.user.click(row);
  await screen.findByTestId("notice");
  return { ...scene, id };
}

describe("a notice of a business system", () => {
  test("is a card of the system, which no person looks like", async () => {
    await notified();
    const card = screen.getByTestId("notice");
    for (const words of ["办公自动化", "请假待审批", "王磊，3 天", "天数", "重要"]) expect(card.textContent).toContain(words);
    expect(screen.queryByTestId("toggle-details")).toBeNull();
  });

  test("opens the tab of its system at the very place", async () => {
    const { user, backend } = await notified();
    await user.click(screen.getByTestId("notice-open"));
    await screen.findByTestId("tab");
    expect(backend.tabs.asked).toEqual(["open oa /todo/17"]);
  });

  test("takes a choice once, and says which", async () => {
    const { user, backend } = await notified();
    await user.click(screen.getByText("同意"));
    expect((await screen.findByTestId("notice-done")).textContent).toContain("已选择：同意");
    expect(backend.chosen).toEqual([{ action: "approve", values: [] }]);
    expect(screen.queryByTestId("notice-action")).toBeNull();
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
    backend.changeNotice(id, { ...leave, revision: 2, state: "handled", text: "陈静已处理" });
    expect((await screen.findByTestId("notice-done")).textContent).toContain("已处理");
    expect(screen.getAllByTestId("notice")).toHaveLength(1);
    expect(screen.queryByTestId("notice-action")).toBeNull();
  });
});
