// The contact that answers codes: whether there is one, and which codes the person may use.

import { BackendError, type Backend } from "../backend/backend";
import { type QueryContact } from "../backend/generated";

/** A gateway that is away is asked again after this time. */
const AGAIN_MILLISECONDS = 60_000;

export class QueriesState {
  #backend: Backend;
  #contact = $state.raw<QueryContact | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Answers to older questions count no more. */
  #asked = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.on("connectionChanged", ({ connection }) => {
      if (connection.state === "online") void this.load();
    });
  }

  get contact(): QueryContact | null {
    return this.#contact;
  }

  async load(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const asked = this.#asked;
    try {
      const contact = await this.#backend.queryContact();
      if (asked === this.#asked) this.#contact = contact;
    } catch (thrown) {
      // What was known stays: the gateway comes back.
      if (asked !== this.#asked || BackendError.of(thrown).code !== "gatewayAway") return;
      this.#timer = setTimeout(() => void this.load(), AGAIN_MILLISECONDS);
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#contact = null;
  }
}

/** The address that the contact has for this account, also while the gateway is away. */
export function isQueryAddress(peer: string, own: string): boolean {
  const domain = own.split("@", 2)[1];
  return domain !== undefined && peer === `query@sms.${domain}`;
}
