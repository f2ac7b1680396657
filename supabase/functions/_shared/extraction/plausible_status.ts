import type { Facts } from "../domain/fact.ts";
import { CONFIDENCE, DOUBT } from "./confidence.ts";
import { shownOffer } from "./shown_offer.ts";

/** A status that markup states outright is surer than this; one that a price implies is not. */
const STATED = 0.85;

/**
 * Whether a vehicle is for sale, against what the page shows beside its heading. One that is shown as sold is;
 * unsurely where the markup still says that it is in stock. One on hold, or no longer offered, is nothing: how
 * that ends is not said. `stated`: the page's data say outright that it is for sale.
 */
export function plausibleStatus(
  facts: Facts,
  html: string,
  stated = (facts.sale_status?.confidence ?? 0) > STATED,
): Facts {
  const { sale_status: status, asking_price: price, ...others } = facts;
  if (status !== undefined && status.value !== "for_sale") return facts;
  const shown = shownOffer(html);
  if (shown === null) return facts;
  const asked = price === undefined
    ? {}
    : { asking_price: { ...price, confidence: rounded(price.confidence * DOUBT.shownOnly) } };
  if (shown.state !== "sold") return { ...others, ...asked };
  const evidence = `the page "${shown.words.slice(0, 120)}"`;
  return {
    ...others,
    ...asked,
    sale_status: {
      value: "sold",
      way: "prose",
      confidence: stated ? DOUBT.unlikely : CONFIDENCE.prose.alone,
      evidence: stated ? `${evidence}; but ${status?.evidence}`.slice(0, 600) : evidence,
    },
  };
}

function rounded(confidence: number): number {
  return Math.round(confidence * 1000) / 1000;
}
