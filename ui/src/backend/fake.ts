// A backend in memory: for component tests, and for `npm run dev` in a browser.

import { BackendError, type AvatarPicture, type Backend, type EventName, type EventOf, type OpenRequest, type Unsubscribe } from "./backend";
import { findPeople, foundCompany, type Company } from "./fake/company";
import { rememberTalks } from "./fake/history";
import { Mailbox } from "./fake/mailbox";
import { FakeTabs } from "./fake/tabs";
import {
  type Account,
  type Availability,
  type BusinessTabEvent,
  type ConnectionState,
  type ConnectionTestStep,
  type ConversationPage,
  type ConversationSummary,
  type DeliveryWish,
  type EngineErrorCode,
  type Message,
  type Notice,
  type NoticeValue,
  type PersonCard,
  type PersonHit,
  type QueryContact,
  type SavedSignIn,
  type Settings,
  type SignIn,
  type Sms,
  type SmsState,
  type TabAction,
  type TabPlace,
  type TreeBatch,
} from "./generated";
import { Listeners } from "./listeners";

/** How the fake behaves; every value has a default that suits tests. */
export interface FakeOptions {
  people: number;
  /** Milliseconds each answer takes. */
  latency: number;
  /** Starts signed in, as after a restart with a saved password. */
  signedIn: boolean;
  /** Colleagues answer by themselves. */
  lively: boolean;
  /** Starts with a few weeks of talk. */
  history: boolean;
  saved: SavedSignIn | null;
  settings: Partial<Settings>;
  now: () => number;
}

const FINGERPRINT = "9f2b64c8d01a77e35b1c0fd2446e8a93c7150be2f8d6634a9ce1702b55af08d4";
const PAGE = 40;
const BATCH = 500;
const replies = ["好的，我看一下。", "收到，谢谢！", "下午开会时再说吧。", "没问题。"];

export class FakeBackend implements Backend {
  readonly company: Company;
  readonly own: string;
  /** What the window asked to be told about last. */
  watched: { departments: string[]; people: string[] } = { departments: [], people: [] };
  /** What the password was changed to last. */
  changedPassword = "";
  /** What was chosen on notices. */
  chosen: { action: string; values: NoticeValue[] }[] = [];
  /** Links that were opened outside. */
  opened: string[] = [];
  #options: FakeOptions;
  #mailbox: Mailbox;
  /** The contact that answers codes. */
  queries: QueryContact | null = null;
  isGatewayAway = false;
  /** Business systems and their tabs. */
  readonly tabs = new FakeTabs();
  #listeners = new Listeners();
  #openRequests = new Set<(request: OpenRequest) => void>();
  #connection: ConnectionState = { state: "signedOut" };
  #account: Account | null = null;
  #canText = true;
  #settings: Settings;
  #refusals: { code: EngineErrorCode; detail: string }[] = [];
  #refuseNextMessage = false;
  #replyCount = 0;

  constructor(options: Partial<FakeOptions> = {}) {
    this.#options = {
      people: 120, latency: 0, signedIn: false, lively: false, history: true, saved: null, settings: {}, now: () => Date.now(), ...options,
    };
    this.company = foundCompany(this.#options.people);
    this.own = [...this.company.colleagues.keys()][3] ?? "";
    this.#mailbox = new Mailbox((peer) => this.company.colleagues.get(peer)?.card.name ?? peer);
    if (this.#options.history) rememberTalks(this.#mailbox, this.company, this.own, this.#options.now());
    this.#settings = {
      language: "zh-CN", theme: "system", density: "cozy", sendKey: "enter",
      notifications: true, notificationText: true, sendReadMarkers: true, sendTyping: true,
      ...this.#options.settings,
    };
  }

