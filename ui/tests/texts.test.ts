import { describe, expect, it } from "vitest";

import { en } from "../src/text/en";
import { zhCN } from "../src/text/zh-CN";

interface Sentence {
  key: string;
  words: string;
}

/** Every sentence with its key; functions are asked with numbers and names. */
function sentences(texts: object, above = ""): Sentence[] {
  return Object.entries(texts).flatMap(([name, value]: [string, unknown]) => {
    const key = above === "" ? name : `${above}.${name}`;
    if (typeof value === "string") return [{ key, words: value }];
    if (typeof value === "function") return [1, 3].map((count) => ({ key, words: String(value(count, count, count, count)) }));
    return sentences(value as object, key);
  });
}

const chinese = /\p{Script=Han}/u;
const keyNames = /Ctrl\+K|Ctrl\+Enter|Shift\+Enter|Enter|SHA-256|SIM|PIN|PUK|IP|Ctrl/g;

describe("the texts", () => {
  it("have the same keys in both languages", () => {
    expect(sentences(en).map(({ key }) => key)).toEqual(sentences(zhCN).map(({ key }) => key));
  });

  it("have no Chinese in English", () => {
    expect(sentences(en).filter(({ words }) => chinese.test(words))).toEqual([]);
  });

  it("have no English in Chinese, but for the names of keys", () => {
    const foreign = sentences(zhCN).filter(({ words }) => /[A-Za-z]/.test(words.replace(keyNames, "")));
    expect(foreign).toEqual([]);
  });

  it("leave nothing empty that the other language says", () => {
    const empty = (texts: object) => sentences(texts).filter(({ words }) => words.trim() === "").map(({ key }) => key);
    expect(empty(en)).toEqual(empty(zhCN));
  });

  it("count one and many properly in English", () => {
    expect([en.rail.unread(1), en.rail.unread(2)]).toEqual(["1 unread message", "2 unread messages"]);
    expect([en.chat.jumpWithCount(1), en.chat.jumpWithCount(2)]).toEqual(["1 new message", "2 new messages"]);
    expect([en.search.results(1), en.search.results(0)]).toEqual(["1 person found", "0 people found"]);
  });
});
