// Which language the window speaks right now; changing it repaints every sentence.

import { en } from "./en";
import { type LanguageTag, type Texts } from "./texts";
import { zhCN } from "./zh-CN";

const all: Record<LanguageTag, Texts> = { "zh-CN": zhCN, en };

let current = $state<LanguageTag>("zh-CN");

/** The texts of the current language. */
export function text(): Texts {
  return all[current];
}

/** The current language, for dates and sorting. */
export function languageTag(): LanguageTag {
  return current;
}

/** `wish` is a setting: a language, or `system` to follow the computer. */
export function speak(wish: string, systemLanguages: readonly string[]): void {
  current = chosen(wish, systemLanguages);
}

function chosen(wish: string, systemLanguages: readonly string[]): LanguageTag {
  if (wish === "zh-CN" || wish === "en") return wish;
  const system = systemLanguages[0] ?? "";
  // A computer set up without a language names the one of the C standard.
  if (system === "" || system === "C" || system === "POSIX") return "zh-CN";
  return system.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
}
