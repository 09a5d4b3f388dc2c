import { describe, expect, it } from "vitest";

import { type Department, type TreePerson } from "../src/backend/generated";
import { Tree } from "../src/state/tree";

const department = (id: string, position: number): Department => ({ id, parent: null, name: id, position });
const post = (department: string, primary: boolean): TreePerson => ({
  person: "zhang@house.test", name: "张三", department, title: department, primary, position: 0, avatar: null,
});

describe("a person with several posts", () => {
  it("is shown with the main one, wherever it stands in the tree", () => {
    const tree = new Tree([department("board", 0), department("finance", 1)], [post("board", false), post("finance", true)]);
    expect(tree.post("zhang@house.test")?.title).toBe("finance");
    expect(tree.pathTo("zhang@house.test")).toEqual(["finance"]);
  });

  it("is shown with the first one when none is the main one", () => {
    const tree = new Tree([department("board", 0), department("finance", 1)], [post("board", false), post("finance", false)]);
    expect(tree.post("zhang@house.test")?.title).toBe("board");
  });
});