  queryContact = () =>
    this.#answer<QueryContact | null>(() => {
      if (this.isGatewayAway) throw new BackendError("gatewayAway");
      return this.queries;
    });

  businessSystems = () => this.#answer(() => this.tabs.systems);
  openTab = (system: string, path: string | null) => this.#answer(() => this.tabs.open(system, path));
  showTab = (tab: number | null) => this.#answer(() => this.tabs.show(tab));
  placeTab = (place: TabPlace) => this.#answer(() => this.tabs.place(place));
  closeTab = (tab: number) => this.#answer(() => this.tabs.close(tab));
  closeTabs = () => this.#answer(() => this.tabs.closeAll());
  actOnTab = (tab: number, action: TabAction) => this.#answer(() => this.tabs.act(tab, action));
  findInTab = (tab: number, text: string, forward: boolean) => this.#answer(() => this.tabs.find(tab, text, forward));
  onTabEvent = (listener: (event: BusinessTabEvent) => void) => this.tabs.hear(listener);

  // What a test or a scene makes happen.

  /** The next sign-in fails so. */
  refuseNextSignIn(code: EngineErrorCode, detail = ""): void {
    this.#refusals.push({ code, detail });
  }

  /** The server refuses the next message. */
  refuseNextMessage(): void {
    this.#refuseNextMessage = true;
  }

  /** A colleague writes from the phone. */
  receiveText(peer: string, text: string): Message {
    return this.receive(peer, text, this.#options.now(), { state: "received", failure: null, again: false, until: null });
  }

  /** The gateway says how far the text of a message is. */
  tellSms(id: number, state: SmsState, failure: string | null = null, again = false, until: string | null = null): void {
    const message = this.#mailbox.changeSms(id, { state, failure, again, until });
    if (message) this.#listeners.tell({ event: "messageChanged", message });
  }

  receive(peer: string, text: string, time = this.#options.now(), sms: Sms | null = null): Message {
    const message = this.#mailbox.add(peer, peer, text, time, "received", sms);
    this.#listeners.tell({ event: "messageAdded", message });
    this.#tellConversation(peer);
    return message;
  }

  /** A business system says something. */
  notify(notice: Notice): Message {
    const peer = `${notice.system}@notices.example.org`;
    const message = this.receive(peer, `${notice.title}\n${notice.text}`);
    return this.changeNotice(message.id, notice) ?? message;
  }

  changeNotice(id: number, notice: Notice): Message | null {
    const message = this.#mailbox.changeNotice(id, notice);
    if (message) {
      this.#listeners.tell({ event: "messageChanged", message });
      this.#tellConversation(message.peer);
    }
    return message;
  }

  loseConnection(retryInSeconds = 8, reason: EngineErrorCode = "connectionLost"): void {
    this.#connect({ state: "waiting", retryInSeconds, reason });
  }

  stopConnection(reason: EngineErrorCode): void {
    this.#connect({ state: "stopped", reason });
  }

  comeBack(): void {
    this.#connect({ state: "online" });
    for (const message of this.#mailbox.queued()) this.#carry(message);
  }

  setPresence(person: string, availability: Availability): void {
    const colleague = this.company.colleagues.get(person);
    if (!colleague) return;
    colleague.card.presence = { ...colleague.card.presence, availability };
    this.#tellPresence(this.watched.departments, [person]);
  }

  wantAnotherPassword(): void {
    this.#listeners.tell({ event: "passwordMustChange" });
  }

  startTyping(peer: string, typing = true): void {
    this.#listeners.tell({ event: "typingChanged", peer, typing });
  }

  clickNotification(peer: string, message: number): void {
    for (const listener of this.#openRequests) listener({ peer, message });
  }

  // The backend.

  savedSignIn = () => this.#answer<SavedSignIn | null>(() => this.#options.saved);

  signIn = (signIn: SignIn) =>
    this.#answer<Account>(() => {
      const refusal = this.#refusals.shift();
      if (refusal) throw new BackendError(refusal.code, refusal.detail);
      if (signIn.server === "new.example" && signIn.acceptFingerprint === null) {
        throw new BackendError("certificateUnknownAuthority", FINGERPRINT);
      }
      if (signIn.password === "wrong") throw new BackendError("notAuthorized");
      return this.#enter(signIn.server);
    });

  resume = () => this.#answer<Account | null>(() => (this.#options.signedIn ? this.#enter("im.huaan.example") : null));

  signOut = () =>
    this.#answer<void>(() => {
      this.#account = null;
      this.#connect({ state: "signedOut" });
      this.#listeners.tell({ event: "accountChanged", account: null });
    });

  changePassword = (current: string | null, password: string) =>
    this.#answer<void>(() => {
      if (current !== null && current !== "right") throw new BackendError("notAuthorized");
      if (password.length < 8) throw new BackendError("weakPassword");
      this.changedPassword = password;
    });

  reconnectNow = () => this.#answer<void>(() => this.comeBack());
  connection = () => this.#answer(() => this.#connection);

  testConnection = async (server: string, _login: string, onStep: (step: ConnectionTestStep) => void) => {
    const good: [string, number, string][] = [
      ["resolve", 3, "10.20.0.8"], ["connect", 2, "10.20.0.8:5223"], ["tls", 11, "TLS 1.3"],
      ["stream", 4, "huaan.example"], ["login", 2, "SCRAM-SHA-256-PLUS"], ["roundTrip", 1, "1 ms"],
    ];
    for (const [step, milliseconds, detail] of good) {
      await this.#pause();
      const fails = server.includes("closed") && step === "connect";
      onStep({ step, passed: !fails, milliseconds, detail, failure: fails ? "serverUnreachable" : null });
      if (fails) return;
    }
  };

  organization = async (onBatch: (batch: TreeBatch) => void) => {
    await this.#pause();
    const { departments, people } = this.company;
    onBatch({ departments, people: [], last: people.length === 0 });
    for (let from = 0; from < people.length; from += BATCH) {
      onBatch({ departments: [], people: people.slice(from, from + BATCH), last: from + BATCH >= people.length });
    }
  };

  searchPeople = (text: string, limit: number) => this.#answer<PersonHit[]>(() => findPeople(this.company, text, limit));

  personCard = (person: string) =>
    this.#answer<PersonCard>(() => {
      const colleague = this.company.colleagues.get(person);
      if (!colleague) throw new BackendError("notFound");
      return structuredClone(colleague.card);
    });

  avatar = () => this.#answer<AvatarPicture | null>(() => null);

  watchPresence = (departments: string[], people: string[]) =>
    this.#answer<void>(() => {
      this.watched = { departments, people };
      this.#tellPresence(departments, people);
    });

  setOwnPresence = (availability: Availability, status: string | null) =>
    this.#answer<void>(() => {
      const colleague = this.company.colleagues.get(this.own);
      if (colleague) colleague.card.presence = { person: this.own, availability, status };
      this.#tellPresence([], [this.own]);
    });

  conversations = () => this.#answer<ConversationSummary[]>(() => this.#mailbox.summaries());
  openConversation = (peer: string, around: number | null) =>
    this.#answer<ConversationPage>(() => this.#mailbox.page(peer, around, PAGE));
  olderMessages = (peer: string, before: number, limit: number) =>
    this.#answer<ConversationPage>(() => this.#mailbox.older(peer, before, limit));
  newerMessages = (peer: string, after: number, limit: number) =>
    this.#answer<ConversationPage>(() => this.#mailbox.newer(peer, after, limit));

  sendMessage = (peer: string, text: string, wish: DeliveryWish) =>
    this.#answer<Message>(() => {
      const sms: Sms | null = wish === "client" ? null : { state: "wished", failure: null, again: false, until: null };
      const message = this.#mailbox.add(peer, this.own, text, this.#options.now(), "queued", sms);
      this.#mailbox.draft(peer, "");
      this.#listeners.tell({ event: "messageAdded", message });
      this.#tellConversation(peer);
      if (this.#connection.state === "online") this.#carry(message);
      return message;
    });

  retryMessage = (id: number) =>
    this.#answer<void>(() => {
      const message = this.#change(id, "queued");
      if (message && this.#connection.state === "online") this.#carry(message);
    });

  deleteMessage = (id: number) =>
    this.#answer<void>(() => {
      const peer = this.#mailbox.remove(id);
      if (peer === null) return;
      this.#listeners.tell({ event: "messageRemoved", peer, id });
      this.#tellConversation(peer);
    });

  chooseAction = (message: number, action: string, values: NoticeValue[]) =>
    this.#answer<void>(() => {
      const notice = this.#mailbox.noticeOf(message);
      if (!notice) throw new BackendError("notFound");
      this.chosen.push({ action, values });
      this.changeNotice(message, { ...notice, chosen: action });
    });

  markRead = (peer: string, through: number) =>
    this.#answer<void>(() => {
      this.#mailbox.markRead(peer, through);
      this.#tellConversation(peer);
    });

  setTyping = () => this.#answer<void>(() => undefined);

  setDraft = (peer: string, text: string) =>
    this.#answer<void>(() => {
      this.#mailbox.draft(peer, text);
      this.#tellConversation(peer);
    });

  pinConversation = (peer: string, pinned: boolean) =>
    this.#answer<void>(() => {
      this.#mailbox.pin(peer, pinned);
      this.#tellConversation(peer);
    });

  closeConversation = (peer: string) =>
    this.#answer<void>(() => {
      this.#mailbox.close(peer);
      this.#listeners.tell({ event: "conversationClosed", peer });
    });

  settings = () => this.#answer<Settings>(() => ({ ...this.#settings }));
  saveSettings = (settings: Settings) => this.#answer<Settings>(() => (this.#settings = { ...settings }));

  openExternal = (url: string) => this.#answer<void>(() => void this.opened.push(url));
  windowReady = () => Promise.resolve();

  on<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): Unsubscribe {
    return this.#listeners.on(name, listener);
  }

  onOpenRequest(listener: (request: OpenRequest) => void): Unsubscribe {
    this.#openRequests.add(listener);
    return () => this.#openRequests.delete(listener);
  }

  /** The server has a gateway to phones from now on, or none. */
  tellCanText(canText: boolean): void {
    this.#canText = canText;
    if (!this.#account) return;
    this.#account = { ...this.#account, canText };
    this.#listeners.tell({ event: "accountChanged", account: this.#account });
  }

  #enter(server: string): Account {
    const name = this.company.colleagues.get(this.own)?.card.name ?? this.own;
    this.#account = { person: this.own, name, server, canText: this.#canText };
    this.#connect({ state: "online" });
    this.#listeners.tell({ event: "accountChanged", account: this.#account });
    return this.#account;
  }

  #connect(connection: ConnectionState): void {
    this.#connection = connection;
    this.#listeners.tell({ event: "connectionChanged", connection });
  }

  /** Takes a queued message through the states it would pass. */
  #carry(message: Message): void {
    if (this.#refuseNextMessage) {
      this.#refuseNextMessage = false;
      this.#change(message.id, "failed", "forbidden");
      return;
    }
    this.#change(message.id, "sent");
    if (message.sms) this.tellSms(message.id, "queued");
    const receiver = this.company.colleagues.get(message.peer)?.card.presence.availability;
    if (receiver !== undefined && receiver !== "offline") this.#change(message.id, "delivered");
    if (this.#options.lively && receiver !== "offline") this.#answerInWords(message);
  }

  #answerInWords(message: Message): void {
    const reply = replies[this.#replyCount % replies.length] ?? "";
    this.#replyCount += 1;
    setTimeout(() => this.#change(message.id, "read"), 900);
    setTimeout(() => this.startTyping(message.peer), 1500);
    setTimeout(() => {
      this.startTyping(message.peer, false);
      this.receive(message.peer, reply);
    }, 3500);
  }

  #change(id: number, state: Message["state"], failure: string | null = null): Message | null {
    const message = this.#mailbox.change(id, state, failure);
    if (message) this.#listeners.tell({ event: "messageChanged", message });
    return message;
  }

  #tellConversation(peer: string): void {
    const conversation = this.#mailbox.summary(peer);
    if (conversation) this.#listeners.tell({ event: "conversationChanged", conversation });
    const total = this.#mailbox.summaries().reduce((sum, { unread }) => sum + unread, 0);
    this.#listeners.tell({ event: "unreadChanged", total });
  }

  #tellPresence(departments: string[], people: string[]): void {
    const presenceOf = (person: string) => this.company.colleagues.get(person)?.card.presence;
    this.#listeners.tell({
      event: "presenceChanged",
      people: people.map(presenceOf).filter((presence) => presence !== undefined).map((presence) => ({ ...presence })),
      counts: departments.map((department) => {
        const members = this.company.membersBelow(department);
        const online = members.filter((person) => presenceOf(person)?.availability !== "offline").length;
        return { department, online, total: members.length };
      }),
    });
  }

  async #pause(): Promise<void> {
    if (this.#options.latency > 0) await new Promise((resolve) => setTimeout(resolve, this.#options.latency));
    else await Promise.resolve();
  }

  async #answer<Answer>(make: () => Answer): Promise<Answer> {
    await this.#pause();
    return make();
  }
}
