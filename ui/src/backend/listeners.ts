// Who wants to hear which event; both backends hand their events out through this.

import type { EventName, EventOf, Unsubscribe } from "./backend";
import type { EngineEvent } from "./generated";

export class Listeners {
  #byName = new Map<EventName, Set<(event: EngineEvent) => void>>();

  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): Unsubscribe {
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners);
    // The set under a name only ever hears events of that name.
    const entry = listener as (event: EngineEvent) => void;
    listeners.add(entry);
    return () => listeners.delete(entry);
  }

  tell(event: EngineEvent): void {
    for (const listener of this.#byName.get(event.event) ?? []) listener(event);
  }
}
