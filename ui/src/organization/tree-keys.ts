// The keyboard pattern of a tree (ARIA Authoring Practices): where a key leads. Pure.

import { type TreeRow } from "../state/tree";

export interface TreeMove {
  /** The row that becomes the active one. */
  index: number;
  /** Opens or folds the department the move starts from. */
  open?: boolean;
}

const PAGE = 10;

export function moveInTree(rows: readonly TreeRow[], from: number, event: KeyboardEvent): TreeMove | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const last = rows.length - 1;
  switch (event.key) {
    case "ArrowDown":
      return { index: Math.min(last, from + 1) };
    case "ArrowUp":
      return { index: Math.max(0, from - 1) };
    case "PageDown":
      return { index: Math.min(last, from + PAGE) };
    case "PageUp":
      return { index: Math.max(0, from - PAGE) };
    case "Home":
      return { index: 0 };
    case "End":
      return { index: last };
    case "ArrowRight":
      return inwards(rows, from);
    case "ArrowLeft":
      return outwards(rows, from);
    default:
      return byFirstLetter(rows, from, event.key);
  }
}

/** Opens a folded department; in an open one goes to its first row. */
function inwards(rows: readonly TreeRow[], from: number): TreeMove | null {
  const row = rows[from];
  if (row?.kind !== "department") return null;
  if (!row.isOpen) return { index: from, open: true };
  const next = rows[from + 1];
  return next && next.level > row.level ? { index: from + 1 } : null;
}

/** Folds an open department; otherwise goes to the department above. */
function outwards(rows: readonly TreeRow[], from: number): TreeMove | null {
  const row = rows[from];
  if (!row) return null;
  if (row.kind === "department" && row.isOpen) return { index: from, open: false };
  const above = rows.slice(0, from).findLastIndex(({ level }) => level < row.level);
  return above < 0 ? null : { index: above };
}

function byFirstLetter(rows: readonly TreeRow[], from: number, key: string): TreeMove | null {
  if ([...key].length !== 1) return null;
  const nameOf = (row: TreeRow) => (row.kind === "person" ? row.person.name : row.department.name).toLowerCase();
  const wanted = key.toLowerCase();
  const rest = [...rows.keys()].map((step) => (from + 1 + step) % rows.length);
  const index = rest.find((candidate) => {
    const row = rows[candidate];
    return row !== undefined && nameOf(row).startsWith(wanted);
  });
  return index === undefined ? null : { index };
}
