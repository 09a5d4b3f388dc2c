// A menu as data: where it opens and what it offers.

import { type IconName } from "./icons";

/** Draws a presence dot in the place of an icon. */
export interface PresenceMark {
  availability: "online" | "away" | "extendedAway" | "doNotDisturb" | "offline";
}

export interface MenuItem {
  label: string;
  icon: IconName | PresenceMark;
  /** For a choice of several: this one holds. */
  isChosen?: boolean;
  onchoose: () => void;
  isDangerous?: boolean;
  testid?: string;
}

export interface OpenMenu {
  x: number;
  y: number;
  label: string;
  items: MenuItem[];
}

/** Where a context menu belongs: at the pointer, or below the element when a key or button asked for it. */
export function menuPlace(event: MouseEvent): { x: number; y: number } {
  const element = event.currentTarget;
  const isPointer = event.type === "contextmenu" && event.button === 2;
  if (isPointer || !(element instanceof HTMLElement)) return { x: event.clientX, y: event.clientY };
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left + 4, y: bottom };
}
