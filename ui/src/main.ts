// Starts the window: inside the desktop app with the engine, in a browser with the fake.

import { mount } from "svelte";

import App from "./App.svelte";
import { type Backend } from "./backend/backend";
import { isInsideTauri, TauriBackend } from "./backend/tauri";
import "./styles/tokens.css";
import "./styles/base.css";

async function connect(): Promise<Backend> {
  // The fake is left out of what is shipped.
  if ((import.meta.env.DEV || import.meta.env.MODE === "fake") && !isInsideTauri()) {
    const { fakeFromAddress } = await import("./backend/fake-from-address");
    return fakeFromAddress(new URLSearchParams(location.search));
  }
  return await TauriBackend.connect();
}

const target = document.getElementById("app");
const backend = await connect();
if (target) mount(App, { target, props: { backend } });
