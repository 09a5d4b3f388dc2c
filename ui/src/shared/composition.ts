// Keys that belong to an input method, not to the window.

/** An Enter this soon after the end of a composition is the one that ended it (WebKit sends it last). */
const SAME_KEY_MILLISECONDS = 30;

/** One per input field. Hang `started` and `ended` on its composition events and ask `owns` for each key. */
export class Composition {
  #isRunning = false;
  #endedAt = Number.NEGATIVE_INFINITY;

  started = (): void => {
    this.#isRunning = true;
  };

  ended = (event: CompositionEvent): void => {
    this.#isRunning = false;
    this.#endedAt = event.timeStamp;
  };

  /** The key chooses a candidate or ends the composition: nothing else may act on it. */
  owns(event: KeyboardEvent): boolean {
    if (this.#isRunning || isComposing(event)) return true;
    return event.key === "Enter" && event.timeStamp - this.#endedAt < SAME_KEY_MILLISECONDS;
  }
}

/** For places that have no field of their own. 229 is what browsers report while an input method works. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
