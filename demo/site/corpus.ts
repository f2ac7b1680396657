import type { MirrorTarget } from "./mirror.ts";
import { addressKey, keyOf } from "./mirror.ts";
import { html } from "./answers.ts";
import { imageBytes } from "./image/serve.ts";
import { removed } from "./markup/walls.ts";

/** One saved page of a corpus folder. */
export interface CorpusPage {
  file: string;
  url: string;
  /** The manifest's words: "detail sold", "blocked: Cloudflare challenge". */
  kind: string;
  status: number;
}

export interface Corpus {
  folder: string;
  pages: readonly CorpusPage[];
  byAddress: ReadonlyMap<string, CorpusPage>;
}

/** Saved pages whose address the manifest does not hold, at an address of the same site. */
const WITHOUT_URL: Readonly<Record<string, string>> = {
  "carsandbids/auction-live-rendered.html":
    "https://carsandbids.com/auctions/KV0vnYqQ/2000-honda-s2000",
  "carsandbids/past-auctions-spa-shell.html": "https://carsandbids.com/past-auctions/",
  "blocked/carsandbids-cloudflare-just-a-moment.html":
    "https://carsandbids.com/auctions/KVDM0v0O/2006-porsche-cayman-s",
  "blocked/ksl-perimeterx-denied.html": "https://cars.ksl.com/listing/10001001",
};

const statusOf = (kind: string): number => kind.startsWith("blocked") ? 403 : 200;

/**
 * Reads MANIFEST.tsv of a corpus folder: which page stands at which address. Feeds, and pages
 * whose address is nowhere known, are left out. Throws where the file cannot be read.
 */
export async function openCorpus(folder: string): Promise<Corpus> {
  const manifest = await Deno.readTextFile(`${folder}/MANIFEST.tsv`).catch((error) => {
    throw new Error(`${folder} is no folder of saved pages: MANIFEST.tsv cannot be read`, {
      cause: error,
    });
  });
  const rows = manifest.trim().split("\n").slice(1).map((line) => line.split("\t"));
  const pages = rows.flatMap(([file = "", stated = "", kind = ""]): CorpusPage[] => {
    const url = stated === "" ? WITHOUT_URL[file] : stated;
    return url === undefined || !file.endsWith(".html")
      ? []
      : [{ file, url, kind, status: statusOf(kind) }];
  });
  // Two captures of one address: the later one of the manifest is what the site shows.
  return { folder, pages, byAddress: new Map(pages.map((page) => [keyOf(page.url), page])) };
}

/** A page of the corpus, a placeholder for an image's address, 404 for all else. */
export async function corpusAnswer(corpus: Corpus, target: MirrorTarget): Promise<Response> {
  const page = corpus.byAddress.get(addressKey(target.host, target.path));
  if (page) return html(await Deno.readTextFile(`${corpus.folder}/${page.file}`), page.status);
  if (!/\.(jpe?g|png|webp)$/i.test(target.path)) return html(removed(), 404);
  const { bytes, type } = imageBytes(
    target.path,
    new URLSearchParams(),
    `${target.host}${target.path}`,
    [120, 130, 140],
  );
  return new Response(bytes, { headers: { "content-type": type } });
}
