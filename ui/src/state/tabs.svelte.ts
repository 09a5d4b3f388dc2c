// Business systems and their open tabs. The pages themselves are the shell's; the window leaves room for them.

import { BackendError, type Backend } from "../backend/backend";
import { type BusinessBadge, type BusinessSystem, type BusinessTab, type BusinessTabEvent, type MemoryUse, type TabAction, type TabDownload, type TabPlace } from "../backend/generated";
import { isStringArray, recall, remember } from "./memory";
import { moved, placeIn, systemsInOrder } from "./tab-order";
import { nameIn } from "./tab-title";

const PINNED = "pinned-systems";
const ORDER = "tab-order";
const DOWNLOADS_SHOWN = 5;

/** A system wants to know anew who the person is. */
export interface ProofQuestion {
  id: string;
  system: string;
  person: string;
  number: number;
}

export class TabsState {
  #backend: Backend;
  #systems = $state.raw<readonly BusinessSystem[]>([]);
  #tabs = $state.raw<readonly BusinessTab[]>([]);
  #active = $state<number | null>(null);
  #hasLoaded = $state(false);
  #badges = $state.raw<readonly BusinessBadge[]>([]);
  #badgesTold = 0;
  #downloads = $state.raw<readonly TabDownload[]>([]);
  #pinned = $state.raw<readonly string[]>(recall<readonly string[]>(PINNED, [], isStringArray));
  #order: readonly string[] = recall<readonly string[]>(ORDER, [], isStringArray);
  #found = $state.raw<{ tab: number; matches: number | null } | null>(null);
  /** The tabs of pinned systems stand in the bar since this sign-in. */
  #isLaidOut = false;
  #shown: number | null = null;
  #proof = $state.raw<ProofQuestion | null>(null);
  #proofEnds: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.onTabEvent((event) => this.#hear(event));
    backend.on("proofWanted", ({ id, system, person, number, seconds }) => {
      this.#ask({ id, system, person, number });
      this.#proofEnds = setTimeout(() => this.#ask(null), seconds * 1_000);
    });
    backend.on("badgesChanged", ({ badges }) => {
      this.#badgesTold += 1;
      this.#badges = badges;
    });
    backend.on("connectionChanged", ({ connection }) => {
      if (connection.state === "online") void this.load();
    });
  }

  /** Pinned ones first, then in the organisation's order. */
  get systems(): readonly BusinessSystem[] {
    const isPinned = ({ id }: BusinessSystem) => this.#pinned.includes(id);
    return [...this.#systems.filter(isPinned), ...this.#systems.filter((system) => !isPinned(system))];
  }

  /** In the order in which they stand in the bar. */
  get open(): readonly BusinessTab[] {
    return this.#tabs;
  }

  get active(): BusinessTab | null {
    return this.#tabs.find(({ tab }) => tab === this.#active) ?? null;
  }

  /** What waits for the person's password. */
  get proof(): ProofQuestion | null {
    return this.#proof;
  }

  /** Answers what is wrong when another password may be tried. */
  async prove(password: string | null): Promise<BackendError | null> {
    const question = this.#proof;
    if (!question) return null;
    try {
      await this.#backend.answerProof(question.id, password);
    } catch (thrown) {
      const error = BackendError.of(thrown);
      if (error.code === "notAuthorized") return error;
    }
    if (this.#proof?.id === question.id) this.#ask(null);
    return null;
  }

  get hasLoaded(): boolean {
    return this.#hasLoaded;
  }

  /** The newest downloads. */
  get downloads(): readonly TabDownload[] {
    return this.#downloads;
  }

  isPinned(system: string): boolean {
    return this.#pinned.includes(system);
  }

  togglePin(system: string): void {
    const others = this.#pinned.filter((one) => one !== system);
    this.#pinned = others.length === this.#pinned.length ? [...others, system] : others;
    remember(PINNED, this.#pinned);
    this.#tellPinned();
  }

  /** Hash of a system's picture. */
  iconOf(system: string): string | null {
    return this.#systems.find(({ id }) => id === system)?.icon ?? null;
  }

  /** What waits in a system, as it says itself; 0 when it says nothing. */
  badgeOf(system: string): number {
    return this.#badges.find((badge) => badge.system === system)?.count ?? 0;
  }

  nameOf(system: string): string {
    return this.#systems.find(({ id }) => id === system)?.name ?? system;
  }

  /** What stands on a tab. */
  titleOf(tab: BusinessTab): string {
    return nameIn(tab.title) || this.nameOf(tab.system);
  }

  tabOf(system: string): BusinessTab | null {
    return this.#tabs.find((tab) => tab.system === system) ?? null;
  }

  #tellPinned(): void {
    void this.#backend.pinSystems(this.#pinned).catch(() => undefined);
  }

  async load(): Promise<void> {
    this.#tellPinned();
    const told = this.#badgesTold;
    try {
      this.#systems = await this.#backend.businessSystems();
      // What was told meanwhile is newer.
      if (told === this.#badgesTold) this.#badges = this.#systems.map(({ id, badge }) => ({ system: id, count: badge }));
    } catch {
      // No line: what is known stays.
    } finally {
      this.#hasLoaded = true;
    }
    if (this.#isLaidOut || this.#systems.length === 0) return;
    this.#isLaidOut = true;
    const isThere = (id: string) => this.#systems.some((system) => system.id === id);
    for (const system of this.#pinned.filter(isThere)) await this.#backend.layOutTab(system).catch(() => undefined);
  }

  /** Opens a system, or goes to a place in it. What goes wrong stands in the tab. */
  async openSystem(system: string, path: string | null = null): Promise<void> {
    const known = this.tabOf(system);
    if (known) this.#active = known.tab;
    try {
      this.#active = await this.#backend.openTab(system, path);
    } catch (thrown) {
      BackendError.of(thrown);
      this.#active = this.tabOf(system)?.tab ?? this.#active;
    }
  }

  choose(tab: number): void {
    this.#active = tab;
  }

  /** Puts a tab before another one in the bar, or last. */
  move(tab: number, before: number | null): void {
    const tabs = moved(this.#tabs, tab, before);
    if (tabs === this.#tabs) return;
    this.#tabs = tabs;
    this.#order = systemsInOrder(this.#order, tabs);
    remember(ORDER, this.#order);
  }

  async closeOthers(tab: number): Promise<void> {
    for (const other of this.#tabs.filter((one) => one.tab !== tab)) await this.close(other.tab);
  }

  async close(tab: number): Promise<void> {
    await this.#backend.closeTab(tab).catch(() => undefined);
    this.#forget(tab);
  }

  async act(tab: number, action: TabAction): Promise<void> {
    await this.#backend.actOnTab(tab, action).catch(() => undefined);
  }

  /** How often the text that is looked for stands in a page; null until that is known. */
  matchesIn(tab: number): number | null {
    return this.#found?.tab === tab ? this.#found.matches : null;
  }

  async find(tab: number, text: string, forward: boolean): Promise<void> {
    if (text === "") this.#found = null;
    await this.#backend.findInTab(tab, text, forward).catch(() => undefined);
  }

  /** Shows the active tab's page in that place; `null`: the window draws there itself. */
  show(place: TabPlace | null): void {
    const active = this.active;
    const tab = place && active && active.failure === null ? active.tab : null;
    if (place && tab !== null) void this.#backend.placeTab(place).catch(() => undefined);
    if (tab === this.#shown) return;
    this.#shown = tab;
    void this.#backend.showTab(tab).catch(() => undefined);
  }

  async cancelDownload(download: number): Promise<void> {
    await this.#backend.cancelDownload(download).catch(() => undefined);
  }

  /** What everything takes; null when it cannot be asked. */
  async memoryUse(): Promise<MemoryUse | null> {
    return await this.#backend.memoryUse().catch(() => null);
  }

  dismissDownload(download: number): void {
    this.#downloads = this.#downloads.filter((one) => one.download !== download);
  }

  /** After signing out: nothing of one person is left for the next. */
  clear(): void {
    this.show(null);
    void this.#backend.closeTabs().catch(() => undefined);
    this.#systems = [];
    this.#badges = [];
    this.#tabs = [];
    this.#downloads = [];
    this.#active = null;
    this.#hasLoaded = false;
    this.#isLaidOut = false;
    this.#found = null;
    this.#ask(null);
  }

  #ask(question: ProofQuestion | null): void {
    clearTimeout(this.#proofEnds);
    this.#proof = question;
  }

  #hear(event: BusinessTabEvent): void {
    if (event.event === "tabClosed") this.#forget(event.tab);
    else if (event.event === "tabChanged") this.#change(event.tab, event.opener);
    else if (event.event === "searched") this.#found = { tab: event.tab, matches: event.matches };
    else this.#followDownload(event.download);
  }

  #change(tab: BusinessTab, opener: number | null): void {
    const isKnown = this.#tabs.some((one) => one.tab === tab.tab);
    this.#tabs = isKnown ? this.#tabs.map((one) => (one.tab === tab.tab ? tab : one)) : placeIn(this.#tabs, tab, opener, this.#order);
    if (!isKnown && !tab.isAsleep && (opener !== null || this.#active === null)) this.#active = tab.tab;
  }

  /** New ones first; one that goes on keeps its place. */
  #followDownload(file: TabDownload): void {
    const isKnown = this.#downloads.some(({ download }) => download === file.download);
    this.#downloads = isKnown
      ? this.#downloads.map((one) => (one.download === file.download ? file : one))
      : [file, ...this.#downloads].slice(0, DOWNLOADS_SHOWN);
  }

  #forget(tab: number): void {
    const at = this.#tabs.findIndex((one) => one.tab === tab);
    if (at < 0) return;
    this.#tabs = this.#tabs.filter((one) => one.tab !== tab);
    if (this.#active === tab) this.#active = this.#tabs[Math.min(at, this.#tabs.length - 1)]?.tab ?? null;
  }
}
