// The settings of this person on this computer. The engine keeps them; a change shows at once.

import { type Backend } from "../backend/backend";
import { type Settings } from "../backend/generated";
import { speak } from "../text/language.svelte";

const atFirst: Settings = {
  language: "system",
  theme: "system",
  density: "cozy",
  sendKey: "enter",
  notifications: true,
  notificationText: true,
  sendReadMarkers: true,
  sendTyping: true,
};

export class SettingsState {
  #backend: Backend;
  #values = $state<Settings>(atFirst);
  #saveFailed = $state(false);

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#apply(atFirst);
  }

  get values(): Readonly<Settings> {
    return this.#values;
  }

  get saveFailed(): boolean {
    return this.#saveFailed;
  }

  async load(): Promise<void> {
    try {
      this.#apply(await this.#backend.settings());
    } catch {
      // The defaults are usable; the next change tells whether saving works.
    }
  }

  async change(difference: Partial<Settings>): Promise<void> {
    const before = this.#values;
    this.#apply({ ...before, ...difference });
    try {
      this.#apply(await this.#backend.saveSettings({ ...this.#values }));
      this.#saveFailed = false;
    } catch {
      this.#apply(before);
      this.#saveFailed = true;
    }
  }

  #apply(values: Settings): void {
    this.#values = values;
    speak(values.language, navigator.languages);
  }
}
