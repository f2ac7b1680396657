/** What it takes to make one database's schema that of another. */
import {
  encodeId,
  type FactBase,
  type Plan,
  plan,
  resolveProfile,
  supabasePolicy,
} from "@supabase/pg-delta";
import type pg from "pg";
import { createPgPool } from "../postgres/pool.ts";
import { databaseUrl } from "../postgres/sql.ts";

export interface Change {
  /** One statement, without semicolon. */
  sql: string;
  /** What is lost by it, in words; null when nothing is. */
  loses: string | null;
  /** A dropped table or column, so that it can be looked at whether it holds anything. */
  dropped?: { table: string; column: string | null };
}

interface Rename {
  from: string;
  to: string;
}

export interface Difference {
  changes: Change[];
  /** Dropped and created things that are alike but for the name. */
  renames: Rename[];
}

class UnmanagedError extends Error {
  override name = "UnmanagedError";
}

type StableId = Plan["actions"][number]["destroys"][number];

/** Partitions are made at run time, and are no part of a schema. */
const policy = {
  ...supabasePolicy,
  filter: [
    { match: { partitionOf: { schema: "public" } }, action: "exclude" as const },
    ...supabasePolicy.filter ?? [],
  ],
};

/** Cron jobs are not compared here: they stand in files that can be run again. */
const profile = { id: "schemas", handlers: [], policy };

/**
 * Compares the schemas of two databases on this machine, as `postgres` sees them: tables, functions, views, triggers,
 * policies, grants, comments. Rows and cron jobs are not compared.
 * @param takeRenames writes what is alike but for its name as a rename, which keeps the data.
 * @throws UnmanagedError when a database holds things that cannot be compared.
 */
export async function difference(
  from: number,
  to: number,
  takeRenames = false,
): Promise<Difference> {
  const [source, target] = [from, to].map(poolOf) as [pg.Pool, pg.Pool];
  try {
    const resolved = await resolveProfile(source, profile);
    const [held, wanted] = [await resolved.extract(source), await resolved.extract(target)];
    const unmanaged = [...held.diagnostics, ...wanted.diagnostics]
      .filter(({ code, severity }) => code === "unmodeled_kind" || severity === "error");
    if (unmanaged.length > 0) {
      throw new UnmanagedError(unmanaged.map(({ message }) => message).join("\n"));
    }
    const made = plan(held.factBase, wanted.factBase, {
      ...resolved.planOptions,
      renames: takeRenames ? "auto" : "prompt",
    });
    const lone = made.actions.find((action) => action.transactionality === "nonTransactional");
    if (lone !== undefined) {
      throw new UnmanagedError(`cannot be done within a transaction: ${lone.sql}`);
    }
    return {
      changes: made.actions.map((action) => asChange(action, held.factBase)),
      renames: made.renameCandidates.filter(({ status }) => status === "unambiguous")
        .map((one) => ({ from: spelled(one.from), to: spelled(one.to) })),
    };
  } finally {
    await source.end();
    await target.end();
  }
}

const poolOf = (port: number) => createPgPool({ connectionString: databaseUrl("postgres", port) });

function asChange(action: Plan["actions"][number], held: FactBase): Change {
  const change: Change = { sql: action.sql, loses: null };
  if (action.dataLoss === "destructive") {
    const gone = action.destroys.find((id) => id.kind === "table" || id.kind === "column");
    change.loses = gone === undefined ? action.sql : `drops ${spelled(gone)}`;
    if (gone?.kind === "table") {
      change.dropped = { table: `${gone.schema}.${gone.name}`, column: null };
    }
    if (gone?.kind === "column") {
      change.dropped = { table: `${gone.schema}.${gone.table}`, column: gone.name };
    }
    return change;
  }
  const retyped = /^ALTER TABLE "(\w+)"\."(\w+)" ALTER COLUMN "(\w+)" TYPE (.+?)(?: USING .*)?$/s
    .exec(action.sql);
  if (retyped !== null) {
    const [, schema = "", table = "", name = "", type = ""] = retyped;
    const column: StableId = { kind: "column", schema, table, name };
    const was = String(held.get(column)?.payload.type);
    if (!isWider(was, type)) change.loses = `makes ${spelled(column)} ${type} instead of ${was}`;
  }
  return change;
}

/** `column public.vehicles.color`. */
function spelled(id: StableId): string {
  const encoded = encodeId(id);
  const at = encoded.indexOf(":");
  return `${encoded.slice(0, at)} ${encoded.slice(at + 1)}`;
}

const integers = ["smallint", "integer", "bigint", "numeric"];

/** Whether every value of one type is a value of the other, unchanged. */
export function isWider(from: string, to: string): boolean {
  if (from === to || to === "text" && from.startsWith("character varying")) return true;
  if (from === "real" && to === "double precision") return true;
  if (integers.includes(from) && integers.includes(to)) {
    return integers.indexOf(to) > integers.indexOf(from);
  }
  const [was, is] = [sized(from), sized(to)];
  if (was === null || is === null || was.name !== is.name) return false;
  return is.scale >= was.scale && is.digits >= was.digits;
}

/** `numeric(14,2)` is 12 digits before the point and 2 behind it; without a size it has no limit. */
function sized(type: string): { name: string; digits: number; scale: number } | null {
  const [, name, size, scale = "0"] =
    /^(numeric|character varying)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type) ?? [];
  if (name === undefined) return null;
  if (size === undefined) return { name, digits: Infinity, scale: Infinity };
  return { name, digits: Number(size) - Number(scale), scale: Number(scale) };
}
