// What was said before the fake session begins.

import { type Company } from "./company";
import { type Mailbox } from "./mailbox";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

type Line = readonly [minutesAgo: number, own: boolean, text: string];

const budget: readonly Line[] = [
  [3 * 24 * 60 + 75, false, "第三季度的预算表我放到共享盘了，请先看一下市场费用那一页。"],
  [3 * 24 * 60 + 70, true, "好的，下午看。"],
  [3 * 24 * 60 + 12, true, "市场费用比上季度多了 18%，主要是展会。要不要在备注里说明？"],
  [3 * 24 * 60 + 11, false, "要，写清楚展会名称和日期就行。"],
  [24 * 60 + 200, false, "总经理问差旅标准什么时候能定下来"],
  [24 * 60 + 196, true, "制度初稿已经写好，等人力资源部会签。\n会签完就能发文，最晚周五。"],
  [24 * 60 + 190, false, "收到"],
  [128, true, "会签回来了，人力提了两条意见：\n1. 住宿标准按城市分三档\n2. 高铁一等座需部门负责人批准"],
  [126, true, "我都改好了，附件是修订版。"],
  [121, false, "辛苦！我马上转给总经理。"],
  [34, false, "总经理同意了。"],
  [33, false, "他还问：海外差旅是不是也按这个标准？资料在 https://oa.huaan.example/docs/travel-2026 第 4 节。"],
  [32, false, "下午三点的会上一起说，您方便参加吗？"],
];

const short: readonly (readonly Line[])[] = [
  [[9, false, "新员工的账号开好了吗？明天入职。"], [6, true, "开好了，初始密码已经发给她本人。"]],
  [[55, true, "周报发您邮箱了"], [48, false, "看到了，写得很清楚 👍"]],
  [[26 * 60, false, "服务器今晚 22:00 升级，大约十分钟。"], [25 * 60, false, "升级期间消息会排队，完成后自动送达。"]],
  [[2 * 24 * 60, true, "合同扫描件收到了，谢谢"]],
  [[6 * 24 * 60, false, "Could you please review the English version of the travel policy before Friday? No rush, but the Singapore office needs it."]],
  [[40 * 24 * 60, false, "中秋快乐！"]],
];

/** Fills the mailbox with a few weeks of talk. */
export function rememberTalks(mailbox: Mailbox, company: Company, own: string, now: number): void {
  const peers = [...company.colleagues.keys()].filter((person) => person !== own);
  const main = peers[7] ?? "";
  tell(mailbox, main, own, budget, now);
  const read = mailbox.page(main, null, 200).messages.at(-4);
  if (read) mailbox.markRead(main, read.id);
  mailbox.pin(main, true);
  short.forEach((lines, index) => {
    const peer = peers[11 + index * 9] ?? "";
    tell(mailbox, peer, own, lines, now);
    const last = mailbox.page(peer, null, 50).messages.at(-1);
    if (last && index !== 2) mailbox.markRead(peer, last.id);
  });
  mailbox.draft(peers[20] ?? "", "关于账号交接，还有一件事");
  longTalk(mailbox, peers[30] ?? "", own, now - 10 * DAY);
}

function tell(mailbox: Mailbox, peer: string, own: string, lines: readonly Line[], now: number): void {
  for (const [minutesAgo, isOwn, text] of lines) {
    mailbox.add(peer, isOwn ? own : peer, text, now - minutesAgo * MINUTE, isOwn ? "read" : "received");
  }
}

/** Long enough that paging and the floating date have something to do. */
function longTalk(mailbox: Mailbox, peer: string, own: string, until: number): void {
  const count = 400;
  for (let index = 0; index < count; index += 1) {
    const isOwn = index % 3 === 1;
    const time = until - (count - index) * 41 * MINUTE;
    const text = index % 17 === 5 ? `第 ${index + 1} 条：${"这一条比较长，用来检查换行和高度。".repeat(4)}` : `第 ${index + 1} 条`;
    mailbox.add(peer, isOwn ? own : peer, text, time, isOwn ? "read" : "received");
  }
  const last = mailbox.page(peer, null, count).messages.at(-1);
  if (last) mailbox.markRead(peer, last.id);
}
