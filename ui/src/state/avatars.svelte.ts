// Pictures of people and of business systems, read once each and kept as addresses an image can show.

import { SvelteMap } from "svelte/reactivity";

import { type AvatarPicture, type Backend } from "../backend/backend";

/** Only pictures; anything else a directory might hold is not shown. */
const shown = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);

export class AvatarsState {
  #backend: Backend;
  #addresses = new SvelteMap<string, string>();
  #asked = new Set<string>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** The picture with this hash, once it is there. */
  of(hash: string | null | undefined): string | undefined {
    if (!hash) return undefined;
    return this.#addresses.get(hash);
  }

  async ask(person: string, hash: string): Promise<void> {
    await this.#read(hash, () => this.#backend.avatar(person));
  }

  async askOfSystem(system: string, hash: string): Promise<void> {
    await this.#read(hash, () => this.#backend.systemPicture(system, hash));
  }

  async #read(hash: string, question: () => Promise<AvatarPicture | null>): Promise<void> {
    if (this.#asked.has(hash)) return;
    this.#asked.add(hash);
    try {
      const picture = await question();
      if (!picture || !shown.has(picture.mediaType)) return;
      const blob = new Blob([new Uint8Array(picture.bytes)], { type: picture.mediaType });
      this.#addresses.set(hash, URL.createObjectURL(blob));
    } catch {
      this.#asked.delete(hash);
    }
  }
}
