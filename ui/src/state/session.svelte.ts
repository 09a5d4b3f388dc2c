// Who is signed in, and the state of the line.

import { BackendError, type Backend } from "../backend/backend";
import { type Account, type ConnectionState, type ConnectionTestStep, type EngineErrorCode, type SavedSignIn, type SignIn } from "../backend/generated";

export type Phase = "starting" | "signedOut" | "signedIn";

export class SessionState {
  #backend: Backend;
  #phase = $state<Phase>("starting");
  #account = $state<Account | null>(null);
  #connection = $state<ConnectionState>({ state: "signedOut" });
  #mustChangePassword = $state(false);
  #saved = $state<SavedSignIn | null>(null);
  #notice = $state<EngineErrorCode | null>(null);
  /** Count what was told: an answer that was under way meanwhile is older. */
  #toldOfLine = 0;
  #toldOfAccount = 0;

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.on("connectionChanged", ({ connection }) => {
      this.#toldOfLine += 1;
      this.#connection = connection;
    });
    backend.on("passwordMustChange", () => (this.#mustChangePassword = true));
    backend.on("accountChanged", ({ account }) => {
      this.#toldOfAccount += 1;
      if (account) this.#enter(account);
      else if (this.#phase === "signedIn") void this.#leave(null);
    });
  }

  get phase(): Phase {
    return this.#phase;
  }

  get account(): Account | null {
    return this.#account;
  }

  get connection(): ConnectionState {
    return this.#connection;
  }

  /** Connected, so that presence is true and messages go out at once. */
  get isOnline(): boolean {
    return this.#connection.state === "online" || this.#connection.state === "catchingUp";
  }

  /** Somebody else chose the password, and the server wants another one. */
  get mustChangePassword(): boolean {
    return this.#mustChangePassword;
  }

  get saved(): SavedSignIn | null {
    return this.#saved;
  }

  /** Why the sign-in form stands there, when it is not the first time. */
  get notice(): EngineErrorCode | null {
    return this.#notice;
  }

  /** From the store when there is an account, else to the form. */
  async start(): Promise<void> {
    try {
      const told = this.#toldOfAccount;
      const account = await this.#backend.resume();
      if (!account) return await this.#leave(null);
      if (this.#toldOfAccount === told) this.#enter(account);
      await this.#askForTheLine();
    } catch (thrown) {
      const { code } = BackendError.of(thrown);
      await this.#leave(code === "noPassword" || code === "notSignedIn" ? null : code);
    }
  }

  /** Answers what went wrong, or nothing. */
  async signIn(signIn: SignIn): Promise<BackendError | null> {
    try {
      const told = this.#toldOfAccount;
      const account = await this.#backend.signIn(signIn);
      if (this.#toldOfAccount === told) this.#enter(account);
      await this.#askForTheLine();
      return null;
    } catch (thrown) {
      return BackendError.of(thrown);
    }
  }

  async signOut(): Promise<void> {
    try {
      await this.#backend.signOut();
    } finally {
      await this.#leave(null);
    }
  }

  /** Back to the form with a reason, when only another password or consent helps. */
  async askToSignInAgain(reason: EngineErrorCode): Promise<void> {
    await this.#leave(reason);
  }

  /** Answers what is wrong, or nothing. */
  async changePassword(current: string | null, password: string): Promise<BackendError | null> {
    try {
      await this.#backend.changePassword(current, password);
      this.#mustChangePassword = false;
      return null;
    } catch (thrown) {
      return BackendError.of(thrown);
    }
  }

  async reconnectNow(): Promise<void> {
    await this.#backend.reconnectNow().catch(() => undefined);
  }

  async testConnection(server: string, login: string, onStep: (step: ConnectionTestStep) => void): Promise<BackendError | null> {
    try {
      await this.#backend.testConnection(server, login, onStep);
      return null;
    } catch (thrown) {
      return BackendError.of(thrown);
    }
  }

  async #askForTheLine(): Promise<void> {
    const told = this.#toldOfLine;
    const connection = await this.#backend.connection();
    if (this.#toldOfLine === told) this.#connection = connection;
  }

  #enter(account: Account): void {
    this.#account = account;
    this.#phase = "signedIn";
    this.#notice = null;
  }

  async #leave(notice: EngineErrorCode | null): Promise<void> {
    this.#saved = await this.#backend.savedSignIn().catch(() => null);
    this.#notice = notice;
    this.#mustChangePassword = false;
    this.#account = null;
    this.#phase = "signedOut";
  }
}
