// What one can do with a tab, for its context menu.

import { type BusinessTab } from "../backend/generated";
import { type MenuItem } from "../shared/menu";
import { type TabsState } from "../state/tabs.svelte";
import { text } from "../text/language.svelte";

export function tabMenu(tabs: TabsState, tab: BusinessTab): MenuItem[] {
  const words = text().tabs;
  const isPinned = tabs.isPinned(tab.system);
  const hasPage = tab.failure === null && !tab.isAsleep;
  const items: (MenuItem | null)[] = [
    { label: words.reload, icon: "retry", onchoose: () => void tabs.act(tab.tab, "reload"), testid: "menu-reload" },
    hasPage
      ? { label: tab.isMuted ? words.unmute : words.mute, icon: tab.isMuted ? "sound" : "soundOff", onchoose: () => void tabs.act(tab.tab, "toggleSound"), testid: "menu-sound" }
      : null,
    { label: isPinned ? words.unpin : words.pin, icon: "pin", onchoose: () => tabs.togglePin(tab.system), testid: "menu-pin" },
    hasPage ? { label: words.outside, icon: "outside", onchoose: () => void tabs.act(tab.tab, "openOutside"), testid: "menu-outside" } : null,
    tabs.open.length > 1 ? { label: words.closeOthers, icon: "close", onchoose: () => void tabs.closeOthers(tab.tab), testid: "menu-close-others" } : null,
    { label: words.close, icon: "close", onchoose: () => void tabs.close(tab.tab), testid: "menu-close" },
  ];
  return items.filter((item) => item !== null);
}

/** All tabs, for when they do not fit side by side. */
export function listOfTabs(tabs: TabsState): MenuItem[] {
  return tabs.open.map((tab): MenuItem => ({
    label: tabs.titleOf(tab),
    icon: tab.isAsleep ? "moon" : "systems",
    isChosen: tabs.active?.tab === tab.tab,
    onchoose: () => tabs.choose(tab.tab),
    testid: "menu-tab",
  }));
}
