/** A folder with a CSV and a JSON-lines file for each table, and how far they are, so that an export can go on. */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { csvLine } = require("./csv.js");

const STATE = "export.json";

/**
 * Opens the folder, or makes it.
 * @param {string} dir
 * @param {{ project: string, fresh: boolean }} options address of the project; whether to begin anew
 * @throws {Error} when it holds an export of another project, or files that are no export
 */
function openFolder(dir, { project, fresh }) {
  fs.mkdirSync(dir, { recursive: true });
  const statePath = path.join(dir, STATE);
  const held = fs.existsSync(statePath) ? JSON.parse(fs.readFileSync(statePath, "utf8")) : null;
  if (held === null && fs.readdirSync(dir).length > 0) {
    throw new Error(`${dir} is not empty, and holds no export`);
  }
  if (held !== null && !fresh && held.project !== project) {
    throw new Error(`${dir} holds an export of ${held.project}: another folder, or --fresh`);
  }
  const state = held !== null && !fresh
    ? held
    : { project, started_at: new Date().toISOString(), completed_at: null, tables: {} };

  /** Written beside and put in its place: it is whole, whenever this program ends. */
  const save = () => {
    fs.writeFileSync(`${statePath}.new`, JSON.stringify(state, null, 2) + "\n");
    fs.renameSync(`${statePath}.new`, statePath);
  };
  const files = (table) => [path.join(dir, `${table}.csv`), path.join(dir, `${table}.jsonl`)];
  if (held !== null && fresh) {
    for (const file of Object.keys(held.tables).flatMap(files)) fs.rmSync(file, { force: true });
  }
  save();

  return {
    state,
    save,
    /** Makes both files as long as what is known of them: what was written without being noted is cut off. */
    open(table) {
      state.tables[table] ??= {
        rows: 0,
        columns: null,
        bytes: [0, 0],
        last: null,
        complete: false,
      };
      const progress = state.tables[table];
      const [csv, jsonl] = files(table).map((file, at) => {
        const opened = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT);
        fs.ftruncateSync(opened, progress.bytes[at]);
        return opened;
      });
      const append = (file, at, text) => {
        const bytes = Buffer.from(text);
        for (let done = 0; done < bytes.length;) {
          done += fs.writeSync(file, bytes, done, bytes.length - done, progress.bytes[at] + done);
        }
        progress.bytes[at] += bytes.length;
      };
      return {
        progress,
        /** @param {object[]} rows @param {object} last key of the last of them */
        add(rows, last) {
          let lines = "";
          if (progress.columns === null) {
            progress.columns = Object.keys(rows[0]);
            lines = csvLine(progress.columns);
          }
          lines += rows.map((row) => csvLine(progress.columns.map((name) => row[name]))).join("");
          append(csv, 0, lines);
          append(jsonl, 1, rows.map((row) => JSON.stringify(row) + "\n").join(""));
          progress.rows += rows.length;
          progress.last = last;
          save();
        },
        close() {
          fs.closeSync(csv);
          fs.closeSync(jsonl);
        },
      };
    },
  };
}

module.exports = { openFolder };
