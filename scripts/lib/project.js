/** A Supabase project, local or hosted, as the environment names it. */
"use strict";

const process = require("node:process");

/** Longer than any edge function may take to answer, milliseconds. */
const LONGEST_ANSWER_MS = 160_000;

const KEY_NAMES = ["SERVICE_KEY", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY"];

/** What a person can do about a refusal. */
function explainStatus(status, what) {
  if (status === 401 || status === 403) return `${what}: the key is refused (${status})`;
  if (status === 404) return `${what}: not found (404); is it deployed?`;
  return `${what}: answered ${status}`;
}

/** The words of an answer that is no success: PostgREST's, or those of our functions. */
function wordsOf(body, status, what) {
  if (body === null || typeof body !== "object") return explainStatus(status, what);
  if (Array.isArray(body.mistakes) && body.mistakes.length > 0) {
    return body.mistakes.map(({ path, message }) => path ? `${path}: ${message}` : message).join(
      "; ",
    );
  }
  const unknown = status === 404 && body.code === "NOT_FOUND"; // the gateway knows no such function
  if (status === 401 || status === 403 || unknown) return explainStatus(status, what);
  const message = body.message ?? body.error ?? body.msg;
  if (message === undefined) return explainStatus(status, what);
  return [message, body.hint].filter(Boolean).join("; ");
}

/**
 * The project that the environment names.
 * @throws {Error} that names the variable that is missing
 */
function connect(env = process.env) {
  const url = env.SUPABASE_URL?.replace(/\/+$/, "");
  if (!url) throw new Error("SUPABASE_URL is not set");
  if (!/^https?:\/\/[^\s/]+/.test(url)) throw new Error(`SUPABASE_URL is not a URL: "${url}"`);
  const key = KEY_NAMES.map((name) => env[name]?.trim()).find(Boolean);
  if (!key) throw new Error(`no key: set ${KEY_NAMES.join(" or ")}`);

  const ask = async (what, path, init) => {
    let response;
    try {
      response = await fetch(url + path, {
        ...init,
        headers: {
          apikey: key,
          Authorization: `Bearer ${key}`,
          "Content-Type": "application/json",
        },
        signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
      });
    } catch (error) {
      const why = error.name === "TimeoutError"
        ? "no answer"
        : error.cause?.message || error.message;
      throw new Error(`cannot reach ${url}: ${why || error.cause?.code || "no connection"}`);
    }
    const text = await response.text();
    let body = null;
    try {
      body = text === "" ? null : JSON.parse(text);
    } catch {
      if (response.ok) throw new Error(`${what}: the answer is no JSON`);
    }
    if (response.ok) return body;
    const error = new Error(wordsOf(body, response.status, what));
    error.status = response.status;
    throw error;
  };
  const post = (what, path, body) =>
    ask(what, path, { method: "POST", body: JSON.stringify(body) });

  return {
    url,
    /** Calls an edge function and gives its answer. */
    invoke: (name, body = {}) => post(name, `/functions/v1/${name}`, body),
    /** Calls a database function and gives its result. */
    rpc: (name, body = {}) => post(name, `/rest/v1/rpc/${name}`, body),
    /** Rows of a table or view; `query` as PostgREST takes it: "id=eq.7&select=id,make". */
    rows: (table, query) => ask(table, `/rest/v1/${table}?${query}`, { method: "GET" }),
  };
}

module.exports = { connect };
