/** The rows of a table in pages, in the order of its key: a page begins behind the last row of the one before. */
"use strict";

/** PostgREST gives no more at a time. */
const PAGE_ROWS = 1_000;
const SMALLEST_PAGE = 10;
/** How often a page is asked for that does not come. */
const TRIES = 5;

/**
 * Of the rows behind one, those that share the first `depth` columns of its key with it. (`or` would take all at
 * once, but a text in it is quoted, and not everywhere alike.)
 */
function behind(key, last, depth) {
  return [
    ...key.slice(0, depth).map((column) => `${column}=eq.${encodeURIComponent(last[column])}`),
    `${key[depth]}=gt.${encodeURIComponent(last[key[depth]])}`,
  ];
}

/** Whether asking again may help: no answer, or one that says that there was no time or no room. */
function mayPass(error) {
  return error.status === undefined || error.status === 429 || error.status >= 500;
}

/**
 * @param {{ rows(table: string, query: string): Promise<object[]> }} project
 * @param {string} table
 * @param {string[]} key columns of the primary key
 * @param {object | null} last key of the row to go on behind; null for the beginning
 * @param {(ms: number) => Promise<void>} wait
 * @returns {AsyncGenerator<object[]>} pages with at least one row
 * @throws when a page does not come after five tries, each for half as many rows
 */
async function* pagesOf(project, table, key, last, wait) {
  let size = PAGE_ROWS;
  let failures = 0;
  // First what shares most of its key with the last row, in the end what lies behind all that shares anything.
  let depth = last === null ? 0 : key.length - 1;
  while (depth >= 0) {
    const query = [
      `order=${key.join(",")}`,
      `limit=${size}`,
      ...(last === null ? [] : behind(key, last, depth)),
    ].join("&");
    let rows;
    try {
      rows = await project.rows(table, query);
    } catch (error) {
      failures++;
      if (!mayPass(error) || failures >= TRIES) throw error;
      size = Math.max(SMALLEST_PAGE, Math.floor(size / 2));
      await wait(500 * 2 ** failures);
      continue;
    }
    failures = 0;
    // A project may give fewer rows at a time than it is asked for: only nothing is the end.
    if (rows.length === 0) {
      depth--;
      continue;
    }
    depth = key.length - 1;
    last = Object.fromEntries(key.map((column) => [column, rows.at(-1)[column]]));
    yield rows;
  }
}

module.exports = { pagesOf };
