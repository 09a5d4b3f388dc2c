// What a page's title tells beside its name.

const COUNT = /^\s*[(（【[](\d{1,4})\+?[)）】\]]/u;

/** What waits there, as many pages say it: `(3) 办公自动化`. */
export function unreadIn(title: string): number {
  return Number(COUNT.exec(title)?.[1] ?? 0);
}

/** The title without the count. */
export function nameIn(title: string): string {
  return title.replace(COUNT, "").trim();
}
