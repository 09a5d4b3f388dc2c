// The organisation as the window shows it; the engine owns the truth.

import { BackendError, type Backend } from "../backend/backend";
import { type Department, type EngineErrorCode, type PersonCard, type PersonHit, type TreePerson } from "../backend/generated";
import { isChoices, recall, remember } from "./memory";
import { Tree, type TreeRow } from "./tree";

/** Up to this many people the whole tree stands open at first. */
const SMALL_COMPANY = 200;
const FOLDED = "folded-departments";

export class OrganizationState {
  #backend: Backend;
  #tree = $state.raw(new Tree([], []));
  #isLoaded = $state(false);
  #failure = $state<EngineErrorCode | null>(null);
  #choices = $state.raw<Record<string, boolean>>(recall(FOLDED, {}, isChoices));
  #own = $state("");
  #reading: Promise<void> | null = null;
  #readAgain = false;

  readonly #ownPath = $derived(new Set(this.#tree.pathTo(this.#own)));
  readonly #rows = $derived(this.#tree.rows((department, level) => this.#isOpen(department, level)));

  constructor(backend: Backend) {
    this.#backend = backend;
    backend.on("organizationChanged", () => void this.load(this.#own));
  }

  /** What is on the screen when everything visible is unfolded as chosen. */
  get rows(): readonly TreeRow[] {
    return this.#rows;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get failure(): EngineErrorCode | null {
    return this.#failure;
  }

  post(person: string): TreePerson | undefined {
    return this.#tree.post(person);
  }

  departmentNames(person: string): string[] {
    return this.#tree.departmentNames(person);
  }

  /** Reads the tree; a change that comes meanwhile makes it read once more. */
  async load(own: string): Promise<void> {
    this.#own = own;
    if (this.#reading) {
      this.#readAgain = true;
      return this.#reading;
    }
    this.#reading = this.#read();
    await this.#reading;
    this.#reading = null;
    if (this.#readAgain) {
      this.#readAgain = false;
      await this.load(this.#own);
    }
  }

  clear(): void {
    this.#tree = new Tree([], []);
    this.#isLoaded = false;
  }

  setOpen(department: string, open: boolean): void {
    this.#choices = { ...this.#choices, [department]: open };
    remember(FOLDED, this.#choices);
  }

  setAllOpen(open: boolean): void {
    this.#choices = Object.fromEntries(this.#tree.departments.map(({ id, parent }) => [id, open || parent === null]));
    remember(FOLDED, this.#choices);
  }

  async search(words: string, limit: number): Promise<PersonHit[]> {
    return await this.#backend.searchPeople(words, limit);
  }

  async card(person: string): Promise<PersonCard | BackendError> {
    try {
      return await this.#backend.personCard(person);
    } catch (thrown) {
      return BackendError.of(thrown);
    }
  }

  #isOpen(department: Department, level: number): boolean {
    const choice = this.#choices[department.id];
    if (choice !== undefined) return choice;
    return level === 1 || this.#tree.people.length <= SMALL_COMPANY || this.#ownPath.has(department.id);
  }

  async #read(): Promise<void> {
    const departments: Department[] = [];
    const people: TreePerson[] = [];
    try {
      await this.#backend.organization((batch) => {
        departments.push(...batch.departments);
        people.push(...batch.people);
        // The first time rows appear as they come; later the new tree takes the old one's place in one step.
        if (batch.last || !this.#isLoaded) this.#tree = new Tree([...departments], [...people]);
        if (batch.last) this.#isLoaded = true;
      });
      this.#failure = null;
    } catch (thrown) {
      this.#failure = BackendError.of(thrown).code;
    }
  }
}
