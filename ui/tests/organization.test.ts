import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";

import { composer, openWindow, type Scene } from "./window";

async function openTree(options: Parameters<typeof openWindow>[0] = {}): Promise<Scene> {
  const scene = await openWindow(options);
  await scene.user.click(screen.getByTestId("rail-organization"));
  await screen.findAllByTestId("person-row");
  return scene;
}

function names(): (string | null)[] {
  return screen.getAllByRole("treeitem").map((row) => row.getAttribute("aria-label"));
}

function activeRow(): HTMLElement | null {
  return document.getElementById(screen.getByTestId("organization-tree").getAttribute("aria-activedescendant") ?? "");
}

describe("the organisation", () => {
  it("stands in the delivered order, with counts and presence in words", async () => {
    await openTree();
    await waitFor(() => expect(names()[0]).toMatch(/^华安集团、120 人中 \d+ 人在线$/));
    expect(names().slice(1, 3)).toEqual(["李斌、董事长、在线", "王志强、总经理、在线"]);
    const [, second] = screen.getAllByRole("treeitem");
    expect(["level", "posinset", "setsize"].map((name) => second?.getAttribute(`aria-${name}`))).toEqual(["2", "1", "11"]);
  });

  it("opens a chat by double-click, with the cursor in the composer", async () => {
    const { user } = await openTree();
    const [row] = screen.getAllByTestId("person-row");
    if (!row) throw new Error("no rows");
    await user.dblClick(row);
    await waitFor(() => expect(document.activeElement).toBe(composer()));
    expect(screen.getByTestId("conversation").dataset["person"]).toBe(row.dataset["person"]);
  });

  it("is walked by the keyboard, and Enter opens the chat", async () => {
    const { user } = await openTree();
    screen.getByTestId("organization-tree").focus();
    await user.keyboard("{ArrowLeft}");
    await waitFor(() => expect(screen.queryAllByTestId("person-row")).toEqual([]));
    await user.keyboard("{ArrowRight}{ArrowRight}");
    await waitFor(() => expect(activeRow()?.getAttribute("aria-label")).toContain("李斌"));
    await user.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(composer()));
    expect(screen.getByTestId("conversation").getAttribute("aria-label")).toBe("王志强");
  });

  it("remembers which departments are folded", async () => {
    const { user } = await openTree();
    await user.click(screen.getByTestId("collapse-all"));
    const folded = names().length;
    await user.click(screen.getByTestId("rail-recent"));
    await user.click(screen.getByTestId("rail-organization"));
    await waitFor(() => expect(names()).toHaveLength(folded));
  });

  it("watches only who is on the screen, and one change repaints one row", async () => {
    const { backend } = await openTree({ people: 10_000 });
    await waitFor(() => expect(backend.watched.people.length).toBeGreaterThan(3));
    expect(backend.watched.people.length).toBeLessThan(200);
    const [row, other] = screen.getAllByTestId("person-row");
    const before = other?.innerHTML;
    backend.setPresence(row?.dataset["person"] ?? "", "doNotDisturb");
    await waitFor(() => expect(row?.dataset["availability"]).toBe("doNotDisturb"));
    expect(other?.innerHTML).toBe(before);
  });

  it("draws a part of 10,000 people only", async () => {
    const { user } = await openTree({ people: 10_000 });
    await user.click(screen.getByTestId("expand-all"));
    expect(screen.getAllByRole("treeitem").length).toBeLessThan(100);
  });

  it("says that presence is unknown while there is no line", async () => {
    const { backend } = await openTree();
    backend.loseConnection();
    await waitFor(() => expect(names()[1]).toBe("李斌、董事长、状态未知"));
  });

  it("shows the card of a person, and its button opens the chat", async () => {
    const { user } = await openTree();
    const [more] = screen.getAllByTestId("person-more");
    if (!more) throw new Error("no rows");
    await user.click(more);
    await user.click(screen.getByTestId("menu-details"));
    const card = await screen.findByTestId("person-details");
    await waitFor(() => expect(card.textContent).toContain("li.bin@huaan.example"));
    await user.click(screen.getByTestId("details-chat"));
    expect(screen.getByTestId("conversation").getAttribute("aria-label")).toBe("李斌");
    await user.click(screen.getByTestId("close-details"));
    expect(screen.queryByTestId("person-details")).toBeNull();
  });
});

describe("search", () => {
  it.each([["李斌"], ["libin"], ["lb"], ["li.bin"], ["1000"]])("finds a colleague by %s", async (words) => {
    const { user } = await openWindow();
    await user.keyboard("{Control>}k{/Control}");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId("search-field")));
    await user.keyboard(words);
    await waitFor(() => expect(screen.getAllByTestId("search-hit").map(({ textContent }) => textContent).join()).toContain("李斌"));
  });

  it("opens the marked hit by Enter and is empty afterwards", async () => {
    const { user } = await openWindow();
    await user.type(screen.getByTestId("search-field"), "zhang");
    await screen.findAllByTestId("search-hit");
    await user.keyboard("{ArrowDown}");
    const marked = screen.getAllByTestId("search-hit")[1]?.dataset["person"];
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(composer()));
    expect(screen.getByTestId("conversation").dataset["person"]).toBe(marked);
    expect(screen.getByTestId("search-field")).toHaveProperty("value", "");
  });

  it("says so when nobody is found, and Escape empties it", async () => {
    const { user } = await openWindow();
    await user.type(screen.getByTestId("search-field"), "没有这个人");
    expect((await screen.findByTestId("empty-state")).textContent).toContain("没有找到匹配的人员");
    await user.keyboard("{Escape}");
    expect(await screen.findByTestId("recent-list")).toBeTruthy();
  });
});
