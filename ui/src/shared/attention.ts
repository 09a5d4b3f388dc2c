// Whether the person looks at this window: it has the focus, or was used a moment ago.

const USED_RECENTLY_MILLISECONDS = 10_000;

let usedAt = Number.NEGATIVE_INFINITY;

const note = () => (usedAt = performance.now());

/** Starts noticing; the answer stops it. `changed` is called whenever attention may have come or gone. */
export function noticeAttention(changed: () => void): () => void {
  const used = () => {
    note();
    changed();
  };
  const uses = ["pointerdown", "keydown", "wheel"] as const;
  for (const use of uses) window.addEventListener(use, used, { passive: true });
  window.addEventListener("focus", changed);
  window.addEventListener("blur", changed);
  document.addEventListener("visibilitychange", changed);
  return () => {
    for (const use of uses) window.removeEventListener(use, used);
    window.removeEventListener("focus", changed);
    window.removeEventListener("blur", changed);
    document.removeEventListener("visibilitychange", changed);
  };
}

export function hasAttention(): boolean {
  if (document.visibilityState === "hidden") return false;
  return document.hasFocus() || performance.now() - usedAt < USED_RECENTLY_MILLISECONDS;
}
