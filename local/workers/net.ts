/** The part of pg_net that a stand-in extension cannot be: sends the queued requests, keeps the answers. */
import { lastingSql, listen } from "../postgres/sql.ts";
import { type Answer, type QueuedRequest, sendRequest } from "./request.ts";
import { Signal } from "./signal.ts";

/** As the real one: about 200 requests a second. */
const perSecond = 200;
const keepAnswers = "6 hours";

/** @returns stops sending; what is still queued stays queued. */
export function startNet(port: number): () => Promise<void> {
  const sql = lastingSql("supabase_admin", port, 3);
  const queued = new Signal();
  const sending = new Set<Promise<void>>();
  const stop = new AbortController();

  async function take(): Promise<QueuedRequest[]> {
    return await sql<QueuedRequest>`
      delete from net.http_request_queue where id in (
        select id from net.http_request_queue order by id limit ${perSecond} for update skip locked
      ) returning id, method, url, headers, convert_from(body, 'UTF8') as body, timeout_milliseconds`;
  }

  async function keep(answer: Answer): Promise<void> {
    await sql`
      insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
      values (${answer.id}, ${answer.status_code}, ${answer.content_type}, ${
      answer.headers === null ? null : JSON.stringify(answer.headers)
    },
        ${answer.content}, ${answer.timed_out}, ${answer.error_msg})`;
  }

  function send(request: QueuedRequest): void {
    const sent: Promise<void> = sendRequest(request, stop.signal).then(keep)
      .catch(() => {/* Postgres is away: an answer is lost, as with the real one */})
      .finally(() => sending.delete(sent));
    sending.add(sent);
  }

  async function loop(): Promise<void> {
    let forgetAt = 0;
    while (!stop.signal.aborted) {
      queued.take();
      // No extension yet, or Postgres is being started again.
      const requests = await take().catch((): QueuedRequest[] => []);
      for (const request of requests) send(request);
      if (requests.length === perSecond) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        continue;
      }
      if (Date.now() > forgetAt) {
        await sql`delete from net._http_response where created < now() - ${keepAnswers}::interval`
          .catch(() => {});
        forgetAt = Date.now() + 60_000;
      }
      await queued.wait(1_000);
    }
  }

  const stopListening = listen(port, "_local_net", () => queued.raise());
  const looping = loop();
  return async () => {
    stop.abort();
    queued.raise();
    await looping;
    await stopListening();
    await Promise.all(sending);
    await sql.end();
  };
}
