import * as cheerio from "cheerio";
import process from "node:process";
import { extract } from "../supabase/functions/_shared/sources/registry.ts";
import { POSTS } from "../tests/corpus/craigslist_posts.ts";
import { AUCTION_PAGES, corpusDir, corpusExists, pageOf } from "../tests/corpus/folder.ts";

/** CPU of one page, in milliseconds: the reader here and the plain way, in the same run. */
interface ExtractionFigure {
  page: string;
  kilobytes: number;
  ours: number;
  plain: number;
  /** How many times less is aimed at. */
  aim: number;
}

/** Measured in turns, so that a busy machine slows both ways alike. */
const TURNS = 8;
const OURS_A_TURN = 40;
const PLAIN_A_TURN = 3;

/**
 * CPU per page of reading the auction pages, against `cheerio.load` with plain selectors for the
 * same fields. Empty when the corpus is absent.
 */
export async function benchExtraction(): Promise<ExtractionFigure[]> {
  if (!corpusExists) return [];
  const figures: ExtractionFigure[] = [];
  for (const [file, url] of Object.entries(AUCTION_PAGES)) {
    const body = await Deno.readTextFile(`${corpusDir}/${file}`);
    const page = pageOf(body, url);
    const ours = () => extract(page).images.length;
    const plain = () => readPlainly(body);
    if (ours() !== plain()) throw new Error(`${file}: the two ways read different galleries`);
    cpu(ours, OURS_A_TURN);
    cpu(plain, PLAIN_A_TURN);
    let [ourTime, plainTime] = [0, 0];
    for (let turn = 0; turn < TURNS; turn++) {
      ourTime += cpu(ours, OURS_A_TURN);
      plainTime += cpu(plain, PLAIN_A_TURN);
    }
    figures.push({
      page: file,
      kilobytes: Math.round(body.length / 1024),
      ours: ourTime / TURNS,
      plain: plainTime / TURNS,
      aim: 20,
    });
  }
  figures.push(await benchPosts());
  return figures;
}

/** The mean of all small pages: posts of Craigslist. */
async function benchPosts(): Promise<ExtractionFigure> {
  const pages = await Promise.all(
    Object.entries(POSTS).map(async ([file, url]) =>
      pageOf(await Deno.readTextFile(`${corpusDir}/${file}`), url)
    ),
  );
  const ours = () => pages.forEach((page) => extract(page));
  const plain = () => pages.forEach(({ body }) => readPostPlainly(body));
  cpu(ours, 3);
  cpu(plain, 2);
  let [ourTime, plainTime] = [0, 0];
  for (let turn = 0; turn < TURNS; turn++) {
    ourTime += cpu(ours, 2) / pages.length;
    plainTime += cpu(plain, 1) / pages.length;
  }
  return {
    page: `${pages.length} posts of craigslist, each`,
    kilobytes: Math.round(
      pages.reduce((sum, { body }) => sum + body.length, 0) / pages.length / 1024,
    ),
    ours: ourTime / TURNS,
    plain: plainTime / TURNS,
    aim: 3,
  };
}

/** The same for a post; it names no vehicle yet, which ours does. */
function readPostPlainly(html: string): number {
  const $ = cheerio.load(html);
  const title = $("#titletextonly").text();
  const price = $(".price").first().text();
  const place = $(".postingtitletext small").text();
  const rows = $("p.attrgroup span").map((_, row) => $(row).text().trim()).get();
  const body = $("#postingbody").text().trim();
  const posted = $("time").first().attr("datetime");
  const category = $(".crumb.category").text();
  const thumbs = $("a.thumb").map((_, link) => $(link).attr("href")).get();
  return [title, price, place, rows, body, posted, category, thumbs].length;
}

/** Mean milliseconds of CPU, user and system, of one call. */
function cpu(call: () => unknown, times: number): number {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

/** What one would write first: the whole page as a tree, a selector a field. */
function readPlainly(html: string): number {
  const $ = cheerio.load(html);
  const title = $("h1.listing-post-title").text().trim();
  const price = $(".listing-available-info .info-value").text();
  const stats = $("#listing-bid tr").map((_, row) => $(row).text().trim()).get();
  const seller = $(".essentials .item-seller a").first().text();
  const details = $(".essentials .item ul li").map((_, item) => $(item).text().trim()).get();
  const groups = $(".group-item").map((_, item) => $(item).text()).get();
  const excerpt = $(".post-excerpt").first().text();
  const views = $("[data-stats-item=views]").first().text();
  const comments = $(".comments-title").text();
  const script = $("script").map((_, item) => $(item).text()).get().find((text) =>
    text.includes("var BAT_VMS")
  );
  const vms = JSON.parse(/var BAT_VMS = (\{.*\});/.exec(script ?? "")?.[1] ?? "{}");
  const gallery = JSON.parse($("[data-gallery-items]").attr("data-gallery-items") ?? "[]");
  const read = [title, price, stats, seller, details, groups, excerpt, views, comments, vms];
  return read.length > 0 ? gallery.length : 0;
}
