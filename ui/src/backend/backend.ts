// What the window asks of the engine and hears from it. The only door: components never see Tauri.

import type {
  Account,
  Availability,
  BusinessSystem,
  BusinessTabEvent,
  ConnectionState,
  ConnectionTestStep,
  ConversationPage,
  ConversationSummary,
  DeliveryWish,
  EngineError,
  EngineErrorCode,
  EngineEvent,
  GatewayStatus,
  MemoryUse,
  Message,
  NoticeFilter,
  NoticePage,
  NoticeStep,
  NoticeValue,
  PersonCard,
  PersonHit,
  QueryContact,
  SavedSignIn,
  Settings,
  SignIn,
  TabAction,
  TabPlace,
  TreeBatch,
} from "./generated";

export type EventName = EngineEvent["event"];
export type EventOf<Name extends EventName> = Extract<EngineEvent, { event: Name }>;
/** Ends a subscription. */
export type Unsubscribe = () => void;

/** A picture as the engine keeps it. */
export interface AvatarPicture {
  mediaType: string;
  bytes: number[];
}

/** A notification was clicked: show this message. */
export interface OpenRequest {
  peer: string;
  message: number;
}

/** One function per row of the engine's `commands.rs`; failures are `BackendError`s. */
export interface Backend {
  savedSignIn(): Promise<SavedSignIn | null>;
  signIn(signIn: SignIn): Promise<Account>;
  resume(): Promise<Account | null>;
  signOut(): Promise<void>;
  /** `current` is null when the server wants the change. */
  changePassword(current: string | null, password: string): Promise<void>;
  reconnectNow(): Promise<void>;
  connection(): Promise<ConnectionState>;
  testConnection(server: string, login: string, onStep: (step: ConnectionTestStep) => void): Promise<void>;

  organization(onBatch: (batch: TreeBatch) => void): Promise<void>;
  searchPeople(text: string, limit: number): Promise<PersonHit[]>;
  personCard(person: string): Promise<PersonCard>;
  avatar(person: string): Promise<AvatarPicture | null>;
  /** The picture of a business system with this hash. */
  systemPicture(system: string, hash: string): Promise<AvatarPicture | null>;
  watchPresence(departments: string[], people: string[]): Promise<void>;
  setOwnPresence(availability: Availability, status: string | null): Promise<void>;

  conversations(): Promise<ConversationSummary[]>;
  openConversation(peer: string, around: number | null): Promise<ConversationPage>;
  olderMessages(peer: string, before: number, limit: number): Promise<ConversationPage>;
  newerMessages(peer: string, after: number, limit: number): Promise<ConversationPage>;
  sendMessage(peer: string, text: string, wish: DeliveryWish): Promise<Message>;
  retryMessage(id: number): Promise<void>;
  deleteMessage(id: number): Promise<void>;
  /** Notices of one system, or of all when `peer` is empty; the newest first. */
  notices(peer: string, filter: NoticeFilter, before: number | null, limit: number): Promise<NoticePage>;
  noticesSeen(ids: number[]): Promise<void>;
  /** What the person chooses on a notice of a business system. */
  chooseAction(message: number, action: string, values: NoticeValue[]): Promise<void>;
  /** Marks a notice as done by hand, or takes that back. */
  markDone(message: number, done: boolean): Promise<void>;
  /** What became of a notice, in the order in which it happened; the server is asked. */
  noticeTimeline(message: number): Promise<NoticeStep[]>;
  markRead(peer: string, through: number): Promise<void>;
  setTyping(peer: string, typing: boolean): Promise<void>;
  setDraft(peer: string, text: string): Promise<void>;
  pinConversation(peer: string, pinned: boolean): Promise<void>;
  closeConversation(peer: string): Promise<void>;
  /** The contact that answers codes; null when the gateway offers none, `gatewayAway` when it cannot be asked. */
  queryContact(): Promise<QueryContact | null>;

  /** How the gateway to phones is, for its administrators. */
  gatewayStatus(): Promise<GatewayStatus>;

  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<Settings>;

  businessSystems(): Promise<BusinessSystem[]>;
  /** `password` is null when the person does not want to. */
  answerProof(id: string, password: string | null): Promise<void>;
  /** Opens a system, or goes to a place in it; answers the tab's key. */
  openTab(system: string, path: string | null): Promise<number>;
  /** Shows one tab's page, or none. */
  showTab(tab: number | null): Promise<void>;
  /** Where the page lies in the window. */
  placeTab(place: TabPlace): Promise<void>;
  closeTab(tab: number): Promise<void>;
  closeTabs(): Promise<void>;
  actOnTab(tab: number, action: TabAction): Promise<void>;
  /** The systems whose pages sleep last. */
  pinSystems(systems: readonly string[]): Promise<void>;
  /** A tab that sleeps until somebody looks at it; answers its key. */
  layOutTab(system: string): Promise<number>;
  cancelDownload(download: number): Promise<void>;
  memoryUse(): Promise<MemoryUse>;
  findInTab(tab: number, text: string, forward: boolean): Promise<void>;

  /** Opens a web or mail link outside of the window. */
  openExternal(url: string): Promise<void>;
  /** The first view is drawn: the shell may show the window. */
  windowReady(): Promise<void>;

  /** Calls `listener` on each event of that name, in the engine's order. */
  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): Unsubscribe;
  /** Calls `listener` on everything that tabs tell. */
  onTabEvent(listener: (event: BusinessTabEvent) => void): Unsubscribe;
  /** Calls `listener` when the user clicked a notification. */
  onOpenRequest(listener: (request: OpenRequest) => void): Unsubscribe;
}

/** A command failed; branch on `code`, never on a text. */
export class BackendError extends Error {
  readonly code: EngineErrorCode;
  readonly detail: string;

  constructor(code: EngineErrorCode, detail = "") {
    super(`${code}: ${detail}`);
    this.name = "BackendError";
    this.code = code;
    this.detail = detail;
  }

  /** Whatever a command threw, as a code. */
  static of(thrown: unknown): BackendError {
    if (thrown instanceof BackendError) return thrown;
    if (isEngineError(thrown)) return new BackendError(thrown.code, thrown.detail);
    return new BackendError("internal", String(thrown));
  }
}

function isEngineError(thrown: unknown): thrown is EngineError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "detail" in thrown;
}
