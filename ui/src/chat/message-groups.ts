// From messages to what is drawn: days, and runs of one author. Pure.

import { type Message } from "../backend/generated";
import { isSameDay } from "../shared/time";

const RUN_MILLISECONDS = 5 * 60_000;

export interface DrawnMessage {
  message: Message;
  isOwn: boolean;
  /** Name, picture and time stand above it. */
  startsRun: boolean;
  /** The divider of the unread ones stands above it. */
  isFirstUnread: boolean;
}

export interface Day {
  /** Time of its first message. */
  time: number;
  messages: DrawnMessage[];
}

export function daysOf(messages: readonly Message[], firstUnread: number | null): Day[] {
  const days: Day[] = [];
  let before: Message | undefined;
  for (const message of messages) {
    const startsDay = !before || !isSameDay(before.time, message.time);
    const isFirstUnread = message.id === firstUnread;
    const continues = before !== undefined && before.author === message.author && message.time - before.time < RUN_MILLISECONDS;
    const drawn: DrawnMessage = {
      message,
      isOwn: message.state !== "received",
      startsRun: startsDay || isFirstUnread || !continues,
      isFirstUnread,
    };
    const day = days.at(-1);
    if (startsDay || !day) days.push({ time: message.time, messages: [drawn] });
    else day.messages.push(drawn);
    before = message;
  }
  return days;
}
