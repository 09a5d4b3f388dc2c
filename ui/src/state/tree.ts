// From the delivered tree and the open departments to the rows on the screen. Pure.

import { type Department, type TreePerson } from "../backend/generated";

interface Place {
  /** Unique among all rows, also for a person with two posts. */
  key: string;
  /** 1 at the top, as ARIA counts. */
  level: number;
  positionInSet: number;
  setSize: number;
}

export interface DepartmentRow extends Place {
  kind: "department";
  department: Department;
  isOpen: boolean;
}

export interface PersonRow extends Place {
  kind: "person";
  person: TreePerson;
}

export type TreeRow = DepartmentRow | PersonRow;

/** The delivered tree, by parent. Order is the engine's. */
export class Tree {
  readonly people: readonly TreePerson[];
  readonly departments: readonly Department[];
  #children = new Map<string | null, Department[]>();
  #members = new Map<string, TreePerson[]>();
  #departmentById = new Map<string, Department>();
  #mainPost = new Map<string, TreePerson>();

  constructor(departments: readonly Department[], people: readonly TreePerson[]) {
    this.departments = departments;
    this.people = people;
    for (const department of departments) this.#departmentById.set(department.id, department);
    for (const department of departments) {
      // Policy may hide a department above: then this one stands at the top.
      const parent = department.parent !== null && this.#departmentById.has(department.parent) ? department.parent : null;
      push(this.#children, parent, department);
    }
    for (const person of people) {
      push(this.#members, person.department, person);
      if (person.primary || !this.#mainPost.has(person.person)) this.#mainPost.set(person.person, person);
    }
  }

  /** The main post, else the first one. */
  post(person: string): TreePerson | undefined {
    return this.#mainPost.get(person);
  }

  /** Ids of the departments above and of the person's main post, from the top. */
  pathTo(person: string): string[] {
    const path: string[] = [];
    let department = this.#departmentById.get(this.#mainPost.get(person)?.department ?? "");
    while (department && !path.includes(department.id)) {
      path.unshift(department.id);
      department = this.#departmentById.get(department.parent ?? "");
    }
    return path;
  }

  departmentNames(person: string): string[] {
    return this.pathTo(person).map((id) => this.#departmentById.get(id)?.name ?? "");
  }

  rows(isOpen: (department: Department, level: number) => boolean): TreeRow[] {
    const rows: TreeRow[] = [];
    this.#append(rows, null, 1, isOpen);
    return rows;
  }

  #append(rows: TreeRow[], parent: string | null, level: number, isOpen: (department: Department, level: number) => boolean): void {
    const people = parent === null ? [] : (this.#members.get(parent) ?? []);
    const departments = this.#children.get(parent) ?? [];
    const setSize = people.length + departments.length;
    let positionInSet = 0;
    for (const person of people) {
      positionInSet += 1;
      rows.push({ kind: "person", key: `${person.department}/${person.person}`, level, positionInSet, setSize, person });
    }
    for (const department of departments) {
      positionInSet += 1;
      const open = isOpen(department, level);
      rows.push({ kind: "department", key: department.id, level, positionInSet, setSize, department, isOpen: open });
      if (open) this.#append(rows, department.id, level + 1, isOpen);
    }
  }
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
