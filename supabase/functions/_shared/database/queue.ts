import { z } from "zod";
import type { OutcomeCode } from "../domain/outcome.ts";
import type { DatabaseClient } from "./client.ts";
import { unwrap } from "./error.ts";
import { asJson } from "./json.ts";
import { type Leased, type PreviewedTable, withoutTokens } from "./lease.ts";

/** A row of a queue of the kernel. */
export interface QueueRow extends Leased {
  id: string;
}

/** Which rows of a queue a run takes. */
interface QueueClaim {
  limit: number;
  /** Only rows of these vehicles; by itself all that are due. */
  vehicleIds?: string[];
  /** Only rows that were tried fewer times; it is their limit from then on. */
  maxAttempts?: number;
}

/** What ends an attempt on a row. */
interface Settlement {
  id: string;
  lease_token: string;
  outcome: OutcomeCode;
  error: string | null;
}

/** A queue of the kernel. */
export interface Queue<Row extends QueueRow> extends PreviewedTable<Row, QueueClaim> {
  /** Ends attempts; gives each row's new status, null where the lease was lost. @throws DatabaseError */
  settle(
    database: DatabaseClient,
    items: readonly Settlement[],
  ): Promise<Map<string, string | null>>;
  /** Invokes the queue's worker when rows are due; gives whether any are. @throws DatabaseError */
  invokeIfDue(database: DatabaseClient): Promise<boolean>;
}

const settled = z.array(z.object({ id: z.string(), status: z.string().nullable() }));

/**
 * A queue of the kernel, by the name of its table.
 * @param row what its rows look like to the worker.
 * @param withVehicles whether each row comes with its vehicle, as `claimedVehicle` reads it.
 */
export function queue<Row extends QueueRow>(
  name: string,
  row: z.ZodType<Row>,
  { withVehicles }: { withVehicles?: true } = {},
): Queue<Row> {
  const rows = z.array(row);
  const asked = ({ limit, vehicleIds, maxAttempts }: QueueClaim) => ({
    p_queue: name,
    p_limit: limit,
    p_vehicle_ids: vehicleIds,
    p_max_attempts: maxAttempts,
    p_with_vehicles: withVehicles,
  });
  return {
    name,
    async claim(database, wanted) {
      const answer = await database.rpc("claim_queue", { ...asked(wanted), p_narrow: true });
      return rows.parse(unwrap("claim_queue", answer));
    },
    async preview(database, wanted) {
      const answer = await database.rpc("preview_queue", asked(wanted));
      return withoutTokens(rows.parse(unwrap("preview_queue", answer)));
    },
    async heartbeat(database, tokens) {
      const answer = await database.rpc("heartbeat_queue", { p_queue: name, p_tokens: tokens });
      unwrap("heartbeat_queue", answer);
    },
    async settle(database, items) {
      if (items.length === 0) return new Map();
      const answer = await database.rpc("settle_queue", {
        p_queue: name,
        p_items: asJson(items),
      });
      const ended = settled.parse(unwrap("settle_queue", answer));
      return new Map(ended.map(({ id, status }) => [id, status]));
    },
    async release(database, handedBack) {
      if (handedBack.length === 0) return;
      const items = handedBack.map(({ row: { id, lease_token }, retryAt: retry_at }) => ({
        id,
        lease_token,
        retry_at,
      }));
      const answer = await database.rpc("release_queue", { p_queue: name, p_items: items });
      unwrap("release_queue", answer);
    },
    async invokeIfDue(database) {
      const answer = await database.rpc("invoke_queue_if_due", { p_queue: name });
      return z.boolean().parse(unwrap("invoke_queue_if_due", answer));
    },
  };
}
