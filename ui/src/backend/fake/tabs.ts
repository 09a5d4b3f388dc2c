// Business systems and tabs without pages, for component tests and the browser.

import { type AvatarPicture, BackendError, type Unsubscribe } from "../backend";
import { type BusinessSystem, type BusinessTab, type BusinessTabEvent, type BusinessTabFailure, type MemoryUse, type TabAction, type TabPlace } from "../generated";

export class FakeTabs {
  systems: BusinessSystem[] = [
    { id: "oa", name: "办公自动化", icon: null, badge: 0 },
    { id: "erp", name: "企业资源计划", icon: null, badge: 0 },
    { id: "mail", name: "邮件", icon: null, badge: 0 },
  ];
  /** What was asked of pages, oldest first. */
  asked: string[] = [];
  /** Pictures of systems by their hashes. */
  pictures = new Map<string, AvatarPicture>();
  shown: number | null = null;
  placed: TabPlace | null = null;
  #tabs = new Map<number, BusinessTab>();
  #last = 0;
  #listeners = new Set<(event: BusinessTabEvent) => void>();

  hear(listener: (event: BusinessTabEvent) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(system: string, path: string | null): number {
    this.asked.push(`open ${system} ${path ?? "/"}`);
    const known = [...this.#tabs.values()].find((tab) => tab.system === system);
    const tab = known?.tab ?? (this.#last += 1);
    const isAllowed = this.systems.some(({ id }) => id === system);
    this.change({
      tab, system, title: "", origin: isAllowed ? `https://${system}.example.org` : "", isLoading: false,
      canGoBack: false, canGoForward: false, zoom: 1, failure: isAllowed ? null : "notAllowed",
      isAsleep: false, isMuted: false, isAudible: false,
    });
    if (!isAllowed) throw new BackendError("forbidden");
    return tab;
  }

  show(tab: number | null): void {
    this.shown = tab;
  }

  place(place: TabPlace): void {
    this.placed = place;
  }

  close(tab: number): void {
    if (this.#tabs.delete(tab)) this.tell({ event: "tabClosed", tab });
  }

  closeAll(): void {
    for (const tab of [...this.#tabs.keys()]) this.close(tab);
  }

  act(tab: number, action: TabAction): void {
    this.asked.push(`${action} ${tab}`);
  }

  pin(systems: readonly string[]): void {
    this.asked.push(`pin ${systems.join(" ")}`);
  }

  layOut(system: string): number {
    this.asked.push(`lay out ${system}`);
    const tab = (this.#last += 1);
    this.change({
      tab, system, title: "", origin: "", isLoading: false, canGoBack: false, canGoForward: false, zoom: 1, failure: null,
      isAsleep: true, isMuted: false, isAudible: false,
    });
    return tab;
  }

  cancel(download: number): void {
    this.asked.push(`cancel ${download}`);
  }

  memory(): MemoryUse {
    const awake = [...this.#tabs.values()].filter((tab) => !tab.isAsleep);
    return { program: 90e6, window: 160e6, tabs: awake.map(({ tab }) => ({ tab, bytes: tab * 40e6 })), mostForTabs: 2 ** 30 };
  }

  find(tab: number, text: string, forward: boolean): void {
    this.asked.push(`find ${tab} ${text} ${forward ? "forward" : "back"}`);
  }

  picture(system: string, hash: string): AvatarPicture | null {
    this.asked.push(`picture ${system} ${hash}`);
    return this.pictures.get(hash) ?? null;
  }

  // What a test makes happen.

  change(tab: BusinessTab): void {
    this.#tabs.set(tab.tab, tab);
    this.tell({ event: "tabChanged", tab, opener: null });
  }

  alter(tab: number, changes: Partial<BusinessTab>): void {
    const known = this.#tabs.get(tab);
    if (known) this.change({ ...known, ...changes });
  }

  title(tab: number, title: string): void {
    this.alter(tab, { title });
  }

  fail(tab: number, failure: BusinessTabFailure): void {
    this.alter(tab, { failure });
  }

  tell(event: BusinessTabEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
