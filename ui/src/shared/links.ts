// Finds web addresses in a text. Nothing is fetched and nothing becomes HTML.

export interface TextPart {
  text: string;
  /** Set when the part is a link. */
  url: string | null;
}

// Chinese punctuation and Chinese characters directly behind an address do not belong to it.
const address = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+/gi;
const trailing = /[.,;:!?)\]}]+$/;

export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    const url = withoutTrailing(match[0]);
    if (match.index > from) parts.push({ text: text.slice(from, match.index), url: null });
    parts.push({ text: url, url });
    from = match.index + url.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), url: null });
  return parts;
}

/** A closing bracket stays when its opening one is inside. */
function withoutTrailing(url: string): string {
  const end = trailing.exec(url)?.[0] ?? "";
  if (end.startsWith(")") && url.includes("(")) return url.slice(0, url.length - end.length + 1);
  return url.slice(0, url.length - end.length);
}
