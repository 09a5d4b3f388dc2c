// What a browser has and the test page has not.

import { beforeEach, vi } from "vitest";

/** Everything has the size of a small window. */
class SizedObserver implements ResizeObserver {
  #callback: ResizeObserverCallback;

  constructor(callback: ResizeObserverCallback) {
    this.#callback = callback;
  }

  observe(target: Element): void {
    const isRow = target.parentElement?.style.position === "relative";
    const contentRect = { width: 300, height: isRow ? 40 : 600 } as DOMRectReadOnly;
    queueMicrotask(() => {
      if (target.isConnected) this.#callback([{ target, contentRect } as ResizeObserverEntry], this);
    });
  }

  unobserve(): void {}
  disconnect(): void {}
}

vi.stubGlobal("ResizeObserver", SizedObserver);
vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
Element.prototype.scrollIntoView = () => undefined;
Element.prototype.scrollTo = () => undefined;
// Virtual lists ask whether an element is drawn at all.
Object.defineProperty(HTMLElement.prototype, "offsetParent", { get: () => document.body });

beforeEach(() => localStorage.clear());
