// Notices of business systems: the list that is shown, what was seen of it, and what the person chooses.

import { BackendError, type Backend } from "../backend/backend";
import { type EngineErrorCode, type Message, type Notice, type NoticeFilter, type NoticeStep } from "../backend/generated";

const PAGE = 50;
const MOST = 500;
/** Pages that are read to find the notice that a notification is about. */
const PAGES_TO_TARGET = 20;

export class NoticesState {
  #backend: Backend;
  #filter = $state<NoticeFilter>("open");
  /** Address of the system, or empty: all. */
  #system = $state("");
  #listed = $state.raw<readonly Message[]>([]);
  #hasMore = $state(false);
  #isLoaded = $state(false);
  #failure = $state<EngineErrorCode | null>(null);
  #target = $state<number | null>(null);
  #isPaging = false;
  /** Grows with every list that is asked for: an answer to an earlier question is not heard. */
  #question = 0;
  /** What is told while a list is being read: it is newer than the answer. */
  #early: Message[] = [];

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.on("messageAdded", ({ message }) => this.#hear(message));
    backend.on("messageChanged", ({ message }) => this.#hear(message));
    backend.on("messageRemoved", ({ id }) => {
      this.#listed = this.#listed.filter((message) => message.id !== id);
    });
    backend.on("conversationChanged", ({ conversation }) => {
      if (conversation.system !== null) this.#readElsewhere(conversation.peer, conversation.unread);
    });
  }

  get filter(): NoticeFilter {
    return this.#filter;
  }

  get system(): string {
    return this.#system;
  }

  /** The newest first. */
  get listed(): readonly Message[] {
    return this.#listed;
  }

  get hasMore(): boolean {
    return this.#hasMore;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get failure(): EngineErrorCode | null {
    return this.#failure;
  }

  /** The notice that was asked for, by a notification. */
  get target(): number | null {
    return this.#target;
  }

  async show(filter: NoticeFilter, system: string, target: number | null = null): Promise<void> {
    if (filter !== this.#filter || system !== this.#system) {
      this.#listed = [];
      this.#isLoaded = false;
    }
    this.#filter = filter;
    this.#system = system;
    this.#target = target;
    await this.#read(PAGE);
    for (let page = 0; target !== null && page < PAGES_TO_TARGET && !this.#isListed(target); page += 1) {
      if (!this.#hasMore) break;
      await this.more();
    }
  }

  /** The notice that was asked for has been shown. */
  forgetTarget(): void {
    this.#target = null;
  }

  async more(): Promise<void> {
    const last = this.#listed.at(-1);
    if (!last || !this.#hasMore || this.#isPaging) return;
    const question = this.#question;
    this.#isPaging = true;
    try {
      const page = await this.#backend.notices(this.#system, this.#filter, last.id, PAGE);
      if (question !== this.#question) return;
      this.#listed = merged(this.#listed, page.notices);
      this.#hasMore = page.hasMore;
    } catch {
      // The end stays as it is; scrolling there again tries again.
    } finally {
      this.#isPaging = false;
    }
  }

  /** The person has seen these. */
  seen(ids: readonly number[]): void {
    const unread = this.#listed.filter(({ id, notice }) => notice?.unread === true && ids.includes(id));
    if (unread.length > 0) void this.#backend.noticesSeen(unread.map(({ id }) => id)).catch(() => undefined);
  }

  /** All of the chosen system, or of all. */
  async markAllRead(): Promise<void> {
    try {
      let page = await this.#backend.notices(this.#system, "unread", null, MOST);
      while (page.notices.length > 0) {
        await this.#backend.noticesSeen(page.notices.map(({ id }) => id));
        if (!page.hasMore) break;
        page = await this.#backend.notices(this.#system, "unread", null, MOST);
      }
    } catch {
      // What is unread still says so.
    }
  }

  /** Chooses an action; false when it did not work. */
  async choose(message: number, action: string, values: Record<string, string>): Promise<boolean> {
    const filled = Object.entries(values).map(([name, text]) => ({ name, text }));
    try {
      await this.#backend.chooseAction(message, action, filled);
      return true;
    } catch {
      return false;
    }
  }

  /** Marks a notice as done by hand, or takes that back; false when it did not work. */
  async markDone(message: number, done: boolean): Promise<boolean> {
    try {
      await this.#backend.markDone(message, done);
      return true;
    } catch {
      return false;
    }
  }

  /** What became of a notice, or why nobody can say. */
  async timeline(message: number): Promise<readonly NoticeStep[] | EngineErrorCode> {
    try {
      return await this.#backend.noticeTimeline(message);
    } catch (thrown) {
      return BackendError.of(thrown).code;
    }
  }

  clear(): void {
    this.#question += 1;
    this.#listed = [];
    this.#filter = "open";
    this.#system = "";
    this.#target = null;
    this.#failure = null;
    this.#hasMore = false;
    this.#isLoaded = false;
  }

  async #read(limit: number): Promise<void> {
    this.#question += 1;
    const question = this.#question;
    this.#early = [];
    try {
      const page = await this.#backend.notices(this.#system, this.#filter, null, limit);
      if (question !== this.#question) return;
      this.#listed = page.notices;
      this.#hasMore = page.hasMore;
      this.#failure = null;
    } catch (thrown) {
      if (question !== this.#question) return;
      this.#failure = BackendError.of(thrown).code;
    }
    this.#isLoaded = true;
    for (const message of this.#early.splice(0)) this.#hear(message);
  }

  /** A card that is listed changes where it stands, and leaves when the list is read again. */
  #hear(message: Message): void {
    if (!message.notice) return;
    if (!this.#isLoaded) {
      this.#early.push(message);
      return;
    }
    const isListed = this.#isListed(message.id);
    if (isListed || (this.#isWanted(message, message.notice) && this.#belongsHere(message))) {
      this.#listed = merged(this.#listed, [message]);
    }
  }

  #isListed(id: number): boolean {
    return this.#listed.some((message) => message.id === id);
  }

  #isWanted({ peer }: Message, notice: Notice): boolean {
    // What only informs is done when it has been read.
    const asks = notice.actions.length > 0 || notice.link !== null || notice.unread;
    const isOpen = notice.state === "open" && notice.chosen === null && !notice.marked && asks;
    const isOfFilter = { open: isOpen, done: !isOpen, unread: notice.unread, all: true }[this.#filter];
    return isOfFilter && (this.#system === "" || this.#system === peer);
  }

  /** A notice behind the shown piece comes with its own page later. */
  #belongsHere(message: Message): boolean {
    const last = this.#listed.at(-1);
    return !this.#hasMore || last === undefined || inOrder(message, last) < 0;
  }

  /** Another computer has read: fewer are unread than the list shows. */
  #readElsewhere(peer: string, unread: number): void {
    const shown = this.#listed.filter((message) => message.peer === peer && message.notice?.unread === true);
    if (shown.length <= unread || !this.#isLoaded) return;
    if (unread === 0) {
      this.#listed = this.#listed.map((message) =>
        message.peer === peer && message.notice ? { ...message, notice: { ...message.notice, unread: false } } : message,
      );
    } else {
      void this.#read(Math.min(MOST, Math.max(PAGE, this.#listed.length)));
    }
  }
}

/** Both lists as one, the newest first, nothing twice; of two the later one. */
function merged(one: readonly Message[], other: readonly Message[]): Message[] {
  const byId = new Map([...one, ...other].map((message) => [message.id, message]));
  return [...byId.values()].sort(inOrder);
}

function inOrder(one: Message, other: Message): number {
  return other.time - one.time || other.id - one.id;
}
