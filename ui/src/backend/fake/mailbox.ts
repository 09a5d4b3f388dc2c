// Messages of the fake backend: conversations in memory, in the order of time and id.

import { type ConversationPage, type ConversationSummary, type Message, type MessageState, type Notice, type NoticeFilter, type NoticePage, type Sms } from "../generated";

interface Thread {
  messages: Message[];
  readThrough: number;
  pinned: boolean;
  closed: boolean;
  draft: string | null;
}

export class Mailbox {
  #threads = new Map<string, Thread>();
  #nextId = 1;

  constructor(private readonly nameOf: (peer: string) => string) {}

  add(peer: string, author: string, text: string, time: number, state: MessageState, more: { sms?: Sms | null; notice?: Notice | null } = {}): Message {
    const thread = this.#thread(peer);
    const { sms = null, notice = null } = more;
    const message: Message = { id: this.#nextId, peer, author, text, time, state, failure: null, sms, notice: notice && { ...notice, unread: true } };
    this.#nextId += 1;
    thread.messages.push(message);
    thread.messages.sort((one, other) => one.time - other.time || one.id - other.id);
    thread.closed = false;
    return { ...message };
  }

  change(id: number, state: MessageState, failure: string | null = null): Message | null {
    const message = this.#find(id);
    if (!message) return null;
    message.state = state;
    message.failure = failure;
    return { ...message };
  }

  changeSms(id: number, sms: Sms): Message | null {
    const message = this.#find(id);
    if (!message) return null;
    message.sms = sms;
    return { ...message };
  }

  changeNotice(id: number, notice: Notice): Message | null {
    const message = this.#find(id);
    if (!message) return null;
    // What somebody has seen to is unread no longer.
    message.notice = { ...notice, unread: notice.state === "open" && (message.notice?.unread ?? false) };
    return { ...message };
  }

  /** Notices before one of them, or the newest; the newest first. */
  notices(peer: string, filter: NoticeFilter, before: number | null, limit: number, now: number): NoticePage {
    const all = [...this.#threads.values()].flatMap(({ messages }) => messages.filter((message) => message.notice !== null));
    const wanted = all
      .filter((message) => (peer === "" || message.peer === peer) && message.notice !== null && isListed(message.notice, filter, now))
      .sort((one, other) => other.time - one.time || other.id - one.id);
    const from = before === null ? 0 : wanted.findIndex((message) => precedes(message, this.#find(before)));
    const page = from < 0 ? [] : wanted.slice(from, from + limit);
    return { notices: page.map((message) => ({ ...message })), hasMore: from >= 0 && from + limit < wanted.length };
  }

  /** Answers those that were unread. */
  noticesSeen(ids: readonly number[]): Message[] {
    const unread = ids.map((id) => this.#find(id)).filter((message) => message?.notice?.unread === true);
    return unread.flatMap((message) => {
      if (!message?.notice) return [];
      message.notice = { ...message.notice, unread: false };
      return [{ ...message }];
    });
  }

  noticeOf(id: number): Notice | null {
    return this.#find(id)?.notice ?? null;
  }

  remove(id: number): string | null {
    const message = this.#find(id);
    if (!message) return null;
    const thread = this.#thread(message.peer);
    thread.messages = thread.messages.filter((other) => other.id !== id);
    return message.peer;
  }

  queued(): Message[] {
    return [...this.#threads.values()].flatMap(({ messages }) => messages.filter(({ state }) => state === "queued"));
  }

  /** The page around a message, at the first unread one, or the newest. */
  page(peer: string, around: number | null, size: number): ConversationPage {
    const { messages } = this.#thread(peer);
    const firstUnread = this.#firstUnread(peer);
    const aim = around ?? firstUnread;
    const at = aim === null ? messages.length - 1 : messages.findIndex(({ id }) => id === aim);
    const from = Math.max(0, Math.min(messages.length - size, at - Math.floor(size / 2)));
    return this.#cut(peer, from, from + size, firstUnread);
  }

  older(peer: string, before: number, limit: number): ConversationPage {
    const at = this.#thread(peer).messages.findIndex(({ id }) => id === before);
    return this.#cut(peer, Math.max(0, at - limit), Math.max(0, at), null);
  }

  newer(peer: string, after: number, limit: number): ConversationPage {
    const at = this.#thread(peer).messages.findIndex(({ id }) => id === after) + 1;
    return this.#cut(peer, at, at + limit, null);
  }

  markRead(peer: string, through: number): void {
    const thread = this.#thread(peer);
    const index = (id: number) => thread.messages.findIndex((message) => message.id === id);
    if (index(through) > index(thread.readThrough)) thread.readThrough = through;
  }

  pin(peer: string, pinned: boolean): void {
    this.#thread(peer).pinned = pinned;
  }

  close(peer: string): void {
    this.#thread(peer).closed = true;
  }

  draft(peer: string, text: string): void {
    this.#thread(peer).draft = text === "" ? null : text;
  }

  summary(peer: string): ConversationSummary | null {
    const thread = this.#threads.get(peer);
    const last = thread?.messages.at(-1);
    if (!thread || thread.closed || (!last && thread.draft === null)) return null;
    const firstUnread = this.#firstUnread(peer);
    const from = thread.messages.findIndex(({ id }) => id === firstUnread);
    const notice = thread.messages.findLast((message) => message.notice !== null)?.notice ?? null;
    return {
      peer,
      name: notice?.systemName ?? this.nameOf(peer),
      preview: last?.text.replace(/\s+/g, " ") ?? "",
      previewIsOwn: last !== undefined && last.state !== "received",
      time: last?.time ?? 0,
      unread: notice ? thread.messages.filter((message) => message.notice?.unread === true).length : from < 0 ? 0 : thread.messages.slice(from).filter(({ state }) => state === "received").length,
      pinned: thread.pinned,
      draft: thread.draft,
      system: notice?.system ?? null,
      icon: notice?.icon ?? null,
    };
  }

  summaries(): ConversationSummary[] {
    return [...this.#threads.keys()]
      .map((peer) => this.summary(peer))
      .filter((summary) => summary !== null)
      .sort((one, other) => other.time - one.time);
  }

  #cut(peer: string, from: number, to: number, firstUnread: number | null): ConversationPage {
    const { messages } = this.#thread(peer);
    return {
      peer,
      messages: messages.slice(from, to).map((message) => ({ ...message })),
      hasOlder: from > 0,
      hasNewer: to < messages.length,
      firstUnread,
    };
  }

  #firstUnread(peer: string): number | null {
    const { messages, readThrough } = this.#thread(peer);
    const read = messages.findIndex(({ id }) => id === readThrough);
    return messages.slice(read + 1).find(({ state }) => state === "received")?.id ?? null;
  }

  #find(id: number): Message | undefined {
    for (const { messages } of this.#threads.values()) {
      const found = messages.find((message) => message.id === id);
      if (found) return found;
    }
    return undefined;
  }

  #thread(peer: string): Thread {
    const known = this.#threads.get(peer);
    if (known) return known;
    const thread: Thread = { messages: [], readThrough: 0, pinned: false, closed: false, draft: null };
    this.#threads.set(peer, thread);
    return thread;
  }
}

function isListed(notice: Notice, filter: NoticeFilter, now: number): boolean {
  const isSettled = notice.state !== "open" || notice.chosen !== null || notice.marked || (notice.expires !== null && notice.expires <= now);
  // What only informs is done when it has been read.
  const isDone = isSettled || (notice.actions.length === 0 && notice.link === null && !notice.unread);
  return { open: !isDone, done: isDone, unread: notice.unread, all: true }[filter];
}

function precedes(one: Message, other: Message | undefined): boolean {
  return other !== undefined && (one.time < other.time || (one.time === other.time && one.id < other.id));
}
