// What only this window needs to remember (widths, folded departments); survives a restart where storage allows.

const PREFIX = "posthouse.";

export function recall<Value>(key: string, otherwise: Value, isValid: (value: unknown) => value is Value): Value {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + key) ?? "null");
    return isValid(value) ? value : otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs comfort, nothing else.
  }
}

export const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

export const isStringArray = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === "string");

export function isChoices(value: unknown): value is Record<string, boolean> {
  return typeof value === "object" && value !== null && Object.values(value).every(isBoolean);
}
