/// <reference lib="dom" />
/** Files of Storage, which only operators may read. */
import { client } from "./client.ts";

/** @returns the picture as an address of this page; null when it is not there. The caller revokes it. */
export async function pictureAddress(bucket: string, path: string): Promise<string | null> {
  const { data } = await client.storage.from(bucket).download(path);
  // A kept file is shown as a picture or not at all, whatever it says it is.
  return data === null ? null : URL.createObjectURL(data.slice(0, data.size, pictureType(path)));
}

function pictureType(path: string): string {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return { png: "image/png", webp: "image/webp", gif: "image/gif", avif: "image/avif" }[ending] ??
    "image/jpeg";
}

const MOST_BYTES = 4_000_000;

/**
 * The words of a snapshot, a line for each block, and none of its markup: it is read by the browser's parser into a
 * document that runs nothing and loads nothing.
 * @throws Error when it is not there, or no page.
 */
export async function snapshotText(bucket: string, path: string): Promise<string[]> {
  const { data, error } = await client.storage.from(bucket).download(path);
  if (data === null) throw new Error(error?.message ?? "it is not in Storage");
  const head = new Uint8Array(await data.slice(0, 2).arrayBuffer());
  const packed = head[0] === 0x1f && head[1] === 0x8b;
  const stream = packed
    ? data.stream().pipeThrough(new DecompressionStream("gzip"))
    : data.stream();
  const page = (await textOf(stream)).slice(0, MOST_BYTES);
  return linesOf(new DOMParser().parseFromString(page, "text/html"));
}

async function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return await new Response(stream).text();
}

const BLOCKS = new Set(
  ("ADDRESS ARTICLE ASIDE BLOCKQUOTE BR DD DIV DL DT FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P " +
    "PRE SECTION TABLE TD TH TR UL TITLE").split(" "),
);
const SILENT = new Set(["SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "SVG", "IFRAME"]);

function linesOf(page: Document): string[] {
  const lines: string[] = [];
  let line = "";
  const end = () => {
    const said = line.replace(/\s+/g, " ").trim();
    if (said !== "") lines.push(said);
    line = "";
  };
  const walk = (node: Node) => {
    if (node.nodeType === Node.TEXT_NODE) line += node.nodeValue ?? "";
    if (SILENT.has(node.nodeName.toUpperCase())) return;
    const block = BLOCKS.has(node.nodeName);
    if (block) end();
    for (const child of node.childNodes) walk(child);
    if (block) end();
  };
  walk(page);
  end();
  return lines;
}
