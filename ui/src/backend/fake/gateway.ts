// The gateway to phones, as far as its administrators see it.

import { BackendError } from "../backend";
import { type EngineErrorCode, type GatewayStatus } from "../generated";

export class FakeGateway {
  /** Why it does not answer. */
  refusal: EngineErrorCode | null = "forbidden";
  asked = 0;
  now: GatewayStatus = {
    waiting: 3, received: 12, cost: "4.80", currency: "CNY",
    today: [{ state: "delivered", count: 41 }, { state: "sent", count: 6 }, { state: "failed", count: 2 }],
    ways: [
      { kind: "modem", name: "一号", isReady: true, condition: "ready", state: "ready", reason: null, restsUntil: null, operator: "中国移动", signal: -71, sent: 38 },
      { kind: "modem", name: "二号", isReady: false, condition: "pin-refused", state: "PIN refused", reason: null, restsUntil: null, operator: null, signal: null, sent: 0 },
      { kind: "modem", name: "三号", isReady: false, condition: "ready", state: "rests", reason: "CMS 38", restsUntil: Date.now() + 600_000, operator: "中国联通", signal: -97, sent: 9 },
      { kind: "line", name: "carrier", isReady: false, condition: "away", state: "away: connection refused", reason: "connection refused", restsUntil: null, operator: null, signal: null, sent: null },
    ],
  };

  status(): GatewayStatus {
    this.asked += 1;
    if (this.refusal) throw new BackendError(this.refusal);
    return structuredClone(this.now);
  }
}
