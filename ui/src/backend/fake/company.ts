// An invented organisation: departments, people, cards. Pure: the same size gives the same company.

import { type Availability, type Department, type PersonCard, type PersonHit, type PersonPost, type TreePerson } from "../generated";
import { inventedName } from "./names";

const DOMAIN = "posthouse.example";

/** Department names by level, and how many people sit in each. */
const plan: readonly (readonly [string, string | null, number])[] = [
  ["华安集团", null, 2],
  ["总经理办公室", "华安集团", 6],
  ["财务部", "华安集团", 9],
  ["人力资源部", "华安集团", 8],
  ["研发中心", "华安集团", 3],
  ["平台组", "研发中心", 12],
  ["客户端组", "研发中心", 10],
  ["测试组", "研发中心", 8],
  ["市场部", "华安集团", 9],
  ["销售部", "华安集团", 2],
  ["华东大区", "销售部", 10],
  ["华北大区", "销售部", 9],
  ["华南大区", "销售部", 8],
  ["客户服务部", "华安集团", 12],
  ["信息安全与数据合规管理委员会办公室", "华安集团", 5],
  ["行政后勤部", "华安集团", 7],
];

const titles = ["主管", "高级工程师", "工程师", "专员", "助理"];
const availabilities: readonly Availability[] = ["online", "online", "away", "online", "offline", "doNotDisturb", "offline", "extendedAway", "online", "offline"];

export interface Colleague {
  card: PersonCard;
  pinyin: string;
  initials: string;
}

export interface Company {
  departments: Department[];
  people: TreePerson[];
  colleagues: Map<string, Colleague>;
  /** Everybody in and below a department. */
  membersBelow(department: string): string[];
}

/** Founds a company of about `size` people. */
export function foundCompany(size: number): Company {
  const small = size <= 200;
  const departments = small ? plannedDepartments() : manyDepartments(Math.ceil(size / 100));
  const seats = small ? plan.map(([, , count]) => count) : departments.map((_, index) => (index === 0 ? 0 : Math.ceil(size / (departments.length - 1))));
  const company: Company = { departments, people: [], colleagues: new Map(), membersBelow: (id) => membersBelow(company, id) };
  let number = 0;
  departments.forEach((department, index) => {
    for (let seat = 0; seat < (seats[index] ?? 0) && number < size; seat += 1) {
      hire(company, number, department, seat);
      number += 1;
    }
  });
  giveSecondPost(company);
  return company;
}

function plannedDepartments(): Department[] {
  const positions = new Map<string | null, number>();
  return plan.map(([name, parent]) => {
    const position = positions.get(parent) ?? 0;
    positions.set(parent, position + 1);
    return { id: name, parent, name, position };
  });
}

function manyDepartments(count: number): Department[] {
  const top: Department = { id: "top", parent: null, name: "华安集团", position: 0 };
  const rest = Array.from({ length: count }, (_, index): Department => ({
    id: `d${index}`,
    parent: "top",
    name: `第${index + 1}事业部`,
    position: index,
  }));
  return [top, ...rest];
}

function hire(company: Company, number: number, department: Department, seat: number): void {
  const { name, login, pinyin, initials } = inventedName(number);
  const person = `${login}@${DOMAIN}`;
  const title = department.parent === null ? ["董事长", "总经理"][seat] : seat === 0 ? "经理" : titles[(number + seat) % titles.length];
  company.people.push({ person, name, department: department.id, title: title ?? null, primary: true, position: seat, avatar: null });
  const post: PersonPost = { departmentPath: pathOf(company, department), title: title ?? null, primary: true };
  const card: PersonCard = {
    person,
    login,
    name,
    posts: [post],
    gender: number % 2 === 0 ? "male" : "female",
    phones: [`0571-8800 ${String(1000 + number).slice(-4)}`],
    mobile: number % 5 === 3 ? null : `138 0000 ${String(1000 + number).slice(-4)}`,
    email: `${login}@huaan.example`,
    presence: {
      person,
      availability: availabilities[number % availabilities.length] ?? "offline",
      status: number % 11 === 3 ? "出差中，请发消息" : null,
    },
  };
  company.colleagues.set(person, { card, pinyin, initials });
}

/** One person stands in the tree twice, as in real organisations. */
function giveSecondPost(company: Company): void {
  const [first] = company.people.filter(({ department }) => department === "财务部");
  const committee = company.departments.find(({ name }) => name.startsWith("信息安全"));
  if (!first || !committee) return;
  const position = company.people.filter(({ department }) => department === committee.id).length;
  company.people.push({ ...first, department: committee.id, title: "委员", primary: false, position });
  company.colleagues.get(first.person)?.card.posts.push({ departmentPath: pathOf(company, committee), title: "委员", primary: false });
}

function pathOf(company: Company, department: Department): string[] {
  const above = company.departments.find(({ id }) => id === department.parent);
  return above ? [...pathOf(company, above), department.name] : [department.name];
}

function membersBelow(company: Company, id: string): string[] {
  const below = company.departments.filter(({ parent }) => parent === id).flatMap((child) => membersBelow(company, child.id));
  const here = company.people.filter(({ department }) => department === id).map(({ person }) => person);
  return [...new Set([...here, ...below])];
}

/** People whose name, pinyin, initials, ID, phone or department has the text in it. */
export function findPeople(company: Company, text: string, limit: number): PersonHit[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const digits = wanted.replace(/\D/g, "");
  const hits: PersonHit[] = [];
  for (const { card, pinyin, initials } of company.colleagues.values()) {
    const [post] = card.posts;
    const numbers = [card.mobile ?? "", ...card.phones].map((number) => number.replace(/\D/g, ""));
    const found =
      card.name.includes(wanted) || pinyin.startsWith(wanted) || initials === wanted || card.login.startsWith(wanted) ||
      (digits.length >= 3 && numbers.some((number) => number.endsWith(digits))) ||
      (post?.departmentPath.at(-1)?.includes(wanted) ?? false);
    if (found) hits.push({ person: card.person, name: card.name, departmentPath: post?.departmentPath ?? [], title: post?.title ?? null });
    if (hits.length >= limit) break;
  }
  return hits;
}
