import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { openWindow, type Scene } from "./window";

async function fill(user: Scene["user"], name: string, value: string) {
  await user.clear(screen.getByTestId(name));
  await user.type(screen.getByTestId(name), value);
}

const submit = (user: Scene["user"]) => user.click(screen.getByTestId("password-submit"));

const problem = () => screen.getByTestId("password-problem").textContent;

describe("a password", () => {
  it("is changed from the settings by whoever knows the current one", async () => {
    const { backend, user } = await openWindow();
    await user.click(screen.getByTestId("open-settings"));
    await user.click(screen.getByTestId("change-password"));
    await fill(user, "current-password", "guess");
    await fill(user, "new-password", "another-one");
    await fill(user, "new-password-again", "another-two");
    await user.click(screen.getByTestId("password-submit"));
    expect(problem()).toBe("两次输入的新密码不一致。");
    await fill(user, "new-password-again", "another-one");
    await submit(user);
    await waitFor(() => expect(problem()).toBe("当前密码不正确。"));
    expect(document.activeElement).toBe(screen.getByTestId("current-password"));
    await fill(user, "current-password", "right");
    await submit(user);
    await waitFor(() => expect(screen.queryByTestId("password-dialog")).toBeNull());
    expect(backend.changedPassword).toBe("another-one");
  });

  it("that the administrator chose must be changed before anything else", async () => {
    const { backend, user } = await openWindow();
    backend.wantAnotherPassword();
    await screen.findByTestId("password-dialog");
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("dialog-close")).toBeNull();
    expect(screen.queryByTestId("current-password")).toBeNull();
    await fill(user, "new-password", "short");
    await fill(user, "new-password-again", "short");
    await submit(user);
    await waitFor(() => expect(problem()).toContain("8"));
    await fill(user, "new-password", "long enough");
    await fill(user, "new-password-again", "long enough");
    await submit(user);
    await waitFor(() => expect(screen.queryByTestId("password-dialog")).toBeNull());
    expect(backend.changedPassword).toBe("long enough");
  });

  it("that is not changed leads back to the form", async () => {
    const { backend, user } = await openWindow();
    backend.wantAnotherPassword();
    await user.click(await screen.findByTestId("password-sign-out"));
    expect(await screen.findByTestId("sign-in")).toBeTruthy();
  });
});
