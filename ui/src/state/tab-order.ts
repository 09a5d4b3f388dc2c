// In which order tabs stand in the bar: as the person has put them, and remembered by their systems.

import { type BusinessTab } from "../backend/generated";

type Tabs = readonly BusinessTab[];

/** With a new tab: beside the one that has opened it, or where its system stood before. */
export function placeIn(tabs: Tabs, tab: BusinessTab, opener: number | null, order: readonly string[]): Tabs {
  const openerAt = tabs.findIndex((one) => one.tab === opener);
  if (openerAt >= 0) return tabs.toSpliced(openerAt + 1, 0, tab);
  const rank = order.indexOf(tab.system);
  const at = rank < 0 ? -1 : tabs.findIndex((one) => order.indexOf(one.system) > rank);
  return at < 0 ? [...tabs, tab] : tabs.toSpliced(at, 0, tab);
}

/** With a tab before another one, or last; the same list when it stands there. */
export function moved(tabs: Tabs, tab: number, before: number | null): Tabs {
  const from = tabs.findIndex((one) => one.tab === tab);
  const taken = tabs[from];
  if (!taken || tab === before) return tabs;
  const others = tabs.toSpliced(from, 1);
  const at = before === null ? others.length : others.findIndex((one) => one.tab === before);
  return at < 0 || at === from ? tabs : others.toSpliced(at, 0, taken);
}

/** The order to remember. Systems without a tab keep their places among the others. */
export function systemsInOrder(order: readonly string[], tabs: Tabs): readonly string[] {
  const now = [...new Set(tabs.map(({ system }) => system))];
  const left = [...now];
  const kept = order.map((system) => (now.includes(system) ? (left.shift() ?? system) : system));
  return [...kept, ...left];
}
