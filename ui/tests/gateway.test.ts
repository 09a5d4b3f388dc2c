import { screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { openWindow, type Scene } from "./window";

async function opened(): Promise<Scene> {
  const scene = await openWindow();
  scene.backend.gateway.refusal = null;
  scene.backend.comeBack();
  await scene.user.click(await screen.findByTestId("open-gateway"));
  await screen.findByTestId("gateway");
  return scene;
}

function way(name: string): HTMLElement {
  const found = screen.getAllByTestId("gateway-way").find(({ dataset }) => dataset["name"] === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
}

describe("the page of the gateway", () => {
  beforeEach(() => vi.useRealTimers());

  test("is there for its administrators only", async () => {
    const { backend } = await openWindow();
    await waitFor(() => expect(backend.gateway.asked).toBeGreaterThan(0));
    expect(screen.queryByTestId("open-gateway")).toBeNull();
    backend.gateway.refusal = null;
    backend.comeBack();
    expect(await screen.findByTestId("open-gateway")).toBeTruthy();
  });

  test("shows each modem and line with its state and what to do, and what was sent", async () => {
    await opened();
    await waitFor(() => way("一号"));
    for (const words of ["可用", "中国移动", "今日 38 条"]) expect(way("一号").textContent).toContain(words);
    expect(way("一号").querySelectorAll(".on")).toHaveLength(4);
    for (const words of ["PIN 码不正确", "改正"]) expect(way("二号").textContent).toContain(words);
    for (const words of ["已隔离", "CMS 38"]) expect(way("三号").textContent).toContain(words);
    for (const words of ["连接不上", "connection refused", "请检查到运营商的网络"]) expect(way("carrier").textContent).toContain(words);
    expect(screen.getByTestId("gateway-waiting").textContent).toBe("3");
    expect(screen.getByTestId("gateway-sent").textContent).toBe("47");
    expect(screen.getByTestId("gateway-failed").textContent).toBe("2");
  });

  test("shows the words of the gateway for a state that it does not know", async () => {
    const { backend } = await opened();
    const [first] = backend.gateway.now.ways;
    if (!first) throw new Error("no modem");
    backend.gateway.now.ways = [{ ...first, isReady: false, condition: "on-the-moon", state: "on the moon" }];
    await waitFor(() => expect(way("一号").textContent).toContain("on the moon"), { timeout: 7_000 });
  }, 10_000);

  test("says what to do when there is no modem, and when the gateway is away", async () => {
    const { backend, user } = await openWindow();
    backend.gateway.refusal = null;
    backend.gateway.now.ways = [];
    backend.comeBack();
    await user.click(await screen.findByTestId("open-gateway"));
    const none = await screen.findByTestId("gateway-no-way");
    expect(none.textContent).toContain("posthouse-gateway modems");
    await user.click(within(screen.getByTestId("gateway")).getByTestId("dialog-close"));
    backend.gateway.refusal = "gatewayAway";
    await user.click(screen.getByTestId("open-gateway"));
    const away = await screen.findByTestId("gateway-away");
    expect(away.textContent).toContain("posthouse-gateway doctor");
    expect(screen.queryByTestId("gateway-no-way")).toBeNull();
  });

  test("stays there while the gateway is away, for those who were its administrators", async () => {
    const { backend } = await openWindow();
    backend.gateway.refusal = null;
    backend.comeBack();
    await screen.findByTestId("open-gateway");
    backend.gateway.refusal = "gatewayAway";
    backend.comeBack();
    await waitFor(() => expect(backend.gateway.asked).toBeGreaterThan(2));
    expect(screen.getByTestId("open-gateway")).toBeTruthy();
    backend.gateway.refusal = "forbidden";
    backend.comeBack();
    await waitFor(() => expect(screen.queryByTestId("open-gateway")).toBeNull());
  });

  test("is asked again while it is open, and no longer when it is closed", async () => {
    const { backend, user } = await opened();
    await waitFor(() => way("一号"));
    const asked = backend.gateway.asked;
    await waitFor(() => expect(backend.gateway.asked).toBeGreaterThan(asked), { timeout: 7_000 });
    await user.click(within(screen.getByTestId("gateway")).getByTestId("dialog-close"));
    const after = backend.gateway.asked;
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    expect(backend.gateway.asked).toBe(after);
  }, 20_000);
});
