import { describe, expect, it } from "vitest";

import { hueOf } from "../src/shared/colour";
import { initialsOf } from "../src/shared/initials";
import { partsOf } from "../src/shared/links";
import { dayName, shortMoment } from "../src/shared/time";
import { en } from "../src/text/en";
import { zhCN } from "../src/text/zh-CN";

describe("colours of people", () => {
  it("are those of XEP-0392, section 13.1", () => {
    expect(hueOf("Romeo")).toBeCloseTo(327.255249, 5);
    expect(hueOf("juliet@capulet.lit")).toBeCloseTo(209.4104, 4);
    expect(hueOf("😺")).toBeCloseTo(331.199341, 5);
    expect(hueOf("council")).toBeCloseTo(359.994507, 5);
  });
});

describe("initials", () => {
  it("are the given name of a Chinese name and the first letters of another", () => {
    expect(initialsOf("欧阳静怡")).toBe("静怡");
    expect(initialsOf("李斌")).toBe("李斌");
    expect(initialsOf("Ada King Lovelace")).toBe("AL");
    expect(initialsOf("li.bin")).toBe("LB");
    expect(initialsOf("𠮷野")).toBe("𠮷野");
  });
});

describe("links in a text", () => {
  const urls = (text: string) => partsOf(text).flatMap(({ url }) => url ?? []);

  it("end before Chinese words and punctuation", () => {
    expect(urls("资料在https://oa.example/a?b=1第4节，还有http://x.example/y。")).toEqual(["https://oa.example/a?b=1", "http://x.example/y"]);
  });

  it("leave out a closing full stop and keep brackets that belong to them", () => {
    expect(urls("See (https://a.example/b).")).toEqual(["https://a.example/b"]);
    expect(urls("https://a.example/w_(x)")).toEqual(["https://a.example/w_(x)"]);
  });

  it("are only web addresses, and no text is lost", () => {
    const text = "javascript:alert(1) file:///etc/passwd https://a.example/ 完";
    expect(urls(text)).toEqual(["https://a.example/"]);
    expect(partsOf(text).map((part) => part.text).join("")).toBe(text);
  });
});

describe("moments", () => {
  const now = new Date(2026, 10, 24, 9, 30).getTime();
  const at = (month: number, day: number, year = 2026) => new Date(year, month - 1, day, 23, 50).getTime();

  it("are named by how long ago they were", () => {
    expect(dayName(at(11, 24), now, "zh-CN", zhCN)).toBe("今天");
    expect(dayName(at(11, 23), now, "en", en)).toBe("Yesterday");
    expect(dayName(at(11, 2), now, "zh-CN", zhCN)).toBe("11月2日星期一");
    expect(dayName(at(12, 31, 2025), now, "en", en)).toBe("31 December 2025");
    expect(shortMoment(at(11, 23), now, "zh-CN", zhCN)).toBe("昨天");
    expect(shortMoment(at(11, 24) - 15 * 3_600_000, now, "en", en)).toBe("08:50");
  });
});
