import { render, screen } from "@testing-library/svelte";
import { expect, it } from "vitest";

import App from "../src/App.svelte";

it("the window shows the name of the product", () => {
  render(App);
  expect(screen.getByTestId("app").textContent).toBe("驿站");
});
