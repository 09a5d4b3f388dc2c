// How many text messages a message takes (3GPP TS 23.038, 23.040). The gateway signs each text with its writer's name.

export interface SmsCount {
  characters: number;
  parts: number;
  isLatin: boolean;
}

const LETTERS = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Each takes two places. */
const EXTENSION = new Set("^{}\\[~]|€\f");
const isAscii = (words: string) => /^[\x00-\x7f]*$/u.test(words);

export function countSms(message: string, writer: string): SmsCount {
  const signed = isAscii(writer + message) ? `${writer}: ${message}` : `${writer}：${message}`;
  const characters = [...signed];
  const isLatin = characters.every((letter) => LETTERS.has(letter) || EXTENSION.has(letter));
  const sizes = characters.map((letter) => (isLatin ? (EXTENSION.has(letter) ? 2 : 1) : letter.length));
  return { characters: characters.length, parts: parts(sizes, isLatin ? [160, 153] : [70, 67]), isLatin };
}

/** A character is never cut, so a part may end one place early. */
function parts(sizes: number[], [alone, joined]: [number, number]): number {
  if (sizes.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let count = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > joined) {
      count += 1;
      used = 0;
    }
    used += size;
  }
  return count;
}
