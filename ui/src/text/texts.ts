// The shape of a language: what the Chinese texts have, with any words in it.

import { type zhCN } from "./zh-CN";

type Widened<Value> = Value extends string
  ? string
  : Value extends (...parts: infer Parts) => string
    ? (...parts: Parts) => string
    : { [Key in keyof Value]: Widened<Value[Key]> };

export type Texts = Widened<typeof zhCN>;
export type LanguageTag = "zh-CN" | "en";
