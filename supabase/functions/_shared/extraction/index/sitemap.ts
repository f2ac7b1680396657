import { hostOf } from "../../domain/host.ts";
import { decodeEntities } from "../../html/entities.ts";
import { safeUrl } from "./address.ts";

/** One address of a sitemap. */
export interface SitemapEntry {
  url: string;
  /** When the site changed the page, ISO 8601 in UTC; null where it does not say, or says what cannot be. */
  lastmod: string | null;
}

/** What one sitemap names (https://www.sitemaps.org/protocol.html). */
export interface SitemapReading {
  /** `urls`: pages; `index`: other sitemaps; `none`: it is no sitemap, and `reason` says what it is. */
  kind: "urls" | "index" | "none";
  reason: string;
  /** On its own host, each once, newest first; those without a time come last, as they stand there. */
  entries: SitemapEntry[];
  /** Addresses of other hosts, which a sitemap cannot speak for; a few of those hosts. */
  foreign: number;
  foreignHosts: string[];
  /** False where it was longer than is read. */
  whole: boolean;
}

/** Bytes that are read of a sitemap, unpacked: the protocol allows 50 MB, a worker has two seconds. */
export const MOST_SITEMAP_BYTES = 16 * 1024 * 1024;
/** The protocol's own limit, of all addresses: what comes after that many of other hosts is not looked for. */
const MOST_ENTRIES = 50_000;
const LONGEST_ENTRY = 20_000;
const MOST_FOREIGN_HOSTS = 20;
const DAY_MS = 86_400_000;
const SLICE = 4_096;

/** Bytes as they are, or unpacked if they are gzip; cut off at the limit, whatever they would unpack to. */
async function unpacked(
  bytes: Uint8Array,
  most: number,
): Promise<{ text: string; whole: boolean }> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    return { text: decoded([bytes.subarray(0, most)]), whole: bytes.length <= most };
  }
  const reader = slices(bytes).pipeThrough(new DecompressionStream("gzip")).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (length <= most) {
      const { done, value } = await reader.read();
      if (done) return { text: decoded(chunks), whole: true };
      chunks.push(value);
      length += value.length;
    }
    await reader.cancel();
  } catch {
    // Broken off or damaged: what was unpacked until there is read.
  }
  return { text: decoded(chunks).slice(0, most), whole: false };
}

/** In slices so small that none unpacks to more than a few megabytes at once (deflate: 1,032 to 1). */
function slices(bytes: Uint8Array): ReadableStream<BufferSource> {
  let at = 0;
  return new ReadableStream({
    pull(stream) {
      if (at >= bytes.length) return stream.close();
      stream.enqueue(bytes.slice(at, at + SLICE) as BufferSource);
      at += SLICE;
    },
  });
}

function decoded(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
}

/**
 * Reads a sitemap, a sitemap index or a list of addresses as text, plain or gzipped. Read element by
 * element, so that one that breaks off gives what it has: nothing that a document type declares is
 * expanded, and only names and numbers of characters are decoded. Bounded in bytes and entries.
 * @param url its address: only addresses on the same host count.
 * @param at when it was fetched, ISO 8601: a time after it is none.
 */
export async function readSitemap(
  bytes: Uint8Array,
  url: string,
  at: string,
): Promise<SitemapReading> {
  const { text, whole } = await unpacked(bytes, MOST_SITEMAP_BYTES);
  const root = /<(?:([\w.-]{1,20}):)?(urlset|sitemapindex)(?=[\s>])/.exec(text.slice(0, 20_000));
  if (root !== null) {
    const [, prefix = "", name = ""] = root;
    const kind = name === "urlset" ? "urls" : "index";
    return gathered(
      kind,
      elements(text, prefix, kind === "urls" ? "url" : "sitemap"),
      url,
      at,
      whole,
    );
  }
  if (/^\ufeff?\s*https?:\/\/\S+\s*(?:\n|$)/.test(text.slice(0, 3_000))) {
    return gathered("urls", lines(text), url, at, whole);
  }
  const what = /<html|<!doctype html/i.test(text.slice(0, 20_000)) ? "a page" : "no sitemap";
  return { ...nothing(), reason: `${what}: ${text.slice(0, 60).replace(/\s+/g, " ")}` };
}

function nothing(): SitemapReading {
  return { kind: "none", reason: "", entries: [], foreign: 0, foreignHosts: [], whole: true };
}

interface Named {
  loc: string;
  lastmod: string | null;
}

/** The entries of a sitemap; one that is not closed ends it. */
function* elements(text: string, prefix: string, name: string): Generator<Named> {
  const named = prefix === "" ? "" : `${prefix.replaceAll(".", "\\.")}:`;
  const open = new RegExp(`<${named}${name}(?:\\s[^<>]{0,500})?>`, "g");
  const close = `</${named.replaceAll("\\", "")}${name}`;
  const loc = new RegExp(
    `<${named}loc(?:\\s[^<>]{0,200})?>([^<]{1,3000}|\\s{0,50}<!\\[CDATA\\[[^<\\]]{1,3000}\\]\\]>)`,
  );
  const lastmod = new RegExp(`<${named}lastmod(?:\\s[^<>]{0,200})?>([^<]{1,100})`);
  for (let match = open.exec(text); match !== null; match = open.exec(text)) {
    const end = text.indexOf(close, open.lastIndex);
    if (end < 0) return;
    const entry = text.slice(open.lastIndex, Math.min(end, open.lastIndex + LONGEST_ENTRY));
    const address = loc.exec(entry)?.[1]?.replace(/^\s*<!\[CDATA\[|\]\]>$/g, "");
    if (address !== undefined) {
      yield { loc: decodeEntities(address), lastmod: lastmod.exec(entry)?.[1] ?? null };
    }
    open.lastIndex = end;
  }
}

function* lines(text: string): Generator<Named> {
  for (const [line] of text.matchAll(/[^\s]{1,3000}/g)) yield { loc: line, lastmod: null };
}

function gathered(
  kind: "urls" | "index",
  named: Iterable<Named>,
  base: string,
  at: string,
  whole: boolean,
): SitemapReading {
  const host = hostOf(base);
  const latest = Date.parse(at) + DAY_MS;
  const found = new Map<string, string | null>();
  const foreign = new Set<string>();
  const reading = { ...nothing(), kind, whole };
  let looked = 0;
  for (const { loc, lastmod } of named) {
    if (++looked > MOST_ENTRIES) {
      reading.whole = false;
      break;
    }
    const address = safeUrl(loc, base);
    if (address === null) continue;
    const own = hostOf(address);
    if (own !== host) {
      reading.foreign++;
      if (foreign.size < MOST_FOREIGN_HOSTS) foreign.add(own);
      continue;
    }
    found.set(address.href, timeOf(lastmod, latest) ?? found.get(address.href) ?? null);
  }
  reading.entries = [...found].map(([url, lastmod]) => ({ url, lastmod }))
    .sort((one, other) => (other.lastmod ?? "").localeCompare(one.lastmod ?? ""));
  reading.foreignHosts = [...foreign];
  const what = kind === "urls" ? "a sitemap" : "an index of sitemaps";
  reading.reason = `${what}: ${found.size} addresses${
    reading.foreign > 0 ? `, ${reading.foreign} of other hosts` : ""
  }${reading.whole ? "" : ", longer than is read"}`;
  return reading;
}

function timeOf(text: string | null, latest: number): string | null {
  const stated = text?.trim() ?? "";
  const time = /^\d{4}-\d\d/.test(stated) ? Date.parse(stated) : NaN;
  return Number.isNaN(time) || time < 0 || time > latest ? null : new Date(time).toISOString();
}
