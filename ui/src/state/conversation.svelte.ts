// The messages of the open conversation: a window onto a possibly long history that grows at both ends.

import { BackendError, type Backend } from "../backend/backend";
import { type ConversationPage, type DeliveryWish, type EngineErrorCode, type Message } from "../backend/generated";

const PAGE = 50;
/** More messages than this are not kept on the screen; the far end is let go. */
const KEPT = 300;

export class Conversation {
  readonly peer: string;
  #backend: Backend;
  #messages = $state.raw<readonly Message[]>([]);
  #firstUnread = $state<number | null>(null);
  #hasOlder = $state(false);
  #hasNewer = $state(false);
  #isLoaded = $state(false);
  #failure = $state<EngineErrorCode | null>(null);
  #unseen = $state(0);
  #target = $state<number | null>(null);
  #markedThrough: Message | null = null;
  #isPaging = false;
  /** Events that come while the first page is on its way. */
  #early: Message[] = [];

  constructor(backend: Backend, peer: string) {
    this.#backend = backend;
    this.peer = peer;
  }

  /** Oldest first. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** The divider stands above this message. */
  get firstUnread(): number | null {
    return this.#firstUnread;
  }

  /** The message that was asked for: a notification or a search hit. */
  get target(): number | null {
    return this.#target;
  }

  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  get hasNewer(): boolean {
    return this.#hasNewer;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get failure(): EngineErrorCode | null {
    return this.#failure;
  }

  /** Came in below what is on the screen and was not seen. */
  get unseen(): number {
    return this.#unseen;
  }

  /** Opens at the first unread message, or around a given one. */
  async open(around: number | null): Promise<void> {
    try {
      const page = await this.#backend.openConversation(this.peer, around);
      this.#show(page);
      this.#firstUnread = page.firstUnread;
      this.#unseen = countFrom(page.messages, page.firstUnread);
      this.#target = around;
      this.#failure = null;
    } catch (thrown) {
      this.#failure = BackendError.of(thrown).code;
    }
    this.#isLoaded = true;
    for (const message of this.#early.splice(0)) this.upsert(message);
  }

  async loadOlder(): Promise<void> {
    const first = this.#messages[0];
    if (!first || !this.#hasOlder) return;
    await this.#page(async () => {
      const page = await this.#backend.olderMessages(this.peer, first.id, PAGE);
      const messages = merged(page.messages, this.#messages);
      this.#hasOlder = page.hasOlder;
      this.#hasNewer ||= messages.length > KEPT;
      this.#messages = messages.slice(0, KEPT);
    });
  }

  async loadNewer(): Promise<void> {
    const last = this.#messages.at(-1);
    if (!last || !this.#hasNewer) return;
    await this.#page(async () => {
      const page = await this.#backend.newerMessages(this.peer, last.id, PAGE);
      const messages = merged(this.#messages, page.messages);
      this.#hasNewer = page.hasNewer;
      this.#hasOlder ||= messages.length > KEPT;
      this.#messages = messages.slice(-KEPT);
    });
  }

  /** Makes the newest messages the shown ones. */
  async showNewest(): Promise<void> {
    if (!this.#hasNewer) return;
    const last = this.#messages.at(-1);
    if (!last) return;
    await this.#page(async () => {
      let page = await this.#backend.newerMessages(this.peer, last.id, KEPT);
      let messages = merged(this.#messages, page.messages);
      while (page.hasNewer && page.messages.length > 0) {
        page = await this.#backend.newerMessages(this.peer, messages.at(-1)?.id ?? 0, KEPT);
        messages = merged(messages, page.messages).slice(-KEPT);
      }
      this.#hasNewer = false;
      this.#hasOlder ||= messages.length > KEPT;
      this.#messages = messages.slice(-KEPT);
    });
  }

  /** A message is new or different. `isWatched`: the person looks at the newest messages right now. */
  upsert(message: Message, isWatched = false): void {
    if (!this.#isLoaded) {
      this.#early.push(message);
      return;
    }
    const known = this.#messages.findIndex(({ id }) => id === message.id);
    if (known >= 0) {
      // The server may have put it elsewhere: a message that waited stands where it was sent.
      this.#messages = merged(this.#messages, [message]);
      return;
    }
    const isNew = message.state === "received" && this.#isAfterAll(message);
    if (isNew && !isWatched) {
      this.#unseen += 1;
      this.#firstUnread ??= message.id;
    }
    if (this.#belongsHere(message)) this.#messages = merged(this.#messages, [message]);
  }

  remove(id: number): void {
    this.#messages = this.#messages.filter((message) => message.id !== id);
    if (this.#firstUnread === id) this.#firstUnread = null;
  }

  async send(text: string, wish: DeliveryWish): Promise<BackendError | null> {
    try {
      if (this.#hasNewer) await this.showNewest();
      const message = await this.#backend.sendMessage(this.peer, text, wish);
      // Its event may have come before this answer, and its next state too.
      if (!this.#messages.some(({ id }) => id === message.id)) this.upsert(message);
      this.#firstUnread = null;
      return null;
    } catch (thrown) {
      return BackendError.of(thrown);
    }
  }

  async retry(id: number): Promise<void> {
    await this.#backend.retryMessage(id).catch(() => undefined);
  }

  async delete(id: number): Promise<void> {
    await this.#backend.deleteMessage(id).catch(() => undefined);
  }

  /** The person has seen everything through this message. */
  seen(through: Message): void {
    if (this.#markedThrough && inOrder(through, this.#markedThrough) <= 0) return;
    this.#markedThrough = through;
    this.#unseen = this.#hasNewer ? this.#unseen : countAfter(this.#messages, through);
    void this.#backend.markRead(this.peer, through.id).catch(() => undefined);
  }

  #show(page: ConversationPage): void {
    this.#messages = page.messages;
    this.#hasOlder = page.hasOlder;
    this.#hasNewer = page.hasNewer;
  }

  /** A message before the shown piece, or behind it, comes with its own page later. */
  #belongsHere(message: Message): boolean {
    const first = this.#messages[0];
    if (this.#hasOlder && first && inOrder(message, first) < 0) return false;
    return !this.#hasNewer || !this.#isAfterAll(message);
  }

  #isAfterAll(message: Message): boolean {
    const last = this.#messages.at(-1);
    return !last || inOrder(message, last) > 0;
  }

  async #page(read: () => Promise<void>): Promise<void> {
    if (this.#isPaging) return;
    this.#isPaging = true;
    try {
      await read();
    } catch {
      // The ends stay as they are; scrolling there again tries again.
    } finally {
      this.#isPaging = false;
    }
  }
}

/** Both lists as one, in the order of time and id, nothing twice. */
function merged(one: readonly Message[], other: readonly Message[]): Message[] {
  const byId = new Map([...one, ...other].map((message) => [message.id, message]));
  return [...byId.values()].sort(inOrder);
}

function inOrder(one: Message, other: Message): number {
  return one.time - other.time || one.id - other.id;
}

function countFrom(messages: readonly Message[], first: number | null): number {
  if (first === null) return 0;
  const from = messages.findIndex(({ id }) => id === first);
  return from < 0 ? 0 : messages.slice(from).filter(({ state }) => state === "received").length;
}

function countAfter(messages: readonly Message[], through: Message): number {
  return messages.filter((message) => message.state === "received" && inOrder(message, through) > 0).length;
}
