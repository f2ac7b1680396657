/** Values and tables as a person reads them. */
"use strict";

const LABELS = {
  vin: "VIN",
  seller_name: "Seller",
  color: "Color",
  sale_price: "Sale price",
  high_bid: "High bid",
  asking_price: "Asking price",
  body_style: "Body style",
  interior_color: "Interior color",
  sale_status: "Sale status",
  sale_date: "Sale date",
};
const LONGEST_VALUE = 80;

/** "seller_name" as "Seller". */
function label(field) {
  return LABELS[field] ?? field.charAt(0).toUpperCase() + field.slice(1).replaceAll("_", " ");
}

/** A value on one line: text in quotes, nothing as (none). */
function shown(value) {
  if (value === null || value === undefined) return "(none)";
  const text = JSON.stringify(value);
  if (text.length <= LONGEST_VALUE) return text;
  return text.slice(0, LONGEST_VALUE - 2) + '…"';
}

/** `✨ VIN: (none) → "1GCDC14HXFS135837"`; a value that is replaced has 🔄, one that is taken back 🧹. */
function changeLine(field, { old, new: value }) {
  const none = (it) => it === null || it === undefined;
  const mark = none(old) ? "✨" : none(value) ? "🧹" : "🔄";
  return `${mark} ${label(field)}: ${shown(old)} → ${shown(value)}`;
}

/** "1 vehicle", "47 vehicles". */
function count(number, one, many = `${one}s`) {
  return `${Number(number).toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

/** Rows of objects as aligned text; every cell on one line. */
function table(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    return typeof value === "object"
      ? shown(value)
      : String(value).replace(/\s+/g, " ").slice(0, LONGEST_VALUE);
  };
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  return lines
    .map((line) => line.map((text, at) => text.padEnd(widths[at])).join("  ").trimEnd())
    .join("\n");
}

module.exports = { changeLine, count, label, shown, table };
