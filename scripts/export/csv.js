/** Rows as CSV: RFC 4180 with line feeds, and as Postgres' `copy … csv`: nothing is an empty field, an empty text is "". */
"use strict";

function field(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line, with its line feed; what is no text is JSON. */
function csvLine(values) {
  return values.map(field).join(",") + "\n";
}

module.exports = { csvLine };
