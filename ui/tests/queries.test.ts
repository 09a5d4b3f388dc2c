import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";

import { openWindow, shownMessages } from "./window";

/** Opens a window whose gateway offers two codes. */
async function offered() {
  const scene = await openWindow();
  const domain = scene.backend.own.split("@")[1] ?? "";
  scene.backend.queries = { address: `query@sms.${domain}`, codes: [{ name: "001", help: "待办任务数" }, { name: "002", help: "" }] };
  scene.backend.comeBack();
  return scene;
}

describe("the contact that answers codes", () => {
  test("is not there when the gateway offers none", async () => {
    await openWindow();
    await screen.findAllByTestId("recent-row");
    expect(screen.queryByTestId("query-entry")).toBeNull();
  });

  test("stands above the conversations, looks like no person, and sends a code at a click", async () => {
    const { backend, user } = await offered();
    await user.click(await screen.findByTestId("query-entry"));
    expect((await screen.findByTestId("conversation-title")).textContent).toContain("查询");
    expect(screen.queryByTestId("toggle-details")).toBeNull();
    expect(screen.queryByTestId("sms-toggle")).toBeNull();
    expect(screen.getAllByTestId("query-code").map((button) => button.textContent)).toEqual(["001待办任务数", "002"]);
    await user.click(screen.getAllByTestId("query-code")[0] as HTMLElement);
    await waitFor(() => expect(shownMessages()).toEqual(["001"]));
    backend.receive(backend.queries?.address ?? "", "您有3个待办任务。");
    await waitFor(() => expect(shownMessages()).toEqual(["001", "您有3个待办任务。"]));
    await user.click(screen.getByTestId("query-help"));
    await waitFor(() => expect(shownMessages().at(-1)).toBe("帮助"));
    expect(screen.queryByTestId("query-entry")).toBeNull();
    const row = screen.getAllByTestId("recent-row").find((one) => one.dataset["person"] === backend.queries?.address);
    expect(row?.textContent).toContain("查询");
  });

  test("stays while the gateway is away", async () => {
    const { backend } = await offered();
    await screen.findByTestId("query-entry");
    backend.isGatewayAway = true;
    backend.loseConnection();
    backend.comeBack();
    await new Promise((done) => setTimeout(done, 0));
    expect(screen.queryByTestId("query-entry")).not.toBeNull();
  });
});
