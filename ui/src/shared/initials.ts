// The letters on an avatar without a picture.

const chinese = /\p{Script=Han}/u;

/** Chinese names: the given name, at most two characters. Others: first letters of the first and last word. */
export function initialsOf(name: string): string {
  const characters = [...name.trim()];
  if (characters.some((character) => chinese.test(character))) {
    return characters.filter((character) => chinese.test(character)).slice(-2).join("");
  }
  const words = name.trim().split(/[\s._-]+/).filter((word) => word !== "");
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}
