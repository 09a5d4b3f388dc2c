// Opens the whole window over the fake backend, as a person meets it.

import { render, screen } from "@testing-library/svelte";
import { type UserEvent, userEvent } from "@testing-library/user-event";

import App from "../src/App.svelte";
import { FakeBackend } from "../src/backend/fake";
import { type FakeOptions } from "../src/backend/fake/options";

export interface Scene {
  backend: FakeBackend;
  user: UserEvent;
}

export async function openWindow(options: Partial<FakeOptions> = {}): Promise<Scene> {
  const backend = new FakeBackend({ signedIn: true, ...options });
  const user = userEvent.setup();
  render(App, { backend });
  await screen.findByTestId(backend && (options.signedIn ?? true) ? "main" : "sign-in");
  return { backend, user };
}

/** Opens the conversation with the n-th of the recent ones and answers its peer. */
export async function openRecent(user: UserEvent, index = 0): Promise<string> {
  const row = (await screen.findAllByTestId("recent-row"))[index];
  if (!row) throw new Error(`no recent conversation ${index}`);
  await user.click(row);
  await screen.findByTestId("composer");
  return row.dataset["person"] ?? "";
}

export function composer(): HTMLTextAreaElement {
  return screen.getByTestId<HTMLTextAreaElement>("composer");
}

/** Texts of the shown messages, the oldest first. */
export function shownMessages(): string[] {
  return screen.queryAllByTestId("message-text").map((element) => element.textContent);
}

export function lastMessage(): HTMLElement {
  const last = screen.getAllByTestId("message").at(-1);
  if (!last) throw new Error("no message is shown");
  return last;
}
