// All state of the window, put together once; components reach it through the context.

import { createContext } from "svelte";

import { type Backend } from "../backend/backend";
import { type Availability } from "../backend/generated";
import { text } from "../text/language.svelte";
import { AvatarsState } from "./avatars.svelte";
import { ChatState } from "./chat.svelte";
import { ClockState } from "./clock.svelte";
import { ConversationsState } from "./conversations.svelte";
import { GatewayState } from "./gateway.svelte";
import { NavigationState } from "./navigation.svelte";
import { NoticesState } from "./notices.svelte";
import { OrganizationState } from "./organization.svelte";
import { PresenceState } from "./presence.svelte";
import { isQueryAddress, QueriesState } from "./queries.svelte";
import { SessionState } from "./session.svelte";
import { SettingsState } from "./settings.svelte";
import { TabsState } from "./tabs.svelte";

export class WindowState {
  readonly avatars: AvatarsState;
  readonly chat: ChatState;
  readonly clock = new ClockState();
  readonly conversations: ConversationsState;
  readonly gateway: GatewayState;
  readonly navigation = new NavigationState();
  readonly notices: NoticesState;
  readonly organization: OrganizationState;
  readonly presence: PresenceState;
  readonly queries: QueriesState;
  readonly session: SessionState;
  readonly settings: SettingsState;
  readonly tabs: TabsState;
  #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.avatars = new AvatarsState(backend);
    this.chat = new ChatState(backend, () => this.session.account?.canText ?? false);
    this.conversations = new ConversationsState(backend);
    this.gateway = new GatewayState(backend);
    this.notices = new NoticesState(backend);
    this.organization = new OrganizationState(backend);
    this.presence = new PresenceState(backend);
    this.queries = new QueriesState(backend);
    this.session = new SessionState(backend);
    this.settings = new SettingsState(backend);
    this.tabs = new TabsState(backend);
    backend.onOpenRequest(({ peer, message }) => {
      if ((this.conversations.of(peer)?.system ?? null) !== null) {
        this.navigation.show("notices");
        void this.notices.show("all", peer, message);
        return;
      }
      this.navigation.show("recent");
      void this.chat.openWith(peer, message);
    });
  }

  /** Settings first, so that the first view has the right language and colours. */
  async start(): Promise<void> {
    await this.settings.load();
    await this.session.start();
    void this.#backend.windowReady().catch(() => undefined);
  }

  /** After signing in: what the main view needs, from the store first. */
  async fill(own: string): Promise<void> {
    await Promise.all([this.conversations.load().catch(() => undefined), this.organization.load(own), this.queries.load(), this.tabs.load()]);
  }

  /** After signing out: nothing of one person is left for the next. */
  empty(): void {
    this.chat.clear();
    this.conversations.clear();
    this.navigation.clear();
    this.gateway.clear();
    this.notices.clear();
    this.organization.clear();
    this.presence.clear();
    this.queries.clear();
    this.tabs.clear();
  }

  /** The contact that answers codes, which is no person. */
  isQueries(peer: string): boolean {
    return isQueryAddress(peer, this.session.account?.person ?? "");
  }

  /** Short name of the business system that writes from an address; `null`: a person does. */
  systemOf(peer: string): string | null {
    if (this.isQueries(peer)) return "query";
    return this.conversations.of(peer)?.system ?? null;
  }

  /** The best name known for an address. */
  nameOf(person: string): string {
    if (this.isQueries(person)) return text().queries.name;
    return this.organization.post(person)?.name ?? this.conversations.of(person)?.name ?? person.split("@", 1)[0] ?? person;
  }

  /** Address of the person's picture once it is there; asks for it the first time. */
  pictureOf(person: string): string | undefined {
    const hash = this.organization.post(person)?.avatar;
    if (!hash) return undefined;
    void this.avatars.ask(person, hash);
    return this.avatars.of(hash);
  }

  /** Address of a business system's picture once it is there; asks for it the first time. */
  systemPictureOf(system: string, hash: string | null): string | undefined {
    if (hash === null) return undefined;
    void this.avatars.askOfSystem(system, hash);
    return this.avatars.of(hash);
  }

  /** What is known right now: nothing while there is no line. */
  availabilityOf(person: string): Availability | "unknown" {
    if (!this.session.isOnline) return "unknown";
    if (person === this.session.account?.person) return this.presence.own;
    return this.presence.of(person)?.availability ?? "unknown";
  }

  /** Shows a place in a business system. */
  openInSystem(system: string, path: string | null): void {
    this.navigation.show("systems");
    void this.tabs.openSystem(system, path);
  }

  openExternal(url: string): void {
    void this.#backend.openExternal(url).catch(() => undefined);
  }
}

const [getWindowState, setWindowState] = createContext<WindowState>();

export { getWindowState, setWindowState };
