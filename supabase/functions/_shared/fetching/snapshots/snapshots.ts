import type { NewSnapshot } from "../../database/hosts.ts";
import type { NewestSnapshot, Snapshot, SnapshotDatabase } from "../../database/snapshots.ts";
import { sha256 } from "../../domain/hash.ts";
import type { Page } from "../../domain/page.ts";
import { clean, cleanOrNull } from "../../domain/text.ts";
import { decodeText, mediaType } from "../client/charset.ts";
import { MAX_BYTES } from "../client/http.ts";
import { Lookahead } from "../coalesce.ts";
import type { Validators } from "../result.ts";
import { pack, snapshotId, storagePath, unpack } from "./codec.ts";

/** What a site answered, to be kept. */
interface Served {
  url: URL;
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

/** Finds, keeps and reads back pages. */
export class Snapshots {
  #database: Pick<SnapshotDatabase, "put" | "get">;
  #newest: Lookahead<NewestSnapshot>;
  #stored = new Map<string, Promise<void>>();

  /** @param find gives the newest snapshot of a URL. */
  constructor(
    database: Pick<SnapshotDatabase, "put" | "get">,
    find: (url: string) => Promise<NewestSnapshot>,
  ) {
    this.#database = database;
    this.#newest = new Lookahead(find);
  }

  /** Listings whose newest snapshots will be wanted: the first brings those of all. */
  expect(urls: Iterable<string>): void {
    this.#newest.expect(urls);
  }

  /** The newest good snapshot of a listing, and the listing's canonical URL. @throws DatabaseError */
  newest(url: string): Promise<NewestSnapshot> {
    return this.#newest.load(url);
  }

  /**
   * Stores a page's bytes unless the newest snapshot holds the same, and gives the row to record;
   * null when the URL has no canonical spelling. @throws DatabaseError
   * @param again store them in any case: the object was found missing.
   */
  async keep(
    newest: NewestSnapshot,
    served: Served,
    fetchedAt: string,
    again = false,
  ): Promise<NewSnapshot | null> {
    if (newest.canonical_url === null) return null;
    const hash = sha256(served.bytes);
    const path = storagePath(hash);
    let storedBytes = newest.snapshot?.stored_bytes ?? 0;
    if (again || newest.snapshot?.sha256 !== hash) {
      const packed = pack(served.bytes);
      storedBytes = packed.length;
      await this.#put(path, packed, again);
    }
    return {
      id: snapshotId(newest.canonical_url, hash),
      canonical_url: newest.canonical_url,
      url: clean(newest.url, 2048),
      sha256: hash,
      fetched_at: fetchedAt,
      status: served.status,
      ...validatorsOf(served),
      content_type: clean(served.headers.get("content-type") ?? "", 200),
      bytes: served.bytes.length,
      stored_bytes: storedBytes,
      storage_path: path,
    };
  }

  /** A snapshot as a page; null when its content is missing or damaged. @throws DatabaseError */
  load(snapshot: Snapshot): Promise<Page | null> {
    return loadSnapshot(this.#database, snapshot);
  }

  /** The same content is stored once in a run, unless it was found missing. */
  #put(path: string, packed: Uint8Array, again: boolean): Promise<void> {
    const held = again ? undefined : this.#stored.get(path);
    if (held !== undefined) return held;
    const storing = this.#database.put(path, packed).catch((error) => {
      this.#stored.delete(path);
      throw error;
    });
    this.#stored.set(path, storing);
    return storing;
  }
}

/**
 * Reads a page back from the snapshot, as it was when the site sent it. Null when the object is
 * missing, or is not the bytes that the row says. @throws DatabaseError when Storage cannot answer.
 */
export async function loadSnapshot(
  database: Pick<SnapshotDatabase, "get">,
  snapshot: Snapshot,
): Promise<Page | null> {
  const packed = await database.get(snapshot.storage_path);
  if (packed === null) return null;
  let bytes: Uint8Array;
  try {
    bytes = unpack(packed, MAX_BYTES);
  } catch {
    return null;
  }
  if (bytes.length !== snapshot.bytes) return null;
  return {
    url: snapshot.url,
    status: snapshot.status,
    contentType: mediaType(snapshot.content_type),
    body: decodeText(bytes, snapshot.content_type),
    fetchedAt: new Date(snapshot.fetched_at).toISOString(),
  };
}

/** Headers that ask for a page only if it changed; none for another address than it was kept from. */
export function validators(snapshot: Validators | null, url: URL): Record<string, string> {
  if (snapshot === null || snapshot.final_url !== url.href) return {};
  const headers: Record<string, string> = {};
  if (isHeaderText(snapshot.etag)) headers["if-none-match"] = snapshot.etag;
  if (isHeaderText(snapshot.last_modified)) headers["if-modified-since"] = snapshot.last_modified;
  return headers;
}

/** What an answer says of its version, in the length that is kept. */
export function validatorsOf(served: Pick<Served, "url" | "headers">): Validators {
  return {
    final_url: served.url.href,
    etag: cleanOrNull(served.headers.get("etag"), 500),
    last_modified: cleanOrNull(served.headers.get("last-modified"), 100),
  };
}

function isHeaderText(text: string | null): text is string {
  return text !== null && /^[\x20-\x7e]+$/.test(text);
}
