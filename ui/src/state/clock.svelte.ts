// The minute it is, so that "today" turns into "yesterday" by itself.

const MINUTE = 60_000;

export class ClockState {
  #now = $state(Date.now());

  get now(): number {
    return this.#now;
  }

  /** Keeps the minute current until the returned function is called. */
  run(): () => void {
    const timer = setInterval(() => (this.#now = Date.now()), MINUTE / 2);
    return () => clearInterval(timer);
  }
}
