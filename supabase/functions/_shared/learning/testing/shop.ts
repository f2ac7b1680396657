import type { Book } from "./books.ts";
import type { Chance } from "./chance.ts";
import { COUNTRIES, type Country } from "./shop_words.ts";

/** How a shop lays its pages out: drawn once a shop, the same on all its pages. */
interface Layout {
  country: Country;
  /** How a label stands to its value. */
  rows: "definitions" | "table" | "columns" | "list" | "spans" | "bold" | "stacked";
  classes: "named" | "utilities" | "hashed" | "none";
  /** Whether the title and the author stand in a heading, or in rows like the rest. */
  heading: "h1" | "h2" | "div";
  byline: boolean;
  colon: string;
  /** Where the related items stand. */
  related: "before" | "after";
  was: boolean;
  /** Elements around the product, so that shops differ in depth. */
  shell: string[];
  order: (keyof Country["labels"])[];
  optionalRow: boolean;
}

export interface Shop {
  page(book: Book, related: readonly Book[], chance: Chance): string;
  layout: Layout;
}

const ROWS = ["definitions", "table", "columns", "list", "spans", "bold", "stacked"] as const;

/** A shop of its own making. */
export function makeShop(chance: Chance, rows: Layout["rows"] = chance.of(ROWS)): Shop {
  const layout: Layout = {
    country: chance.of(COUNTRIES),
    rows,
    classes: chance.of(["named", "utilities", "hashed", "none"] as const),
    heading: chance.of(["h1", "h1", "h2", "div"] as const),
    byline: chance.is(0.4),
    colon: chance.of([":", "", " :", ":"]),
    related: chance.of(["before", "after", "after"] as const),
    was: chance.is(0.5),
    shell: chance.shuffled(["main", "section", "article", "div", "div"]).slice(
      0,
      1 + chance.below(4),
    ),
    order: chance.shuffled(
      ["author", "publisher", "isbn", "date", "price", "pages", "series"] as const,
    ),
    optionalRow: chance.is(0.5),
  };
  return {
    layout,
    page: (book, related, draw) => new PageWriter(layout, draw).page(book, related),
  };
}

class PageWriter {
  constructor(private readonly layout: Layout, private readonly chance: Chance) {}

  page(book: Book, related: readonly Book[]): string {
    const { layout, chance } = this;
    const { country: { language, related: heading } } = layout;
    const box = `<aside${this.class("related")}><h3>${heading}</h3>${
      related.map((one) => `<div${this.class("card")}>${this.card(one)}</div>`).join(this.gap())
    }</aside>`;
    const product = layout.shell.reduceRight(
      (inner, tag) => `<${tag}${this.class("box")}>${inner}</${tag}>`,
      this.product(book),
    );
    const parts = layout.related === "before" ? [box, product] : [product, box];
    const hostile = `<!-- ${book.isbn} ${book.title} --><div style="display: none">${
      chance.of(related)?.isbn ?? ""
    }</div><script>var page = ${JSON.stringify({ isbn: book.isbn, price: book.price })};</script>`;
    return `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8"><title>${
      this.escaped(book.title)
    } – Shop ${layout.rows}</title><style>.x{color:red}</style></head><body>
<nav><ul><li><a href="/">Home</a><li><a href="/new">${chance.below(90)} new</a></ul></nav>
${hostile}${parts.join(this.gap())}<footer><p>© 2026 · Tel. 0${
      chance.below(1e8)
    }</p></footer></body></html>`;
  }

  private product(book: Book): string {
    const { layout } = this;
    const title = `<${layout.heading}${this.class("product-title")}>${
      this.escaped(book.title)
    }</${layout.heading}>`;
    const by = layout.byline
      ? `<p${this.class("byline")}>${layout.country.labels.author} <a href="#">${
        this.escaped(book.author)
      }</a></p>`
      : "";
    const optional = layout.optionalRow && this.chance.is(0.5)
      ? `<p${this.class("badge")}>${this.chance.of(["New", "Signed copy", "Only 2 left"])}</p>`
      : "";
    return `${title}${this.gap()}${by}${optional}${this.rows(this.pairs(book))}`;
  }

