import { FIELD_NAMES } from "../../supabase/functions/_shared/domain/fact.ts";
import type { Check } from "./check.ts";
import { counted } from "./check.ts";
import type { Outcome } from "./facts.ts";

/** Every vehicle came to rest as its page must have it. */
export function checkStates(outcomes: readonly Outcome[]): Check {
  const ends = outcomes.filter(({ plan, after }) =>
    !(plan.ends as readonly string[]).includes(after.state)
  );
  return {
    name: "every vehicle ends as its page must have it",
    seen: counted(outcomes.length, "vehicle"),
    problems: ends.map(({ plan, after }) =>
      `${plan.listing.url} is ${after.state} (${after.outcome ?? "not looked at"}${
        after.error ? `: ${after.error}` : ""
      }), must be ${plan.ends.join(" or ")}${plan.scenario ? `: ${plan.scenario.name}` : ""}`
    ),
  };
}

/** Bot walls, removed listings, error pages and hostile addresses changed nothing. */
export function checkUnread(outcomes: readonly Outcome[]): Check {
  const unread = outcomes.filter(({ plan }) => plan.unread);
  const problems = unread.flatMap(({ plan, before, after }) => {
    const changed = FIELD_NAMES.filter((field) => after.columns[field] !== before.columns[field]);
    const images = after.images > 0 && !Array.isArray(plan.row.origin_metadata.image_urls);
    return [
      ...changed.map((field) =>
        `${plan.listing.url} ${field} became ${after.columns[field]}: ${plan.scenario?.name}`
      ),
      ...(images ? [`${plan.listing.url} got images: ${plan.scenario?.name}`] : []),
      ...(after.auction ? [`${plan.listing.url} got an auction: ${plan.scenario?.name}`] : []),
    ];
  });
  return {
    name: "nothing is taken from a page that is no listing",
    seen: counted(unread.length, "page"),
    problems,
  };
}

/** What a person set is what is held. */
export function checkManual(outcomes: readonly Outcome[]): Check {
  const set = outcomes.filter(({ manual }) => manual !== null);
  return {
    name: "what a person set is kept",
    seen: counted(set.length, "value"),
    problems: set.filter(({ after, manual }) =>
      after.columns[manual?.field ?? ""] !== manual?.value
    )
      .map(({ plan, after, manual }) =>
        `${plan.listing.url} ${manual?.field} is ${after.columns[manual?.field ?? ""]}`
      ),
  };
}
