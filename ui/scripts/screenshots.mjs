// Writes the main views, over the fake backend, to docs/screenshots. Needs a Chromium of the system.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";
import { build, preview } from "vite";

const ui = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const folder = resolve(ui, "../docs/screenshots");
const browsers = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = browsers.find((path) => path && existsSync(path));
/** A picture in the repository must not be heavier. */
const MOST_BYTES = 300_000;

const id = (name, nth = 0) => `[data-testid=${name}] >> nth=${nth}`;

/** Each view: file name, what the fake shall be, and the way to it. */
const views = [
  { name: "sign-in", query: "" },
  {
    name: "trust-server",
    query: "",
    async play(page) {
      await page.fill(id("sign-in-server"), "new.example");
      await page.fill(id("sign-in-login"), "li.bin");
      await page.fill(id("sign-in-password"), "secret");
      await page.click(id("sign-in-submit"));
      await page.waitForSelector(id("fingerprint"));
    },
  },
  { name: "conversation", query: "in", play: (page) => page.click(id("recent-row")) },
  {
    name: "conversation-dark",
    query: "in&theme=dark",
    async play(page) {
      await page.click(id("recent-row"));
      await page.click(id("toggle-details"));
      await page.waitForSelector("[data-testid=person-details] dl");
    },
  },
  {
    name: "organization",
    query: "in",
    async play(page) {
      await page.click(id("rail-organization"));
      await page.dblclick(id("person-row", 4));
      await page.click(id("toggle-details"));
      await page.waitForSelector("[data-testid=person-details] dl");
    },
  },
  { name: "search", query: "in", play: (page) => page.fill(id("search-field"), "zhang") },
  {
    name: "offline",
    query: "in",
    async play(page) {
      await page.click(id("recent-row", 1));
      await page.evaluate("void window.fake.loseConnection(8, 'serverUnreachable')");
      await page.fill(id("composer"), "网络断开时写的消息会排队，恢复后自动发送。");
      await page.keyboard.press("Enter");
    },
  },
  { name: "settings-english", query: "in&language=en", play: (page) => page.click(id("open-settings")) },
  { name: "small-window", query: "in&density=compact", size: { width: 900, height: 600 }, play: (page) => page.click(id("recent-row")) },
];

if (!executablePath) {
  console.log("No Chromium was found (set CHROMIUM to its path): the screenshots were not made.");
  process.exit(0);
}

mkdirSync(folder, { recursive: true });
await build({ root: ui, mode: "fake", logLevel: "error", build: { outDir: "dist-fake" } });
const server = await preview({ root: ui, build: { outDir: "dist-fake" }, preview: { host: "127.0.0.1", port: 0 } });
const address = server.resolvedUrls.local[0];
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
for (const { name, query, size, play } of views) {
  // The fake's history is told relative to now: a fixed now gives the same picture each time.
  const page = await browser.newPage({ viewport: size ?? { width: 1200, height: 760 }, timezoneId: "Asia/Shanghai", reducedMotion: "reduce" });
  await page.clock.setFixedTime(new Date("2026-03-18T15:05:00+08:00"));
  await page.goto(`${address}?quiet&latency=0&${query}&theme=light`);
  await page.waitForSelector("[data-testid=main], [data-testid=sign-in]");
  await play?.(page);
  await page.waitForTimeout(400);
  const path = resolve(folder, `${name}.png`);
  await page.screenshot({ path });
  await page.close();
  const { size: bytes } = statSync(path);
  console.log(`${name}.png ${Math.round(bytes / 1024)} kB`);
  if (bytes > MOST_BYTES) process.exitCode = 1;
}
await browser.close();
await server.close();
