/** Small pages that were read wrong once, and what is right; `cases/expect.json` lists them. */
import { z } from "zod";
import type { Page } from "../../supabase/functions/_shared/domain/page.ts";
import { readIndex } from "../../supabase/functions/_shared/sources/read_index.ts";
import { extract } from "../../supabase/functions/_shared/sources/registry.ts";

const CASES = new URL("./cases/", import.meta.url);
const scalar = z.union([z.string(), z.number()]);
const oneOf = <T extends z.ZodType>(one: T) => z.union([one, z.array(one)]);

/**
 * What is right. `facts` must be given (a list: one of them), `never` must not be, `absent` must not be given at
 * all; `evidence` must hold these words; `buyer` is the auction's. `entries` counts what an index names.
 */
const expected = z.strictObject({
  outcome: oneOf(z.string()).optional(),
  facts: z.record(z.string(), oneOf(scalar)).default({}),
  never: z.record(z.string(), oneOf(scalar)).default({}),
  absent: z.array(z.string()).default([]),
  evidence: z.record(z.string(), z.string()).default({}),
  buyer: z.string().optional(),
  entries: z.number().optional(),
  entry_url: z.string().optional(),
});
const cases = z.array(z.strictObject({
  file: z.string(),
  url: z.url(),
  mode: z.enum(["detail", "index"]),
  expected,
  kind: z.string(),
}));
type Case = z.infer<typeof cases>[number];

/** All cases, in the order of the list. */
export function readCases(): Case[] {
  return cases.parse(JSON.parse(Deno.readTextFileSync(new URL("expect.json", CASES))));
}

/** A case's page, as a fetch would have given it. */
export function casePage({ file, url }: Case): Page {
  const body = Deno.readTextFileSync(new URL(file, CASES));
  return { url, status: 200, contentType: "text/html", body, fetchedAt: "2026-01-01T00:00:00Z" };
}

/** Everything about a case that is not as it must be; empty when it is right. */
export function faultsOf(one: Case): string[] {
  return one.mode === "index" ? indexFaults(one) : detailFaults(one);
}

const many = <T>(one: T | T[]): T[] => Array.isArray(one) ? one : [one];
const plain = (value: unknown) =>
  String(value).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
const isOneOf = (value: unknown, wanted: z.infer<typeof scalar> | z.infer<typeof scalar>[]) =>
  value !== undefined && many(wanted).some((want) => plain(value) === plain(want));

function indexFaults(one: Case): string[] {
  const want = one.expected;
  const { outcome, entries } = readIndex(casePage(one));
  const faults: string[] = [];
  if (want.outcome !== undefined && !many(want.outcome).includes(outcome)) {
    faults.push(`outcome ${outcome}`);
  }
  if (want.entries !== undefined && entries.length !== want.entries) {
    faults.push(`${entries.length} entries, not ${want.entries}`);
  }
  if (want.entry_url !== undefined && !entries.some(({ url }) => url === want.entry_url)) {
    faults.push(`no entry ${want.entry_url}`);
  }
  return faults;
}

function detailFaults(one: Case): string[] {
  const want = one.expected;
  const { outcome, facts, auction } = extract(casePage(one));
  const held = new Map(Object.entries(facts));
  const faults: string[] = [];
  if (want.outcome !== undefined && !many(want.outcome).includes(outcome)) {
    faults.push(`outcome ${outcome}`);
  }
  // A page that may be no listing owes no facts then.
  const owes = outcome === "listing" || want.outcome === undefined;
  for (const [field, value] of Object.entries(owes ? want.facts : {})) {
    const got = held.get(field);
    if (!isOneOf(got?.value, value)) {
      faults.push(`${field} ${got?.value ?? "missing"}, not ${value}`);
    }
  }
  for (const [field, value] of Object.entries(want.never)) {
    const got = held.get(field);
    if (isOneOf(got?.value, value)) faults.push(`${field} ${got?.value} at ${got?.confidence}`);
  }
  for (const field of want.absent) {
    const got = held.get(field);
    if (got !== undefined) faults.push(`${field} ${got.value}, which the page does not state`);
  }
  for (const [field, words] of Object.entries(want.evidence)) {
    const got = held.get(field)?.evidence ?? "none";
    if (!got.includes(words)) faults.push(`evidence of ${field} lacks "${words}": ${got}`);
  }
  if (want.buyer !== undefined && auction?.buyer !== want.buyer) {
    faults.push(`buyer ${auction?.buyer}, not ${want.buyer}`);
  }
  return faults;
}
