import type { FieldName } from "../../domain/fact.ts";
import type { Described, HeldFacts } from "./held.ts";
import { day, money } from "./wording.ts";

type PriceField = "sale_price" | "high_bid" | "asking_price";

/** How a vehicle was offered and what came of it, in sentences that stay true as time passes. */
export function offerSentences(facts: HeldFacts): Described {
  const used = new Set<FieldName>();

  // A figure without its currency says nothing: neither is mentioned.
  const price = (field: PriceField, before: string, after = ""): string => {
    const amount = facts[field];
    if (amount === undefined || facts.currency === undefined) return "";
    used.add(field).add("currency");
    return before + money(amount, facts.currency) + after;
  };
  const on = (): string => {
    if (facts.sale_date === undefined) return "";
    used.add("sale_date");
    return ` on ${day(facts.sale_date)}`;
  };
  const unsold = (ended: string): string => ended + price("high_bid", " The highest bid was ", ".");

  const offer = (): string => {
    if (facts.sale_status !== undefined && facts.sale_status !== "unknown") used.add("sale_status");
    switch (facts.sale_status) {
      case "sold":
        return `It sold${price("sale_price", " for ")}${on()}.`;
      case "bid_to":
        return unsold(`Its auction ended${on()} without a sale.`);
      case "no_sale":
        return unsold("It did not sell.");
      case "withdrawn":
        return unsold("Its listing was withdrawn.");
      case "live":
        return "It was being offered at auction when this was written.";
      case "for_sale":
        return `It was listed for sale${price("asking_price", " at ")}.`;
      default:
        return price("asking_price", "The asking price was ", ".");
    }
  };

  const sentences = [offer()];
  if (facts.location !== undefined) {
    used.add("location");
    sentences.push(`Its location is given as ${facts.location}.`);
  }
  return { text: sentences.filter(Boolean).join(" "), usedFields: [...used] };
}
