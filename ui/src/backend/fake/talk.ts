// Conversations of the fake backend, and what the other sides do in them.

import { BackendError } from "../backend";
import { type ConversationPage, type ConversationSummary, type DeliveryWish, type Message, type Notice, type NoticeFilter, type NoticePage, type NoticeStep, type NoticeValue, type Sms } from "../generated";
import { type Listeners } from "../listeners";
import { type Company } from "./company";
import { rememberTalks } from "./history";
import { Mailbox } from "./mailbox";
import { type FakeOptions } from "./options";

const PAGE = 40;
const replies = ["好的，我看一下。", "收到，谢谢！", "下午开会时再说吧。", "没问题。"];

export class FakeTalk {
  /** What was chosen on notices. */
  chosen: { action: string; values: NoticeValue[] }[] = [];
  #mailbox: Mailbox;
  #refusesNext = false;
  #replyCount = 0;

  constructor(
    private readonly company: Company,
    private readonly own: string,
    private readonly options: FakeOptions,
    private readonly listeners: Listeners,
    private readonly isOnline: () => boolean,
  ) {
    this.#mailbox = new Mailbox((peer) => company.colleagues.get(peer)?.card.name ?? peer);
    if (options.history) rememberTalks(this.#mailbox, company, own, options.now());
  }

  // What a test or a scene makes happen.

  /** The server refuses the next message. */
  refuseNext(): void {
    this.#refusesNext = true;
  }

  receive(peer: string, text: string, time = this.options.now(), sms: Sms | null = null, notice: Notice | null = null): Message {
    const message = this.#mailbox.add(peer, peer, text, time, "received", { sms, notice });
    this.listeners.tell({ event: "messageAdded", message });
    this.#tellConversation(peer);
    return message;
  }

  /** A colleague writes from the phone. */
  receiveText(peer: string, text: string): Message {
    return this.receive(peer, text, this.options.now(), { state: "received", failure: null, again: false, until: null });
  }

  /** The gateway says how far the text of a message is. */
  tellSms(id: number, sms: Sms): void {
    const message = this.#mailbox.changeSms(id, sms);
    if (message) this.listeners.tell({ event: "messageChanged", message });
  }

  /** A business system says something. */
  notify(notice: Notice, time?: number): Message {
    return this.receive(`${notice.system}@notices.example.org`, `${notice.title}\n${notice.text}`, time, null, notice);
  }

  changeNotice(id: number, notice: Notice): Message | null {
    const message = this.#mailbox.changeNotice(id, notice);
    if (!message) return null;
    this.listeners.tell({ event: "messageChanged", message });
    this.#tellConversation(message.peer);
    return message;
  }

  startTyping(peer: string, typing = true): void {
    this.listeners.tell({ event: "typingChanged", peer, typing });
  }

  /** The line is back. */
  carryQueued(): void {
    for (const message of this.#mailbox.queued()) this.#carry(message);
  }

  // What the window asks.

  conversations(): ConversationSummary[] {
    return this.#mailbox.summaries();
  }

  page(peer: string, around: number | null): ConversationPage {
    return this.#mailbox.page(peer, around, PAGE);
  }

  older(peer: string, before: number, limit: number): ConversationPage {
    return this.#mailbox.older(peer, before, limit);
  }

  newer(peer: string, after: number, limit: number): ConversationPage {
    return this.#mailbox.newer(peer, after, limit);
  }

  send(peer: string, text: string, wish: DeliveryWish): Message {
    const sms: Sms | null = wish === "client" ? null : { state: "wished", failure: null, again: false, until: null };
    const message = this.#mailbox.add(peer, this.own, text, this.options.now(), "queued", { sms });
    this.#mailbox.draft(peer, "");
    this.listeners.tell({ event: "messageAdded", message });
    this.#tellConversation(peer);
    if (this.isOnline()) this.#carry(message);
    return message;
  }

  retry(id: number): void {
    const message = this.#change(id, "queued");
    if (message && this.isOnline()) this.#carry(message);
  }

  delete(id: number): void {
    const peer = this.#mailbox.remove(id);
    if (peer === null) return;
    this.listeners.tell({ event: "messageRemoved", peer, id });
    this.#tellConversation(peer);
  }

  notices(peer: string, filter: NoticeFilter, before: number | null, limit: number): NoticePage {
    return this.#mailbox.notices(peer, filter, before, limit, this.options.now());
  }

  noticesSeen(ids: readonly number[]): void {
    const seen = this.#mailbox.noticesSeen(ids);
    for (const message of seen) this.listeners.tell({ event: "messageChanged", message });
    for (const peer of new Set(seen.map((message) => message.peer))) this.#tellConversation(peer);
  }

  choose(id: number, action: string, values: NoticeValue[]): void {
    const notice = this.#mailbox.noticeOf(id);
    if (!notice) throw new BackendError("notFound");
    this.chosen.push({ action, values });
    this.changeNotice(id, { ...notice, chosen: action, underWay: !this.isOnline(), failure: null });
  }

  markDone(id: number, done: boolean): void {
    const notice = this.#mailbox.noticeOf(id);
    if (notice?.state !== "open" || notice.chosen !== null) throw new BackendError("notFound");
    this.changeNotice(id, { ...notice, marked: done });
  }

  /** What can be told from the notice itself. */
  timeline(id: number): NoticeStep[] {
    const notice = this.#mailbox.noticeOf(id);
    if (!notice) throw new BackendError("notFound");
    if (!this.isOnline()) throw new BackendError("connectionLost");
    const step = (kind: NoticeStep["kind"], action: string | null = null): NoticeStep => ({ kind, time: this.options.now(), action, detail: "" });
    const steps = [step("accepted"), step("pushed"), step("delivered")];
    if (!notice.unread) steps.push(step("read"));
    return notice.chosen === null ? steps : [...steps, step("acted", notice.chosen)];
  }

  markRead(peer: string, through: number): void {
    this.#mailbox.markRead(peer, through);
    this.#tellConversation(peer);
  }

  draft(peer: string, text: string): void {
    this.#mailbox.draft(peer, text);
    this.#tellConversation(peer);
  }

  pin(peer: string, pinned: boolean): void {
    this.#mailbox.pin(peer, pinned);
    this.#tellConversation(peer);
  }

  close(peer: string): void {
    this.#mailbox.close(peer);
    this.listeners.tell({ event: "conversationClosed", peer });
  }

  /** Takes a queued message through the states it would pass. */
  #carry(message: Message): void {
    if (this.#refusesNext) {
      this.#refusesNext = false;
      this.#change(message.id, "failed", "forbidden");
      return;
    }
    this.#change(message.id, "sent");
    if (message.sms) this.tellSms(message.id, { state: "queued", failure: null, again: false, until: null });
    const receiver = this.company.colleagues.get(message.peer)?.card.presence.availability;
    if (receiver !== undefined && receiver !== "offline") this.#change(message.id, "delivered");
    if (this.options.lively && receiver !== "offline") this.#answerInWords(message);
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
    if (message) this.listeners.tell({ event: "messageChanged", message });
    return message;
  }

  #tellConversation(peer: string): void {
    const conversation = this.#mailbox.summary(peer);
    if (conversation) this.listeners.tell({ event: "conversationChanged", conversation });
    const total = this.#mailbox.summaries().reduce((sum, { unread }) => sum + unread, 0);
    this.listeners.tell({ event: "unreadChanged", total });
  }
}
