// Which conversation is open, its draft and our own typing.

import { SvelteMap, SvelteSet } from "svelte/reactivity";

import { type Backend, type BackendError } from "../backend/backend";
import { Conversation } from "./conversation.svelte";

const DRAFT_SETTLES_MILLISECONDS = 400;
const TYPING_REPEATS_MILLISECONDS = 8_000;
const TYPING_ENDS_MILLISECONDS = 6_000;

export class ChatState {
  #backend: Backend;
  #canText: () => boolean;
  #open = $state.raw<Conversation | null>(null);
  #drafts = new SvelteMap<string, string>();
  /** Conversations whose messages go to the phone as well. */
  #texting = new SvelteSet<string>();
  #draftTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTold = 0;
  #composerFocus = $state(0);
  #isWatched = false;

  constructor(backend: Backend, canText: () => boolean) {
    this.#backend = backend;
    this.#canText = canText;
    backend.on("messageAdded", ({ message }) => this.#of(message.peer)?.upsert(message, this.#isWatched));
    backend.on("messageChanged", ({ message }) => this.#of(message.peer)?.upsert(message, this.#isWatched));
    backend.on("messageRemoved", ({ peer, id }) => this.#of(peer)?.remove(id));
    backend.on("conversationClosed", ({ peer }) => {
      if (this.#open?.peer === peer) this.#open = null;
    });
  }

  get open(): Conversation | null {
    return this.#open;
  }

  /** Grows whenever the cursor shall stand in the composer. */
  get composerFocus(): number {
    return this.#composerFocus;
  }

  /** The message list says whether the person looks at the newest messages. */
  setWatched(isWatched: boolean): void {
    this.#isWatched = isWatched;
  }

  /** Shows a conversation, with the cursor in the composer. */
  async openWith(peer: string, around: number | null = null): Promise<void> {
    this.#composerFocus += 1;
    if (this.#open?.peer === peer && around === null) return;
    this.#leave();
    const conversation = new Conversation(this.#backend, peer);
    this.#open = conversation;
    await conversation.open(around);
  }

  close(): void {
    this.#leave();
    this.#open = null;
  }

  clear(): void {
    this.close();
    this.#drafts.clear();
    this.#texting.clear();
  }

  draftOf(peer: string, saved: string | null | undefined): string {
    return this.#drafts.get(peer) ?? saved ?? "";
  }

  /** There is a gateway to phones. */
  get canText(): boolean {
    return this.#canText();
  }

  /** Messages to this person go to the phone as well. */
  isTexting(peer: string): boolean {
    return this.canText && this.#texting.has(peer);
  }

  setTexting(peer: string, isTexting: boolean): void {
    if (isTexting) this.#texting.add(peer);
    else this.#texting.delete(peer);
  }

  write(peer: string, text: string, tellTyping: boolean): void {
    this.#drafts.set(peer, text);
    clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(() => this.#saveDraft(peer), DRAFT_SETTLES_MILLISECONDS);
    if (tellTyping) this.#tellTyping(peer, text !== "");
  }

  /** Empties the composer at once; when the engine refuses the text it stands there again. */
  async send(conversation: Conversation, text: string): Promise<BackendError | null> {
    const { peer } = conversation;
    clearTimeout(this.#draftTimer);
    this.#drafts.set(peer, "");
    this.#stopTyping(peer);
    const error = await conversation.send(text, this.isTexting(peer) ? "both" : "client");
    if (error && this.#drafts.get(peer) === "") this.#drafts.set(peer, text);
    this.#saveDraft(peer);
    return error;
  }

  #of(peer: string): Conversation | null {
    return this.#open?.peer === peer ? this.#open : null;
  }

  #leave(): void {
    const peer = this.#open?.peer;
    if (peer === undefined) return;
    this.#saveDraft(peer);
    this.#stopTyping(peer);
  }

  #saveDraft(peer: string): void {
    clearTimeout(this.#draftTimer);
    const draft = this.#drafts.get(peer);
    if (draft !== undefined) void this.#backend.setDraft(peer, draft).catch(() => undefined);
  }

  #tellTyping(peer: string, isTyping: boolean): void {
    if (!isTyping) return this.#stopTyping(peer);
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => this.#stopTyping(peer), TYPING_ENDS_MILLISECONDS);
    if (Date.now() - this.#typingTold < TYPING_REPEATS_MILLISECONDS) return;
    this.#typingTold = Date.now();
    void this.#backend.setTyping(peer, true).catch(() => undefined);
  }

  #stopTyping(peer: string): void {
    clearTimeout(this.#typingTimer);
    if (this.#typingTold === 0) return;
    this.#typingTold = 0;
    void this.#backend.setTyping(peer, false).catch(() => undefined);
  }
}
