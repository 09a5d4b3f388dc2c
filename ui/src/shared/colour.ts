// The same person has the same colour in every client (XEP-0392 section 5.1: angle from SHA-1).

/** Hue in degrees for an address. */
export function hueOf(address: string): number {
  return (firstTwoBytesOfSha1(new TextEncoder().encode(address)) / 65536) * 360;
}

/** A colour that white letters stand out from. */
export function colourOf(address: string): string {
  return `hsl(${Math.round(hueOf(address))} 55% 42%)`;
}

/** Little-endian. The web's own digest cannot answer at once. */
function firstTwoBytesOfSha1(bytes: Uint8Array): number {
  const length = ((bytes.length + 8) >> 6) + 1;
  const words = new Uint32Array(length * 16);
  bytes.forEach((byte, index) => (words[index >> 2] = (words[index >> 2] ?? 0) | (byte << (24 - (index % 4) * 8))));
  words[bytes.length >> 2] = (words[bytes.length >> 2] ?? 0) | (0x80 << (24 - (bytes.length % 4) * 8));
  words[length * 16 - 1] = bytes.length * 8;
  let [h0, h1, h2, h3, h4] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const schedule = new Uint32Array(80);
  for (let block = 0; block < words.length; block += 16) {
    schedule.set(words.subarray(block, block + 16));
    for (let t = 16; t < 80; t += 1) {
      schedule[t] = rotate((schedule[t - 3] ?? 0) ^ (schedule[t - 8] ?? 0) ^ (schedule[t - 14] ?? 0) ^ (schedule[t - 16] ?? 0), 1);
    }
    let [a, b, c, d, e] = [h0, h1, h2, h3, h4];
    for (let t = 0; t < 80; t += 1) {
      const [mixed, constant] = round(t, b, c, d);
      const next = (rotate(a, 5) + mixed + e + constant + (schedule[t] ?? 0)) | 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
    }
    [h0, h1, h2, h3, h4] = [(h0 + a) | 0, (h1 + b) | 0, (h2 + c) | 0, (h3 + d) | 0, (h4 + e) | 0];
  }
  return ((h0 >>> 24) & 0xff) | (((h0 >>> 16) & 0xff) << 8);
}

function round(t: number, b: number, c: number, d: number): [number, number] {
  if (t < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (t < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (t < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
