// The recent conversations: order, pins, unread, drafts, who is typing.

import { SvelteMap } from "svelte/reactivity";

import { type Backend } from "../backend/backend";
import { type ConversationSummary } from "../backend/generated";

export class ConversationsState {
  #backend: Backend;
  #byPeer = new SvelteMap<string, ConversationSummary>();
  #typing = new SvelteMap<string, boolean>();
  #isLoaded = $state(false);
  /** What was told while the list is being read: it is newer than the answer. */
  #toldMeanwhile: Map<string, ConversationSummary | null> | null = null;
  readonly #sorted = $derived([...this.#byPeer.values()].sort(byPinThenTime));
  readonly #people = $derived(this.#sorted.filter(({ system }) => system === null));
  readonly #systems = $derived(this.#sorted.filter(({ system }) => system !== null).sort((one, other) => other.time - one.time));

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.on("conversationChanged", ({ conversation }) => this.#put(conversation.peer, conversation));
    backend.on("conversationClosed", ({ peer }) => this.#put(peer, null));
    backend.on("typingChanged", ({ peer, typing }) => {
      if (typing) this.#typing.set(peer, true);
      else this.#typing.delete(peer);
    });
    backend.on("messageAdded", ({ message }) => {
      if (message.state === "received") this.#typing.delete(message.peer);
    });
  }

  /** With people: business systems have a place of their own. */
  get people(): readonly ConversationSummary[] {
    return this.#people;
  }

  /** Business systems that have written, the last one first. */
  get systems(): readonly ConversationSummary[] {
    return this.#systems;
  }

  /** Sum over all conversations with people. */
  get unread(): number {
    return sumOf(this.#people);
  }

  /** Sum over all business systems. */
  get unreadNotices(): number {
    return sumOf(this.#systems);
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  of(peer: string): ConversationSummary | undefined {
    return this.#byPeer.get(peer);
  }

  isTyping(peer: string): boolean {
    return this.#typing.has(peer);
  }

  async load(): Promise<void> {
    const toldMeanwhile = new Map<string, ConversationSummary | null>();
    this.#toldMeanwhile = toldMeanwhile;
    try {
      const all = await this.#backend.conversations();
      if (this.#toldMeanwhile !== toldMeanwhile) return;
      this.#byPeer.clear();
      for (const conversation of all) this.#byPeer.set(conversation.peer, conversation);
    } finally {
      if (this.#toldMeanwhile === toldMeanwhile) this.#toldMeanwhile = null;
      this.#isLoaded = true;
    }
    for (const [peer, conversation] of toldMeanwhile) this.#put(peer, conversation);
  }

  clear(): void {
    this.#byPeer.clear();
    this.#typing.clear();
    this.#toldMeanwhile = null;
    this.#isLoaded = false;
  }

  #put(peer: string, conversation: ConversationSummary | null): void {
    if (conversation) this.#byPeer.set(peer, conversation);
    else this.#byPeer.delete(peer);
    this.#toldMeanwhile?.set(peer, conversation);
  }

  async pin(peer: string, pinned: boolean): Promise<void> {
    await this.#backend.pinConversation(peer, pinned);
  }

  async close(peer: string): Promise<void> {
    await this.#backend.closeConversation(peer);
    this.#byPeer.delete(peer);
  }

  /** Without opening it: through its newest message. */
  async markRead(peer: string): Promise<void> {
    const page = await this.#backend.openConversation(peer, null);
    let newest = page.messages.at(-1);
    while (newest && page.hasNewer) {
      const next = await this.#backend.newerMessages(peer, newest.id, 200);
      newest = next.messages.at(-1) ?? newest;
      if (!next.hasNewer) break;
    }
    if (newest) await this.#backend.markRead(peer, newest.id);
  }
}

function sumOf(rows: readonly ConversationSummary[]): number {
  return rows.reduce((sum, { unread }) => sum + unread, 0);
}

function byPinThenTime(one: ConversationSummary, other: ConversationSummary): number {
  return Number(other.pinned) - Number(one.pinned) || other.time - one.time;
}
