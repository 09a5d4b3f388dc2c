import { screen, waitFor } from "@testing-library/svelte";
import { type UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { type EngineErrorCode } from "../src/backend/generated";
import { text } from "../src/text/language.svelte";
import { openWindow } from "./window";

async function fillIn(user: UserEvent, server: string, password: string) {
  await user.clear(screen.getByTestId("sign-in-server"));
  await user.type(screen.getByTestId("sign-in-server"), server);
  await user.clear(screen.getByTestId("sign-in-login"));
  await user.type(screen.getByTestId("sign-in-login"), "zhang.san");
  await user.clear(screen.getByTestId("sign-in-password"));
  await user.type(screen.getByTestId("sign-in-password"), password);
}

describe("signing in", () => {
  it("leads to the main window", async () => {
    const { user } = await openWindow({ signedIn: false });
    await fillIn(user, "10.0.0.8", "secret");
    await user.keyboard("{Enter}");
    expect(await screen.findByTestId("main")).toBeTruthy();
  });

  it("says in one line that the password is wrong, keeps the cursor there, and a second try works", async () => {
    const { user } = await openWindow({ signedIn: false });
    await fillIn(user, "10.0.0.8", "wrong");
    await user.click(screen.getByTestId("sign-in-submit"));
    await waitFor(() => expect(screen.getByTestId("sign-in-problem").textContent).toBe("账号或密码不正确。"));
    expect(document.activeElement).toBe(screen.getByTestId("sign-in-password"));
    await user.keyboard("right{Enter}");
    expect(await screen.findByTestId("main")).toBeTruthy();
  });

  it("has a sentence for every failure", async () => {
    const codes = Object.keys(text().errors).filter((code) => !code.startsWith("certificateUnknown")) as EngineErrorCode[];
    const { backend, user } = await openWindow({ signedIn: false });
    await fillIn(user, "10.0.0.8", "secret");
    for (const code of codes) {
      backend.refuseNextSignIn(code);
      await user.click(screen.getByTestId("sign-in-submit"));
      await waitFor(() => expect(screen.getByTestId("sign-in-problem").textContent).toBe(text().errors[code]));
    }
  });

  it("trusts an unknown authority only after its fingerprint was shown and confirmed", async () => {
    const { user } = await openWindow({ signedIn: false });
    await fillIn(user, "new.example", "secret");
    await user.click(screen.getByTestId("sign-in-submit"));
    const fingerprint = await screen.findByTestId("fingerprint");
    expect(fingerprint.dataset["fingerprint"]).toMatch(/^[0-9a-f]{64}$/);
    expect(screen.getByTestId("trust-server-accept")).toHaveProperty("disabled", true);
    await user.click(screen.getByTestId("fingerprint-compared"));
    await user.click(screen.getByTestId("trust-server-accept"));
    expect(await screen.findByTestId("main")).toBeTruthy();
  });

  it("stays signed out when the server is not trusted, and Escape is a no", async () => {
    const { user } = await openWindow({ signedIn: false });
    await fillIn(user, "new.example", "secret");
    await user.click(screen.getByTestId("sign-in-submit"));
    await screen.findByTestId("trust-server");
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("trust-server")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("sign-in-server"));
    expect(screen.queryByTestId("main")).toBeNull();
  });

  it("warns sternly when the certificate is another than the trusted one", async () => {
    const { backend, user } = await openWindow({ signedIn: false });
    await fillIn(user, "10.0.0.8", "secret");
    backend.refuseNextSignIn("certificateChanged", "ab".repeat(32));
    await user.click(screen.getByTestId("sign-in-submit"));
    expect((await screen.findByTestId("trust-server")).textContent).toContain("可能有人冒充服务器");
  });

  it("asks for what is missing without asking the server", async () => {
    const { user } = await openWindow({ signedIn: false });
    await user.click(screen.getByTestId("sign-in-submit"));
    expect(screen.getByTestId("sign-in-problem").textContent).toBe("请填写服务器地址。");
    expect(document.activeElement).toBe(screen.getByTestId("sign-in-server"));
  });

  it("tests the connection step by step and names the step that failed", async () => {
    const { user } = await openWindow({ signedIn: false });
    await user.type(screen.getByTestId("sign-in-server"), "closed.example");
    await user.click(screen.getByTestId("open-connection-test"));
    await waitFor(() => {
      const failed = screen.getAllByTestId("connection-test-step").filter(({ dataset }) => dataset["passed"] === "false");
      expect(failed.map(({ dataset }) => dataset["step"])).toEqual(["connect"]);
    });
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("connection-test")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("open-connection-test"));
  });

  it("speaks the other language at once", async () => {
    const { user } = await openWindow({ signedIn: false });
    await user.click(screen.getByTestId("language-en"));
    expect(screen.getByTestId("sign-in-submit").textContent).toBe("Sign in");
    await user.click(screen.getByTestId("language-zh"));
    expect(screen.getByTestId("sign-in-submit").textContent).toBe("登录");
  });
});
