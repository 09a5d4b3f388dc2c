// A backend in memory: for component tests, and for `npm run dev` in a browser.

import { BackendError, type AvatarPicture, type Backend, type EventName, type EventOf, type OpenRequest, type Unsubscribe } from "./backend";
import { findPeople, foundCompany, type Company } from "./fake/company";
import { testSteps } from "./fake/connection-test";
import { type FakeOptions } from "./fake/options";
import { FakeGateway } from "./fake/gateway";
import { FakeTabs } from "./fake/tabs";
import { FakeTalk } from "./fake/talk";
import {
  type Account,
  type Availability,
  type BusinessBadge,
  type BusinessTabEvent,
  type ConnectionState,
  type ConnectionTestStep,
  type DeliveryWish,
  type EngineErrorCode,
  type Notice,
  type NoticeFilter,
  type NoticeValue,
  type PersonCard,
  type PersonHit,
  type QueryContact,
  type SavedSignIn,
  type Settings,
  type SignIn,
  type SmsState,
  type TabAction,
  type TabPlace,
  type TreeBatch,
} from "./generated";
import { Listeners } from "./listeners";

const FINGERPRINT = "9f2b64c8d01a77e35b1c0fd2446e8a93c7150be2f8d6634a9ce1702b55af08d4";
const PROOF = "proof-1";
const BATCH = 500;

export class FakeBackend implements Backend {
  readonly company: Company;
  readonly own: string;
  /** What the window asked to be told about last. */
  watched: { departments: string[]; people: string[] } = { departments: [], people: [] };
  /** What the password was changed to last. */
  changedPassword = "";
  /** Passwords with which somebody proved who they are; null: did not want to. */
  readonly provedWith: (string | null)[] = [];
  /** Links that were opened outside. */
  opened: string[] = [];
  #options: FakeOptions;
  /** The contact that answers codes. */
  queries: QueryContact | null = null;
  isGatewayAway = false;
  /** Business systems and their tabs. */
  readonly tabs = new FakeTabs();
  readonly gateway = new FakeGateway();
  /** Messages, and what the other sides do. */
  readonly #talk: FakeTalk;
  #listeners = new Listeners();
  #openRequests = new Set<(request: OpenRequest) => void>();
  #connection: ConnectionState = { state: "signedOut" };
  #account: Account | null = null;
  #canText = true;
  #settings: Settings;
  #refusals: { code: EngineErrorCode; detail: string }[] = [];

