// What a test of the connection finds.

import { type ConnectionTestStep } from "../generated";

const good: readonly [string, number, string][] = [
  ["resolve", 3, "10.20.0.8"], ["connect", 2, "10.20.0.8:5223"], ["tls", 11, "TLS 1.3"],
  ["stream", 4, "huaan.example"], ["login", 2, "SCRAM-SHA-256-PLUS"], ["roundTrip", 1, "1 ms"],
];

export function testSteps(server: string): ConnectionTestStep[] {
  const isClosed = server.includes("closed");
  const steps = isClosed ? good.slice(0, 2) : good;
  return steps.map(([step, milliseconds, detail]) => {
    const fails = isClosed && step === "connect";
    return { step, passed: !fails, milliseconds, detail, failure: fails ? "serverUnreachable" : null };
  });
}
