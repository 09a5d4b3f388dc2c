// The gateway to phones, for its administrators: asked while its page is open.

import { BackendError, type Backend } from "../backend/backend";
import { type EngineErrorCode, type GatewayStatus } from "../backend/generated";
import { isStringArray, recall, remember } from "./memory";

/** People who are administrators, so that the page is there when the gateway is not. */
const ADMINISTRATORS = "gateway-administrators";
const PAUSE_MILLISECONDS = 5_000;

export class GatewayState {
  #backend: Backend;
  #person = "";
  #mayAsk = $state(false);
  #isOpen = $state(false);
  #status = $state.raw<GatewayStatus | null>(null);
  #failure = $state<EngineErrorCode | null>(null);
  #time = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.on("accountChanged", ({ account }) => {
      this.#person = account?.person ?? "";
      if (account?.canText) void this.#find();
      else this.#mayAsk = false;
    });
    backend.on("connectionChanged", ({ connection }) => {
      if (connection.state === "online" && this.#person !== "") void this.#find();
    });
  }

  /** The person is one of its administrators. */
  get mayAsk(): boolean {
    return this.#mayAsk;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get status(): GatewayStatus | null {
    return this.#status;
  }

  /** Why there is no newer answer. */
  get failure(): EngineErrorCode | null {
    return this.#failure;
  }

  /** When it answered last. */
  get time(): number {
    return this.#time;
  }

  open(): void {
    this.#isOpen = true;
    void this.#ask();
  }

  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#timer);
  }

  clear(): void {
    this.close();
    this.#person = "";
    this.#mayAsk = false;
    this.#status = null;
    this.#failure = null;
  }

  async #find(): Promise<void> {
    const person = this.#person;
    const known = recall<readonly string[]>(ADMINISTRATORS, [], isStringArray);
    let mayAsk = known.includes(person);
    try {
      await this.#backend.gatewayStatus();
      mayAsk = true;
    } catch (thrown) {
      const { code } = BackendError.of(thrown);
      if (code === "forbidden" || code === "notFound") mayAsk = false;
    }
    if (person !== this.#person) return;
    this.#mayAsk = mayAsk;
    const others = known.filter((one) => one !== person);
    remember(ADMINISTRATORS, mayAsk ? [...others, person] : others);
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.#status = await this.#backend.gatewayStatus();
      this.#time = Date.now();
      this.#failure = null;
    } catch (thrown) {
      this.#failure = BackendError.of(thrown).code;
    }
    if (this.#isOpen) this.#timer = setTimeout(() => void this.#ask(), PAUSE_MILLISECONDS);
  }
}