  constructor(options: Partial<FakeOptions> = {}) {
    this.#options = {
      people: 120, latency: 0, signedIn: false, lively: false, history: true, saved: null, settings: {}, now: () => Date.now(), ...options,
    };
    this.company = foundCompany(this.#options.people);
    this.own = [...this.company.colleagues.keys()][3] ?? "";
    this.#talk = new FakeTalk(this.company, this.own, this.#options, this.#listeners, () => this.#connection.state === "online");
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
  answerProof = (id: string, password: string | null) =>
    this.#answer<void>(() => {
      if (id !== PROOF) throw new BackendError("notFound");
      if (password !== null && password !== "right") throw new BackendError("notAuthorized");
      this.provedWith.push(password);
    });
  openTab = (system: string, path: string | null) => this.#answer(() => this.tabs.open(system, path));
  showTab = (tab: number | null) => this.#answer(() => this.tabs.show(tab));
  placeTab = (place: TabPlace) => this.#answer(() => this.tabs.place(place));
  closeTab = (tab: number) => this.#answer(() => this.tabs.close(tab));
  closeTabs = () => this.#answer(() => this.tabs.closeAll());
  actOnTab = (tab: number, action: TabAction) => this.#answer(() => this.tabs.act(tab, action));
  pinSystems = (systems: readonly string[]) => this.#answer(() => this.tabs.pin(systems));
  layOutTab = (system: string) => this.#answer(() => this.tabs.layOut(system));
  cancelDownload = (download: number) => this.#answer(() => this.tabs.cancel(download));
  memoryUse = () => this.#answer(() => this.tabs.memory());
  findInTab = (tab: number, text: string, forward: boolean) => this.#answer(() => this.tabs.find(tab, text, forward));
  onTabEvent = (listener: (event: BusinessTabEvent) => void) => this.tabs.hear(listener);

  // What a test or a scene makes happen.

  /** The next sign-in fails so. */
  refuseNextSignIn(code: EngineErrorCode, detail = ""): void {
    this.#refusals.push({ code, detail });
  }

  /** What was chosen on notices. */
  get chosen(): { action: string; values: NoticeValue[] }[] {
    return this.#talk.chosen;
  }

  refuseNextMessage = () => this.#talk.refuseNext();
  receive = (peer: string, text: string, time?: number) => this.#talk.receive(peer, text, time);
  receiveText = (peer: string, text: string) => this.#talk.receiveText(peer, text);
  tellSms = (id: number, state: SmsState, failure: string | null = null, again = false, until: string | null = null) =>
    this.#talk.tellSms(id, { state, failure, again, until });
  startTyping = (peer: string, typing = true) => this.#talk.startTyping(peer, typing);
  /** A business system says something. */
  notify = (notice: Notice, time?: number) => this.#talk.notify(notice, time);
  changeNotice = (id: number, notice: Notice) => this.#talk.changeNotice(id, notice);

  loseConnection(retryInSeconds = 8, reason: EngineErrorCode = "connectionLost"): void {
    this.#connect({ state: "waiting", retryInSeconds, reason });
  }

  stopConnection(reason: EngineErrorCode): void {
    this.#connect({ state: "stopped", reason });
  }

  comeBack(): void {
    this.#connect({ state: "online" });
    this.#talk.carryQueued();
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

  /** Business systems say what waits in them. */
  tellBadges(badges: BusinessBadge[]): void {
    this.#listeners.tell({ event: "badgesChanged", badges });
  }

  wantProof(seconds = 60): void {
    this.#listeners.tell({ event: "proofWanted", id: PROOF, system: "办公自动化", person: "张爱丽", number: 42, seconds });
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
    for (const step of testSteps(server)) {
      await this.#pause();
      onStep(step);
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

  systemPicture = (system: string, hash: string) => this.#answer<AvatarPicture | null>(() => this.tabs.picture(system, hash));

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

  conversations = () => this.#answer(() => this.#talk.conversations());
  openConversation = (peer: string, around: number | null) => this.#answer(() => this.#talk.page(peer, around));
  olderMessages = (peer: string, before: number, limit: number) => this.#answer(() => this.#talk.older(peer, before, limit));
  newerMessages = (peer: string, after: number, limit: number) => this.#answer(() => this.#talk.newer(peer, after, limit));
  sendMessage = (peer: string, text: string, wish: DeliveryWish) => this.#answer(() => this.#talk.send(peer, text, wish));
  retryMessage = (id: number) => this.#answer(() => this.#talk.retry(id));
  deleteMessage = (id: number) => this.#answer(() => this.#talk.delete(id));
  notices = (peer: string, filter: NoticeFilter, before: number | null, limit: number) => this.#answer(() => this.#talk.notices(peer, filter, before, limit));
  noticesSeen = (ids: number[]) => this.#answer(() => this.#talk.noticesSeen(ids));
  markDone = (message: number, done: boolean) => this.#answer(() => this.#talk.markDone(message, done));
  noticeTimeline = (message: number) => this.#answer(() => this.#talk.timeline(message));
  chooseAction = (message: number, action: string, values: NoticeValue[]) => this.#answer(() => this.#talk.choose(message, action, values));
  markRead = (peer: string, through: number) => this.#answer(() => this.#talk.markRead(peer, through));
  setTyping = () => this.#answer<void>(() => undefined);
  setDraft = (peer: string, text: string) => this.#answer(() => this.#talk.draft(peer, text));
  pinConversation = (peer: string, pinned: boolean) => this.#answer(() => this.#talk.pin(peer, pinned));
  closeConversation = (peer: string) => this.#answer(() => this.#talk.close(peer));

  gatewayStatus = () => this.#answer(() => this.gateway.status());

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
