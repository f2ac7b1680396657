import type { FieldName } from "../../domain/fact.ts";
import { CONFIDENCE } from "../../extraction/confidence.ts";
import { problemsOf } from "./check.ts";
import { type HeldFacts, isEnough, type RawFacts, speakable } from "./held.ts";
import { askModel, type ModelSettings } from "./model.ts";
import { describeByRules } from "./rules.ts";
import { tokensOf } from "./vocabulary.ts";

/** A generated description, as a fact to apply. */
interface Description {
  text: string;
  method: "generated_rules" | "generated_model";
  /** Enough to count as a description, and less than any that a source states. */
  confidence: number;
  /** Of which fields it was made and, when a model was asked in vain, why. */
  evidence: string;
  usedFields: FieldName[];
  /** What went wrong with the model; empty when it was not asked, or its answer was taken. */
  problems: string[];
}

/** Describes a vehicle from facts held; null when too little is known. Never throws. */
export type Describe = (held: RawFacts) => Promise<Description | null>;

/** A model that failed so often in a row is not asked again by this run. */
const MAX_FAILURES = 2;
const TIMEOUT_MS = 8_000;
/** In less it is not asked: no model answers so quickly. */
const LEAST_MS = 500;

/** The settings of the model, or null when none is to be used. */
function modelSettings(
  env: { get(name: string): string | undefined },
): ModelSettings | null {
  const apiKey = env.get("OPENAI_API_KEY")?.trim();
  if (!apiKey) return null;
  const baseUrl = env.get("OPENAI_BASE_URL")?.trim() || "https://api.openai.com/v1";
  return {
    apiKey,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    model: env.get("OPENAI_MODEL")?.trim() || "gpt-4o-mini",
    timeoutMs: TIMEOUT_MS,
  };
}

function spokenOf(text: string, facts: HeldFacts): FieldName[] {
  const said = new Set(tokensOf(text));
  return (Object.keys(facts) as FieldName[]).filter((name) =>
    tokensOf(String(facts[name])).every((word) => said.has(word))
  );
}

/**
 * A `Describe` by rules, or by the model that the environment names with the rules to fall back on.
 * The model has answered by `deadline` (epoch milliseconds), or is not asked.
 */
export function describer(
  env: { get(name: string): string | undefined },
  options: { fetch?: typeof fetch; timeoutMs?: number; deadline?: number } = {},
): Describe {
  const settings = modelSettings(env);
  const patience = options.timeoutMs ?? TIMEOUT_MS;
  let failures = 0;

  const byModel = async (facts: HeldFacts): Promise<{ text: string } | { problems: string[] }> => {
    if (settings === null) return { problems: [] };
    if (failures >= MAX_FAILURES) {
      return { problems: ["the model was not asked: it failed before"] };
    }
    const left = (options.deadline ?? Infinity) - Date.now();
    if (left < LEAST_MS) return { problems: ["the model was not asked: too little time was left"] };
    let text: string;
    try {
      text = await askModel(
        facts,
        { ...settings, timeoutMs: Math.min(patience, left) },
        options.fetch,
      );
      failures = 0;
    } catch (error) {
      failures += 1;
      return { problems: [`the model failed: ${error instanceof Error ? error.message : error}`] };
    }
    const problems = problemsOf(text, facts);
    return problems.length === 0 ? { text } : {
      problems: problems.map((problem) => `the model's text was refused: ${problem}`),
    };
  };

  return async (held) => {
    const facts = speakable(held);
    const ruled = describeByRules(held);
    if (ruled === null || !isEnough(facts)) return null;
    const written = await byModel(facts);
    const problems = "problems" in written ? written.problems : [];
    const taken = "text" in written
      ? { text: written.text, usedFields: spokenOf(written.text, facts), by: "a model, checked" }
      : { ...ruled, by: "rules" };
    const made = `made of ${taken.usedFields.join(", ")} by ${taken.by}`;
    return {
      text: taken.text,
      method: "text" in written ? "generated_model" : "generated_rules",
      confidence: CONFIDENCE.generated.alone,
      evidence: [made, ...problems].join("; ").slice(0, 1000),
      usedFields: taken.usedFields,
      problems,
    };
  };
}
