// Keeps what the person reads where it is, whatever grows above, below or around it.

/** Nearer to the end than this counts as at the end. */
const END_TOLERANCE = 24;

export class Anchor {
  #scroller: HTMLElement;
  #isAtEnd = true;
  #id: string | null = null;
  #offset = 0;

  constructor(scroller: HTMLElement) {
    this.#scroller = scroller;
  }

  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** After the person scrolled: the first message on the screen is what must not move. */
  note(): void {
    const scroller = this.#scroller;
    this.#isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_TOLERANCE;
    const top = scroller.getBoundingClientRect().top;
    const first = this.#messages().find((element) => element.getBoundingClientRect().bottom > top);
    this.#id = first?.dataset["message"] ?? null;
    this.#offset = first ? first.getBoundingClientRect().top - top : 0;
  }

  /** After something changed its size: back to where it was. */
  hold(): void {
    if (this.#isAtEnd) {
      this.toEnd();
      return;
    }
    const element = this.#id === null ? null : this.#find(this.#id);
    if (!element) return;
    const moved = element.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top - this.#offset;
    if (Math.abs(moved) >= 1) this.#scroller.scrollTop += moved;
  }

  toEnd(): void {
    this.#isAtEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** Brings a message to a place on the screen: 0 is the top, 1 the bottom. */
  toMessage(id: number, place: number): void {
    const element = this.#find(String(id));
    if (!element) return;
    const from = this.#scroller.getBoundingClientRect().top + this.#scroller.clientHeight * place;
    this.#scroller.scrollTop += element.getBoundingClientRect().top - from;
    this.note();
  }

  /** Key of the last message that is on the screen to its end. */
  lastVisible(): number | null {
    const bottom = this.#scroller.getBoundingClientRect().bottom + END_TOLERANCE;
    const last = this.#messages().findLast((element) => element.getBoundingClientRect().bottom <= bottom);
    return last ? Number(last.dataset["message"]) : null;
  }

  #messages(): HTMLElement[] {
    return [...this.#scroller.querySelectorAll<HTMLElement>("[data-message]")];
  }

  #find(id: string): HTMLElement | null {
    return this.#scroller.querySelector<HTMLElement>(`[data-message="${id}"]`);
  }
}
