// The backend inside the desktop app: commands of the shell, and one stream of engine events.

import { Channel, invoke, type InvokeArgs } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import { BackendError, type Backend, type EventName, type EventOf, type OpenRequest, type Unsubscribe } from "./backend";
import type { Availability, BusinessTabEvent, ConnectionTestStep, DeliveryWish, EngineEvent, NoticeFilter, NoticeValue, Settings, SignIn, TabAction, TabPlace, TreeBatch } from "./generated";
import { Listeners } from "./listeners";

const ENGINE_EVENT = "engine-event";
const TAB_EVENT = "tab-event";
const OPEN_CONVERSATION = "open-conversation";

/** True when the page runs inside the desktop app. */
export function isInsideTauri(): boolean {
  return "__TAURI_INTERNALS__" in window;
}

export class TauriBackend implements Backend {
  #listeners = new Listeners();

  private constructor() {}

  /** Resolves once events are heard, so that none is missed between the first command and its events. */
  static async connect(): Promise<TauriBackend> {
    const backend = new TauriBackend();
    await listen<EngineEvent>(ENGINE_EVENT, ({ payload }) => backend.#listeners.tell(payload));
    return backend;
  }

  savedSignIn = () => call<Awaited<ReturnType<Backend["savedSignIn"]>>>("saved_sign_in");
  signIn = (signIn: SignIn) => call<Awaited<ReturnType<Backend["signIn"]>>>("sign_in", { signIn });
  resume = () => call<Awaited<ReturnType<Backend["resume"]>>>("resume");
  signOut = () => call<void>("sign_out");
  changePassword = (current: string | null, password: string) => call<void>("change_password", { current, password });
  reconnectNow = () => call<void>("reconnect_now");
  connection = () => call<Awaited<ReturnType<Backend["connection"]>>>("connection");
  testConnection = (server: string, domainLogin: string, onStep: (step: ConnectionTestStep) => void) =>
    call<void>("test_connection", { server, domainLogin, channel: new Channel(onStep) });

  organization = (onBatch: (batch: TreeBatch) => void) =>
    call<void>("organization", { channel: new Channel(onBatch) });
  searchPeople = (text: string, limit: number) =>
    call<Awaited<ReturnType<Backend["searchPeople"]>>>("search_people", { text, limit });
  personCard = (person: string) => call<Awaited<ReturnType<Backend["personCard"]>>>("person_card", { person });
  avatar = (person: string) => call<Awaited<ReturnType<Backend["avatar"]>>>("avatar", { person });
  systemPicture = (system: string, hash: string) => call<Awaited<ReturnType<Backend["systemPicture"]>>>("system_picture", { system, hash });
  watchPresence = (departments: string[], people: string[]) =>
    call<void>("watch_presence", { departments, people });
  setOwnPresence = (availability: Availability, status: string | null) =>
    call<void>("set_own_presence", { availability, status });

  conversations = () => call<Awaited<ReturnType<Backend["conversations"]>>>("conversations");
  openConversation = (peer: string, around: number | null) =>
    call<Awaited<ReturnType<Backend["openConversation"]>>>("open_conversation", { peer, around });
  olderMessages = (peer: string, before: number, limit: number) =>
    call<Awaited<ReturnType<Backend["olderMessages"]>>>("older_messages", { peer, before, limit });
  newerMessages = (peer: string, after: number, limit: number) =>
    call<Awaited<ReturnType<Backend["newerMessages"]>>>("newer_messages", { peer, after, limit });
  sendMessage = (peer: string, text: string, wish: DeliveryWish) =>
    call<Awaited<ReturnType<Backend["sendMessage"]>>>("send_message", { peer, text, wish });
  retryMessage = (id: number) => call<void>("retry_message", { id });
  deleteMessage = (id: number) => call<void>("delete_message", { id });
  markRead = (peer: string, through: number) => call<void>("mark_read", { peer, through });
  setTyping = (peer: string, typing: boolean) => call<void>("set_typing", { peer, typing });
  setDraft = (peer: string, text: string) => call<void>("set_draft", { peer, text });
  pinConversation = (peer: string, pinned: boolean) => call<void>("pin_conversation", { peer, pinned });
  closeConversation = (peer: string) => call<void>("close_conversation", { peer });

  queryContact = () => call<Awaited<ReturnType<Backend["queryContact"]>>>("query_contact");

  settings = () => call<Settings>("settings");
  saveSettings = (settings: Settings) => call<Settings>("save_settings", { settings });

  notices = (peer: string, filter: NoticeFilter, before: number | null, limit: number) =>
    call<Awaited<ReturnType<Backend["notices"]>>>("notices", { peer, filter, before, limit });
  noticesSeen = (ids: number[]) => call<void>("notices_seen", { ids });
  markDone = (message: number, done: boolean) => call<void>("mark_done", { message, done });
  noticeTimeline = (message: number) => call<Awaited<ReturnType<Backend["noticeTimeline"]>>>("notice_timeline", { message });
  chooseAction = (message: number, action: string, values: NoticeValue[]) => call<void>("choose_action", { message, action, values });

  gatewayStatus = () => call<Awaited<ReturnType<Backend["gatewayStatus"]>>>("gateway_status");

  businessSystems = () => call<Awaited<ReturnType<Backend["businessSystems"]>>>("business_systems");
  answerProof = (id: string, password: string | null) => call<void>("answer_proof", { id, password });
  openTab = (system: string, path: string | null) => call<number>("open_tab", { system, path });
  showTab = (tab: number | null) => call<void>("show_tab", { tab });
  placeTab = (place: TabPlace) => call<void>("place_tab", { place });
  closeTab = (tab: number) => call<void>("close_tab", { tab });
  closeTabs = () => call<void>("close_tabs");
  actOnTab = (tab: number, action: TabAction) => call<void>("act_on_tab", { tab, action });
  pinSystems = (systems: readonly string[]) => call<void>("pin_systems", { systems });
  layOutTab = (system: string) => call<number>("lay_out_tab", { system });
  cancelDownload = (download: number) => call<void>("cancel_download", { download });
  memoryUse = () => call<Awaited<ReturnType<Backend["memoryUse"]>>>("memory_use");
  findInTab = (tab: number, text: string, forward: boolean) => call<void>("find_in_tab", { tab, text, forward });

  openExternal = (url: string) => call<void>("open_external", { url });
  windowReady = () => call<void>("window_ready");

  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): Unsubscribe {
    return this.#listeners.on(name, listener);
  }

  onTabEvent(listener: (event: BusinessTabEvent) => void): Unsubscribe {
    const subscription = listen<BusinessTabEvent>(TAB_EVENT, ({ payload }) => listener(payload));
    return () => void subscription.then((end) => end());
  }

  onOpenRequest(listener: (request: OpenRequest) => void): Unsubscribe {
    const subscription = listen<OpenRequest>(OPEN_CONVERSATION, ({ payload }) => listener(payload));
    return () => void subscription.then((end) => end());
  }
}

async function call<Answer>(command: string, args?: InvokeArgs): Promise<Answer> {
  try {
    return await invoke<Answer>(command, args);
  } catch (thrown) {
    throw BackendError.of(thrown);
  }
}