  /** A related item: the same labels and classes as the product's own, as careless shops have. */
  private card(book: Book): string {
    const { labels, money } = this.layout.country;
    return `<a href="/b/${book.isbn}"${this.class("product-title")}>${
      this.escaped(book.title)
    }</a>${
      this.rows([["author", labels.author, this.escaped(book.author)], [
        "price",
        labels.price,
        money(book.price),
      ]])
    }`;
  }

  private pairs(book: Book): [name: string, label: string, value: string][] {
    const { country: { labels, money, day, was }, order, byline } = this.layout;
    const values: Record<string, string | null> = {
      author: byline ? null : this.escaped(book.author),
      publisher: this.escaped(book.publisher),
      isbn: this.layout.country.language.startsWith("en")
        ? `${book.isbn.slice(0, 3)}-${book.isbn.slice(3)}`
        : book.isbn,
      date: day(book.date),
      price: money(book.price).replaceAll("\u202f", "&nbsp;"),
      pages: book.pages === null ? null : String(book.pages),
      series: book.series,
    };
    return order.flatMap((name): [string, string, string][] => {
      const value = values[name] ?? null;
      if (value === null) return [];
      const row: [string, string, string] = [name, labels[name], value];
      const old: [string, string, string] = ["was", was, money(Math.round(book.price * 125) / 100)];
      return name === "price" && this.layout.was ? [old, row] : [row];
    });
  }

  private rows(pairs: readonly (readonly [string, string, string])[]): string {
    const { rows, colon } = this.layout;
    const of = (row: (name: string, label: string, value: string) => string) =>
      pairs.map(([name, label, value]) => row(name, label + colon, value)).join(this.gap());
    switch (rows) {
      case "definitions":
        return `<dl${this.class("facts")}>${
          of((n, l, v) => `<dt>${l}</dt><dd${this.class(n)}>${v}</dd>`)
        }</dl>`;
      case "table":
        return `<table${this.class("facts")}><tbody>${
          of((n, l, v) => `<tr><th>${l}</th><td${this.class(n)}>${v}</td></tr>`)
        }</tbody></table>`;
      case "columns":
        return `<table><thead><tr>${
          pairs.map(([, label]) => `<th>${label}</th>`).join("")
        }</tr></thead><tr>${
          pairs.map(([name, , value]) => `<td${this.class(name)}>${value}</td>`).join("")
        }</tr></table>`;
      case "list":
        return `<ul${this.class("facts")}>${of((n, l, v) => `<li${this.class(n)}>${l} ${v}`)}</ul>`;
      case "spans":
        return of((n, l, v) =>
          `<div${this.class("row")}><span${this.class("label")}>${l}</span> <span${
            this.class(n)
          }>${v}</span></div>`
        );
      case "bold":
        return `<p>${of((n, l, v) => `<b>${l}</b> <i${this.class(n)}>${v}</i><br>`)}</p>`;
      case "stacked":
        return of((n, l, v) =>
          `<div${this.class("cell")}><div>${l}</div><div${
            this.class(n)
          }><span>${v}</span></div></div>`
        );
    }
  }

  private class(name: string): string {
    const { chance } = this;
    switch (this.layout.classes) {
      case "none":
        return "";
      case "named":
        return ` class="${name}"`;
      case "utilities":
        return ` class="flex p-2 ${name === "price" ? "text-lg" : "text-sm"} mt-4"`;
      case "hashed":
        return ` class='css-${chance.below(1e6).toString(36)} ${chance.below(1e6).toString(36)}'`;
    }
  }

  private gap(): string {
    return this.chance.of(["", "\n", "\n    ", " ", "<!-- x -->\t"]);
  }

  private escaped(text: string): string {
    const entities = text.replaceAll("&", "&amp;");
    return this.chance.is(0.3)
      ? entities.replaceAll("’", "&rsquo;").replaceAll("é", "&eacute;")
      : entities;
  }
}
