/** What `${TASK} migration` is told. */

import { TASK } from "../../local/command_line.ts";
export const help = `${TASK} migration NAME [--allow-drop] [--renames]

Writes what supabase/schemas says and the migrations do not yet make, as a new migration
supabase/migrations/<time>_NAME.sql. Read it, then commit it together with the change of supabase/schemas.

Nothing is written before it was proved: on an empty database the migrations then make exactly what
supabase/schemas says, and on one with rows in every table no row is lost.

  NAME           what it does, in lower case: add_auction_fees
  --allow-drop   also when data would be lost: a dropped table or column, a narrower type
  --renames      what is alike but for its name is renamed, and keeps its data
  --help         this

Exit code 0 when it is written, or when there is no difference; 1 when something failed; 2 for a mistake in the
options; 3 when data would be lost. Nothing is written with 1, 2 and 3.`;

export interface MigrationOptions {
  name: string;
  allowDrop: boolean;
  renames: boolean;
}

/** The name that was given. @throws Error that says what is wrong with it. */
export function nameOf(given: string[]): string {
  const [name, ...more] = given;
  if (name === undefined) throw new Error("A migration needs a name: add_auction_fees");
  if (more.length > 0) throw new Error(`One name, not ${given.length}: ${given.join("_")}`);
  if (/^[a-z][a-z0-9_]{2,59}$/.test(name)) return name;
  throw new Error(
    `"${name}" is no name: three to sixty of a–z, 0–9 and _, beginning with a letter`,
  );
}

/** `20260131170500`, later than every version that there is. Versions are compared as text. */
export function nextVersion(now: Date, versions: string[]): string {
  const spelled = (date: Date) => date.toISOString().replace(/\D/g, "").slice(0, 14);
  const last = versions.toSorted().at(-1) ?? "";
  if (spelled(now) > last) return spelled(now);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?/.exec(last) ?? [];
  const after = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0) + 1,
  );
  return spelled(new Date(after));
}
