/** Sign and tone of each state of a delivery; the words are in the tables of words. */
import type { DeliveryStatus, IconName } from "../../base";

type Tone = "grey" | "green" | "amber" | "red";

export const STATES: Record<DeliveryStatus, { icon: IconName; tone: Tone }> = {
  queued: { icon: "clock", tone: "grey" },
  sending: { icon: "arrow", tone: "grey" },
  accepted: { icon: "check", tone: "grey" },
  delivered: { icon: "checks", tone: "green" },
  delayed: { icon: "clock", tone: "amber" },
  held: { icon: "pause", tone: "amber" },
  unconfirmed: { icon: "question", tone: "amber" },
  unknown: { icon: "question", tone: "amber" },
  bounced: { icon: "cross", tone: "red" },
  rejected: { icon: "cross", tone: "red" },
  failed: { icon: "cross", tone: "red" },
  complained: { icon: "alert", tone: "red" },
};
