import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { openRecent, openWindow } from "./window";

describe("settings", () => {
  it("change language, colours and density at once and are kept by the engine", async () => {
    const { backend, user } = await openWindow();
    await user.click(screen.getByTestId("open-settings"));
    await user.click(within(screen.getByTestId("setting-language")).getByLabelText("English"));
    await user.click(within(screen.getByTestId("setting-theme")).getByLabelText("Dark"));
    await user.click(within(screen.getByTestId("setting-density")).getByLabelText("Compact"));
    await user.click(screen.getByTestId("setting-typing"));
    await waitFor(async () =>
      expect(await backend.settings()).toMatchObject({ language: "en", theme: "dark", density: "compact", sendTyping: false }),
    );
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    expect(document.documentElement.lang).toBe("en");
    await user.keyboard("{Escape}");
    expect(document.activeElement).toBe(screen.getByTestId("open-settings"));
    expect(screen.getByTestId("rail-recent").textContent).toContain("Chats");
  });
});

describe("the window", () => {
  it("remembers the width of the list, moved by the keyboard", async () => {
    const { user } = await openWindow();
    const splitter = screen.getByTestId("list-splitter");
    const before = Number(splitter.getAttribute("aria-valuenow"));
    splitter.focus();
    await user.keyboard("{ArrowRight}{ArrowRight}");
    expect(Number(splitter.getAttribute("aria-valuenow"))).toBe(before + 32);
    expect(localStorage.getItem("posthouse.list-width")).toBe(String(before + 32));
  });

  it("closes one layer at a time", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    await user.click(screen.getByTestId("toggle-details"));
    await screen.findByTestId("person-details");
    await user.click(screen.getByTestId("open-settings"));
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("settings")).toBeNull();
    expect(screen.getByTestId("person-details")).toBeTruthy();
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("person-details")).toBeNull();
  });

  it("leaves nothing of one person to the next", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    await user.click(screen.getByTestId("own-presence"));
    await user.click(screen.getByTestId("sign-out"));
    expect(await screen.findByTestId("sign-in")).toBeTruthy();
    expect(document.title).toBe("驿站");
  });

  it("asks to sign in again when the password no longer holds", async () => {
    const { backend, user } = await openWindow();
    backend.stopConnection("notAuthorized");
    await user.click(await screen.findByTestId("sign-in-again"));
    expect((await screen.findByTestId("sign-in-problem")).textContent).toBe("账号或密码不正确。");
  });

  it("tells colleagues the own state", async () => {
    const { backend, user } = await openWindow();
    await user.click(screen.getByTestId("own-presence"));
    await user.click(screen.getByTestId("presence-doNotDisturb"));
    await waitFor(async () => expect((await backend.personCard(backend.own)).presence.availability).toBe("doNotDisturb"));
    expect(screen.getByTestId("own-presence").getAttribute("aria-label")).toContain("请勿打扰");
  });
});
