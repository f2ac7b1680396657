/** Pools of node-postgres. */
import pg from "pg";

/**
 * A pool whose connections may be cut at any time, also while they close or between two statements: who waits for an
 * answer gets the error, nobody else, and the next statement takes another connection. (A plain pool throws the
 * server's last word outside of every promise, which ends the process.)
 */
export function createPgPool(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
