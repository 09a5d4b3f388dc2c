// Times and days in words, in the language of the window and the zone of the computer.

import { type LanguageTag, type Texts } from "../text/texts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(tag: LanguageTag, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${tag} ${name}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(tag === "en" ? "en-GB" : tag, options);
  formats.set(key, made);
  return made;
}

/** `14:05` */
export function timeOfDay(time: number, tag: LanguageTag): string {
  return format(tag, "time", { hour: "2-digit", minute: "2-digit", hour12: false }).format(time);
}

/** The exact time, for a hover text. */
export function exactTime(time: number, tag: LanguageTag): string {
  return format(tag, "exact", { dateStyle: "full", timeStyle: "medium", hour12: false }).format(time);
}

/** Today, yesterday, a weekday, or a date: for day separators. */
export function dayName(time: number, now: number, tag: LanguageTag, text: Texts): string {
  const days = daysBetween(time, now);
  if (days === 0) return text.time.today;
  if (days === 1) return text.time.yesterday;
  if (isSameYear(time, now)) return format(tag, "day", { month: "long", day: "numeric", weekday: "long" }).format(time);
  return format(tag, "year", { year: "numeric", month: "long", day: "numeric" }).format(time);
}

/** As short as possible, for a row: time today, else a day. */
export function shortMoment(time: number, now: number, tag: LanguageTag, text: Texts): string {
  const days = daysBetween(time, now);
  if (days <= 0) return timeOfDay(time, tag);
  if (days === 1) return text.time.yesterday;
  if (days < 7) return format(tag, "weekday", { weekday: "short" }).format(time);
  if (isSameYear(time, now)) return format(tag, "short", { month: "numeric", day: "numeric" }).format(time);
  return format(tag, "shortYear", { year: "2-digit", month: "numeric", day: "numeric" }).format(time);
}

export function isSameDay(one: number, other: number): boolean {
  return startOfDay(one) === startOfDay(other);
}

function daysBetween(time: number, now: number): number {
  // A day may have 23 or 25 hours.
  return Math.round((startOfDay(now) - startOfDay(time)) / 86_400_000);
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function isSameYear(one: number, other: number): boolean {
  return new Date(one).getFullYear() === new Date(other).getFullYear();
}
