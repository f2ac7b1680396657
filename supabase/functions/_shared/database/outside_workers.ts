import { z } from "zod";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";

/** The header by which the database knows the calls of a process outside the edge runtime. */
export const OUTSIDE_WORKER_HEADER = "x-outside-worker";

/** A process outside the edge runtime, as it names itself. */
export interface OutsideWorker {
  id: string;
  /** Of the machine or container. */
  name: string;
  /** The edge functions whose work it does. */
  functions: string[];
  /** Runs that it makes at once, over all of them. */
  places: number;
}

const told = z.array(z.object({
  function: z.string(),
  claimable: z.boolean(),
  paused: z.string().nullable(),
  batch_size: z.int().positive().nullable(),
}));
/**
 * What it is told of one function: whether a run would claim a row now, why none may begin, and how
 * many rows a run should take (null: as the worker has it).
 */
export type ToldOfFunction = z.infer<typeof told>[number];

/** Says that the process is here; gives what each of its functions should do now. @throws DatabaseError */
export async function heartbeatOutsideWorker(
  database: DatabaseClient,
  { id, name, functions, places }: OutsideWorker,
): Promise<ToldOfFunction[]> {
  const answer = await database.rpc("heartbeat_outside_worker", {
    p_id: id,
    p_name: name,
    p_functions: functions,
    p_places: places,
  });
  return told.parse(unwrap("heartbeat_outside_worker", answer));
}

/** Says that the process begins no run any more: edge functions do its work. @throws DatabaseError */
export async function releaseOutsideWorker(database: DatabaseClient, id: string): Promise<void> {
  unwrap(
    "release_outside_worker",
    await database.rpc("release_outside_worker", { p_id: id }),
  );
}
