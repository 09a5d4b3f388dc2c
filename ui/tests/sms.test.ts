import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { countSms } from "../src/chat/sms-count";
import { composer, lastMessage, openRecent, openWindow } from "./window";

describe("text messages", () => {
  it("go out when the person wishes so, and show how far they are", async () => {
    const { backend, user } = await openWindow();
    await openRecent(user);
    const toggle = screen.getByTestId("sms-toggle");
    expect(toggle.getAttribute("aria-pressed")).toBe("false");
    await user.click(toggle);
    expect(toggle.getAttribute("aria-pressed")).toBe("true");
    expect(document.activeElement).toBe(composer());
    expect(screen.getByTestId("will-text").textContent).toContain("短信");
    await user.keyboard("在吗{Enter}");
    await waitFor(() => expect(within(lastMessage()).getByTestId("sms-mark").dataset["sms"]).toBe("queued"));
    const id = Number(lastMessage().dataset["message"]);
    backend.tellSms(id, "sent");
    await waitFor(() => expect(lastMessage().textContent).toContain("已发出"));
    backend.tellSms(id, "delivered", null, true);
    await waitFor(() => expect(lastMessage().textContent).toContain("已到手机、重发过一次"));
  });

  it("are offered only while there is a gateway to phones", async () => {
    const { backend, user } = await openWindow();
    await openRecent(user);
    await user.click(screen.getByTestId("sms-toggle"));
    backend.tellCanText(false);
    await waitFor(() => expect(screen.queryByTestId("sms-toggle")).toBeNull());
    expect(screen.queryByTestId("will-text")).toBeNull();
    await user.click(composer());
    await user.keyboard("在吗{Enter}");
    await waitFor(() => expect(lastMessage().textContent).toContain("在吗"));
    expect(within(lastMessage()).queryByTestId("sms-mark")).toBeNull();
    backend.tellCanText(true);
    await waitFor(() => expect(screen.getByTestId("sms-toggle").getAttribute("aria-pressed")).toBe("true"));
  });

  it("say until when they wait", async () => {
    const { backend, user } = await openWindow();
    await openRecent(user);
    await user.click(screen.getByTestId("sms-toggle"));
    await user.keyboard("在吗{Enter}");
    await waitFor(() => expect(within(lastMessage()).getByTestId("sms-mark").dataset["sms"]).toBe("queued"));
    backend.tellSms(Number(lastMessage().dataset["message"]), "queued", null, false, "2026-11-28T07:30:00Z");
    await waitFor(() => expect(lastMessage().textContent).toContain("之后发送"));
  });

  it("say why they failed, while the message itself stands", async () => {
    const { backend, user } = await openWindow();
    await openRecent(user);
    await user.click(screen.getByTestId("sms-toggle"));
    await user.keyboard("在吗{Enter}");
    await waitFor(() => expect(within(lastMessage()).getByTestId("sms-mark").dataset["sms"]).toBe("queued"));
    backend.tellSms(Number(lastMessage().dataset["message"]), "failed", "reported");
    await waitFor(() => expect(lastMessage().textContent).toContain("对方手机长时间关机或已满"));
    expect(lastMessage().dataset["state"]).not.toBe("failed");
  });

  it("are marked when they come from a phone, and other messages are not", async () => {
    const { backend, user } = await openWindow();
    const peer = await openRecent(user);
    backend.receive(peer, "电脑上写的");
    await waitFor(() => expect(lastMessage().textContent).toContain("电脑上写的"));
    expect(within(lastMessage()).queryByTestId("sms-mark")).toBeNull();
    backend.receiveText(peer, "手机上写的");
    await waitFor(() => expect(within(lastMessage()).getByTestId("sms-mark").textContent).toContain("短信"));
    expect(within(lastMessage()).getByTestId("sms-mark").dataset["sms"]).toBe("received");
  });

  it("are counted while they are written", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    await user.keyboard("在");
    expect(screen.queryByTestId("sms-count")).toBeNull();
    await user.click(screen.getByTestId("sms-toggle"));
    expect(screen.getByTestId("sms-count").textContent).toContain("1 条短信");
    await user.keyboard("字".repeat(80));
    expect(screen.getByTestId("sms-count").textContent).toContain("2 条短信，汉字编码");
  });

  it("begin from a colleague's card", async () => {
    const { user } = await openWindow();
    await openRecent(user);
    await user.click(screen.getByTestId("toggle-details"));
    await user.click(await screen.findByTestId("details-sms"));
    expect(screen.getByTestId("sms-toggle").getAttribute("aria-pressed")).toBe("true");
  });
});

describe("the count of a text", () => {
  it("knows both alphabets and their borders", () => {
    expect(countSms("a".repeat(157), "A")).toEqual({ characters: 160, parts: 1, isLatin: true });
    expect(countSms("a".repeat(158), "A")).toMatchObject({ parts: 2, isLatin: true });
    expect(countSms("字".repeat(67), "张三")).toEqual({ characters: 70, parts: 1, isLatin: false });
    expect(countSms("字".repeat(68), "张三")).toMatchObject({ parts: 2 });
    expect(countSms("字".repeat(131), "张三")).toMatchObject({ parts: 2 });
    expect(countSms("字".repeat(132), "张三")).toMatchObject({ parts: 3 });
  });

  it("counts a letter of the extension twice and never cuts an emoji", () => {
    expect(countSms("€".repeat(78), "A")).toMatchObject({ isLatin: false });
    expect(countSms("[".repeat(78), "A")).toMatchObject({ parts: 1, isLatin: true });
    expect(countSms("[".repeat(79), "A")).toMatchObject({ parts: 2, isLatin: true });
    expect(countSms("😀".repeat(33), "张三")).toMatchObject({ parts: 1 });
    expect(countSms("😀".repeat(65), "张")).toMatchObject({ parts: 2 });
  });
});
