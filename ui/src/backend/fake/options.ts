// How the fake backend behaves.

import { type SavedSignIn, type Settings } from "../generated";

/** How the fake behaves; every value has a default that suits tests. */
export interface FakeOptions {
  people: number;
  /** Milliseconds each answer takes. */
  latency: number;
  /** Starts signed in, as after a restart with a saved password. */
  signedIn: boolean;
  /** Colleagues answer by themselves. */
  lively: boolean;
  /** Starts with a few weeks of talk. */
  history: boolean;
  saved: SavedSignIn | null;
  settings: Partial<Settings>;
  now: () => number;
}
