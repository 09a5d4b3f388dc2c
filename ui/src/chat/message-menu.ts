// What one can do with a message, for the context menu and the "…" button alike.

import { type Message } from "../backend/generated";
import { type MenuItem } from "../shared/menu";
import { type Conversation } from "../state/conversation.svelte";
import { text } from "../text/language.svelte";

export function messageMenu(conversation: Conversation, message: Message, ondelete: () => void): MenuItem[] {
  const copy: MenuItem = {
    label: text().common.copy,
    icon: "copy",
    onchoose: () => void navigator.clipboard.writeText(message.text),
    testid: "menu-copy",
  };
  const remove: MenuItem = { label: text().common.delete, icon: "trash", isDangerous: true, onchoose: ondelete, testid: "menu-delete" };
  if (message.state !== "failed") return [copy, remove];
  const retry: MenuItem = {
    label: text().common.retry,
    icon: "retry",
    onchoose: () => void conversation.retry(message.id),
    testid: "menu-retry",
  };
  return [retry, copy, remove];
}
