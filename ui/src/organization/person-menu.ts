// What one can do with a person, for the context menu and the "…" button alike.

import { type MenuItem } from "../shared/menu";
import { type WindowState } from "../state/window.svelte";
import { text } from "../text/language.svelte";

export function personMenu(state: WindowState, person: string): MenuItem[] {
  return [
    { label: text().card.chat, icon: "chat", onchoose: () => void state.chat.openWith(person), testid: "menu-chat" },
    { label: text().card.show, icon: "person", onchoose: () => state.navigation.showDetails(person), testid: "menu-details" },
  ];
}
