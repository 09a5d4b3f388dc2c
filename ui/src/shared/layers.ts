// What lies over the window, topmost last: Escape closes the top one only.

import { isComposing } from "./composition";

type Close = () => void;

const layers: Close[] = [];
const watchers = new Set<(covered: boolean) => void>();

/** Tells at once, and whenever it changes, whether a layer lies over the window; call the answer to end it. */
export function watchLayers(watcher: (covered: boolean) => void): () => void {
  watchers.add(watcher);
  watcher(hasLayer());
  return () => watchers.delete(watcher);
}

function tellWatchers(): void {
  for (const watcher of watchers) watcher(hasLayer());
}

/** Puts a layer on top; call the answer when it is gone. */
export function addLayer(close: Close): () => void {
  if (layers.length === 0) window.addEventListener("keydown", closeTop, true);
  layers.push(close);
  tellWatchers();
  return () => {
    const at = layers.lastIndexOf(close);
    if (at >= 0) layers.splice(at, 1);
    tellWatchers();
    if (layers.length === 0) window.removeEventListener("keydown", closeTop, true);
  };
}

/** True while a menu or dialog lies over the window. */
export function hasLayer(): boolean {
  return layers.length > 0;
}

function closeTop(event: KeyboardEvent): void {
  if (event.key !== "Escape" || isComposing(event)) return;
  event.preventDefault();
  event.stopPropagation();
  layers.at(-1)?.();
}
