// Where a tab goes that is pulled along the bar.

/** So many pixels are still a click. */
const STILL = 6;

/** A tab under the pressed pointer. */
export interface Dragged {
  tab: number;
  /** Where the pointer was pressed. */
  from: number;
  isMoving: boolean;
}

/** The tab before which it belongs now, `null` for last; nothing while it does not move. */
export function draggedTo(bar: HTMLElement, dragged: Dragged, x: number): { before: number | null } | null {
  if (!dragged.isMoving && Math.abs(x - dragged.from) < STILL) return null;
  const places = [...bar.querySelectorAll<HTMLElement>("[data-place]")];
  const next = places.find((place) => {
    const { left, width } = place.getBoundingClientRect();
    return Number(place.dataset["place"]) !== dragged.tab && x < left + width / 2;
  });
  return { before: next ? Number(next.dataset["place"]) : null };
}
