// Who is there, for the people on the screen. Cost follows what is looked at.

import { SvelteMap } from "svelte/reactivity";

import { type Backend } from "../backend/backend";
import { type Availability, type DepartmentCount, type PersonPresence } from "../backend/generated";

const SETTLE_MILLISECONDS = 150;

interface Looking {
  departments: readonly string[];
  people: readonly string[];
}

export class PresenceState {
  #backend: Backend;
  #people = new SvelteMap<string, PersonPresence>();
  #counts = new SvelteMap<string, DepartmentCount>();
  #own = $state<Availability>("online");
  #ownStatus = $state<string | null>(null);
  #looking = new Map<string, Looking>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watched = "";

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.on("presenceChanged", ({ people, counts }) => {
      for (const presence of people) this.#people.set(presence.person, presence);
      for (const count of counts) this.#counts.set(count.department, count);
    });
  }

  /** Nothing known yet: `undefined`. */
  of(person: string): PersonPresence | undefined {
    return this.#people.get(person);
  }

  countOf(department: string): DepartmentCount | undefined {
    return this.#counts.get(department);
  }

  get own(): Availability {
    return this.#own;
  }

  get ownStatus(): string | null {
    return this.#ownStatus;
  }

  async setOwn(availability: Availability, status: string | null): Promise<void> {
    const before = [this.#own, this.#ownStatus] as const;
    this.#own = availability;
    this.#ownStatus = status;
    try {
      await this.#backend.setOwnPresence(availability, status);
    } catch {
      [this.#own, this.#ownStatus] = before;
    }
  }

  /** One part of the window says whom it shows; the engine hears the sum once things settle. */
  look(from: string, looking: Looking): void {
    this.#looking.set(from, looking);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#watch(), SETTLE_MILLISECONDS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#people.clear();
    this.#counts.clear();
    this.#looking.clear();
    this.#watched = "";
    this.#own = "online";
  }

  #watch(): void {
    const all = [...this.#looking.values()];
    const departments = [...new Set(all.flatMap((looking) => looking.departments))].sort();
    const people = [...new Set(all.flatMap((looking) => looking.people))].sort();
    const watched = JSON.stringify([departments, people]);
    if (watched === this.#watched) return;
    this.#watched = watched;
    this.#backend.watchPresence(departments, people).catch(() => (this.#watched = ""));
  }
}
