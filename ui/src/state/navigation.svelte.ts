// What the window shows where: the list, the details, widths. Remembered on this computer.

import { isNumber, recall, remember } from "./memory";

export type ListView = "recent" | "organization" | "notices" | "systems";

const LIST_WIDTH = "list-width";
const DETAILS_WIDTH = "details-width";

export const listWidthLimits = { least: 220, most: 460, atFirst: 292 };
export const detailsWidthLimits = { least: 240, most: 420, atFirst: 288 };

export class NavigationState {
  #view = $state<ListView>("recent");
  #searchText = $state("");
  #searchFocus = $state(0);
  #details = $state<string | null>(null);
  #listWidth = $state(recall(LIST_WIDTH, listWidthLimits.atFirst, isNumber));
  #detailsWidth = $state(recall(DETAILS_WIDTH, detailsWidthLimits.atFirst, isNumber));
  #areSettingsOpen = $state(false);

  get view(): ListView {
    return this.#view;
  }

  show(view: ListView): void {
    this.#view = view;
    this.#searchText = "";
  }

  get searchText(): string {
    return this.#searchText;
  }

  set searchText(text: string) {
    this.#searchText = text;
  }

  /** Grows whenever the cursor shall stand in the search field. */
  get searchFocus(): number {
    return this.#searchFocus;
  }

  focusSearch(): void {
    this.#searchFocus += 1;
  }

  /** The person whose card stands at the right, if any. */
  get details(): string | null {
    return this.#details;
  }

  showDetails(person: string | null): void {
    this.#details = person;
  }

  get areSettingsOpen(): boolean {
    return this.#areSettingsOpen;
  }

  showSettings(open: boolean): void {
    this.#areSettingsOpen = open;
  }

  get listWidth(): number {
    return this.#listWidth;
  }

  set listWidth(width: number) {
    this.#listWidth = width;
    remember(LIST_WIDTH, width);
  }

  get detailsWidth(): number {
    return this.#detailsWidth;
  }

  set detailsWidth(width: number) {
    this.#detailsWidth = width;
    remember(DETAILS_WIDTH, width);
  }

  clear(): void {
    this.#view = "recent";
    this.#searchText = "";
    this.#details = null;
    this.#areSettingsOpen = false;
  }
}
