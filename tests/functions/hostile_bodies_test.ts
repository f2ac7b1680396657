/** Bodies that nobody should send: named ones, and 10,000 drawn from fixed seeds. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Functions, startFunctions } from "../support/functions_client.ts";
import { type Answer, insertListings, startWorld } from "../support/world.ts";

const FUNCTIONS = [...Deno.readDirSync(new URL("../../supabase/functions", import.meta.url))]
  .filter((entry) => entry.isDirectory && !entry.name.startsWith("_"))
  .map((entry) => entry.name)
  .sort();
const BODIES = 10_000;
/** The most that an answer may have, in bytes. */
const LARGEST_ANSWER = 64 * 1024;

/** Parameters of one function or another. */
const NAMES = `
  vehicle_id vehicle_ids url urls feeds steps step_names scraper after batch_size batchSize per_vehicle
  max_attempts maxAttempts max_pages backfill_batch_size backfill_priority feed_batch_size max_runtime_ms
  dry_run background only_missing sync_only use_snapshots download_images triggered_by extra_text
`.trim().split(/\s+/);

const unstorable = fc.constantFrom("\0", "a\0b", "\ud800", "\udc00x", "\uffff", "\ud83d\ude97");
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 30, unit: "binary" }) },
  { weight: 2, arbitrary: unstorable },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "null", "manual", "ksl_scraper", "../../etc/passwd"),
  },
  { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "https://bringatrailer.com/listing/no-such-lot/",
      "https://bringatrailer.com/listing/%00/",
      "https://bringatrailer.com/listing/\ud800/",
      "http://127.0.0.1/",
      "https://cars.example/\0",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 100, max: 20_000 }).map((length) => "x".repeat(length)),
  },
);
const number = fc.oneof(
  fc.constantFrom(-1, 0, 1, 1.5, 20, 100, 2_147_483_647, 2_147_483_648, 3e9, 2 ** 53, 1e308, -3e9),
  fc.integer({ min: -5, max: 120 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
/** @param held an id that the database knows. */
function bodyOf(held: string): fc.Arbitrary<string> {
  const id = fc.oneof(fc.uuid(), fc.constantFrom(held, held.toUpperCase(), `${held}x`));
  const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null), id);
  const list = fc.oneof(
    { weight: 4, arbitrary: fc.array(scalar, { maxLength: 5 }) },
    { weight: 2, arbitrary: fc.array(id, { minLength: 1, maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(scalar, fc.integer({ min: 50, max: 3_000 })).map(([one, many]) =>
        JSON.stringify(one).length > 100 ? [one] : Array(many).fill(one)
      ),
    },
  );
  const value = fc.oneof(scalar, list, fc.dictionary(text, scalar, { maxKeys: 3 }));
  const fitting = fc.record({
    vehicle_ids: fc.array(id, { minLength: 1, maxLength: 3 }),
    batch_size: fc.integer({ min: 1, max: 100 }),
    max_runtime_ms: fc.constantFrom(1_000, 2_000),
    dry_run: fc.boolean(),
    background: fc.boolean(),
  }, { requiredKeys: [] });
  const object = fc.dictionary(
    fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: text }),
    value,
    { maxKeys: 5 },
  );
  const strange = fc.oneof(
    fc.string({ maxLength: 40, unit: "binary" }),
    fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.stringify(one)),
    fc.integer({ min: 10, max: 20_000 }).map((depth) => "[".repeat(depth)),
    fc.integer({ min: 10, max: 20_000 }).map((depth) =>
      `{"steps": ${"[".repeat(depth)}${"]".repeat(depth)}}`
    ),
    fc.integer({ min: 100, max: 2_000 }).map((many) =>
      `{${Array.from({ length: many }, (_, n) => `"unknown key ${n}": 1`).join()}}`
    ),
    fc.constantFrom('{"__proto__": {"dry_run": true}}', '{"dry_run": 1e999}', '{"a": 1, "a": 2}'),
  );
  return fc.oneof(
    { weight: 6, arbitrary: object.map((one) => JSON.stringify(one)) },
    { weight: 2, arbitrary: strange },
    {
      weight: 2,
      arbitrary: fc.tuple(fitting, fc.constantFrom(...NAMES), value).map(([body, name, one]) =>
        JSON.stringify({ ...body, [name]: one })
      ),
    },
  );
}

/** Asks one function with many bodies: each must be answered, and none at length. */
async function fuzz(
  functions: Functions,
  name: string,
  bodies: fc.Arbitrary<string>,
  { seed, numRuns }: { seed: number; numRuns: number },
) {
  const property = fc.asyncProperty(bodies, async (body) => {
    const { status, text } = await functions.send(name, body);
    const answered = `${name} answered ${status}: ${text.slice(0, 300)}`;
    assert.ok(status < 500, answered);
    assert.ok(text.length <= LARGEST_ANSWER, `${text.length} bytes: ${answered}`);
  });
  await fc.assert(property, { seed, numRuns });
}

Deno.test("hostile bodies", async (t) => {
  const world = await startWorld();
  const url = "https://bringatrailer.com/listing/no-such-lot/";
  const [held = ""] = await insertListings(world.sql, [url]);
  const functions = await startFunctions(world, FUNCTIONS);
  const post = async (name: string, body: unknown): Promise<Answer> => {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const { status, text } = await functions.send(name, sent);
    return { status, body: JSON.parse(text) };
  };
  const each = async (body: unknown, check: (name: string, answer: Answer) => void) => {
    for (const name of FUNCTIONS) check(name, await post(name, body));
  };
  const mistakesOf = ({ status, body }: Answer): { path: string; message: string }[] => {
    assert.equal(status, 400, JSON.stringify(body).slice(0, 300));
    return body.mistakes;
  };
  try {
    await t.step("a body of more than 256 KB is refused, its length announced or not", async () => {
      const large = `{"steps": [${"1,".repeat(200_000)}1]}`;
      await each(large, (name, { status, body }) => {
        assert.equal(status, 413, name);
        assert.match(body.error, /larger than 262144 bytes/);
      });
      const unannounced = new Blob([large]).stream();
      assert.equal((await functions.send("pipeline-orchestrator", unannounced)).status, 413);
    });

    await t.step("a body just under the limit is read", async () => {
      await each(`{"surprise": 1${" ".repeat(262_000)}}`, (_, answer) => {
        assert.match(JSON.stringify(mistakesOf(answer)), /surprise/);
      });
    });

    await t.step("at most 20 mistakes are named, each in at most 200 characters", async () => {
      const answer = await post("micro-scrape-bandaid", { vehicle_ids: Array(90).fill("x") });
      assert.equal(mistakesOf(answer).length, 20);
      assert.match(answer.body.error, /and 70 more/);
      const long = Object.fromEntries(
        Array.from({ length: 90 }, (_, n) => [`${n}${"k".repeat(2_000)}`, 1]),
      );
      await each(long, (name, answer) => {
        for (const { path, message } of mistakesOf(answer)) {
          assert.ok(path.length <= 200 && message.length <= 200, name);
        }
        assert.ok(JSON.stringify(answer.body).length < 10_000, name);
      });
    });

    await t.step("lists, objects and depths without measure are refused", async () => {
      const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`key_${n}`, 1]));
      const deep = `{"steps": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
      await each({ steps: Array(1_001).fill(1) }, (_, answer) => {
        assert.deepEqual(mistakesOf(answer), [{
          path: "steps",
          message: "1001 items: at most 1000",
        }]);
      });
      await each(many, (_, answer) => {
        assert.match(mistakesOf(answer)[0]?.message ?? "", /101 parameters: at most 100/);
      });
      await each(deep, (_, answer) => {
        assert.match(mistakesOf(answer)[0]?.message ?? "", /deeper than 20 levels/);
      });
      const [repeated] = mistakesOf(
        await post("pipeline-orchestrator", { steps: [1, 1, 1, 1, 1, 1] }),
      );
      assert.equal(repeated?.path, "steps");
    });

    for (const background of [false, true]) {
      const how = background ? "in the background" : "at once";
      await t.step(`text that Postgres cannot hold is refused, ${how}`, async () => {
        for (const text of ["a\\u0000b", "\\ud800", "\\udc00 x"]) {
          await each(`{"triggered_by": "${text}", "background": ${background}}`, (_, answer) => {
            const [mistake] = mistakesOf(answer);
            assert.equal(mistake?.path, "triggered_by");
            assert.match(mistake?.message ?? "", /cannot be stored/);
          });
          await each(`{"${text}": 1}`, (_, answer) => {
            assert.match(mistakesOf(answer)[0]?.message ?? "", /cannot be stored/);
          });
        }
      });

      await t.step(`a number that Postgres' integer does not hold is refused, ${how}`, async () => {
        for (const number of [3_000_000_000, -3_000_000_000, 1e300]) {
          await each({ batch_size: number, background }, (_, answer) => {
            assert.equal(mistakesOf(answer)[0]?.path, "batch_size");
          });
          const answer = await post("backfill-images", { per_vehicle: number, background });
          assert.equal(mistakesOf(answer)[0]?.path, "per_vehicle");
        }
      });
    }

    await t.step("text beyond the basic plane is no mistake", async () => {
      const answer = await post("micro-scrape-bandaid", { triggered_by: "🚗 cron", dry_run: true });
      assert.equal(answer.status, 200);
    });

    await t.step(
      `of ${BODIES} bodies none is answered by 5xx or more than 64 KB, and memory stays flat`,
      async () => {
        const bodies = bodyOf(held);
        const fuzzAll = async (round: number, runs: number) => {
          const waiting = FUNCTIONS.map((name, seed) => ({ name, seed: 100 * round + seed }));
          const numRuns = Math.ceil(runs / FUNCTIONS.length);
          const work = async () => {
            for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
              await fuzz(functions, one.name, bodies, { seed: one.seed, numRuns });
            }
          };
          await Promise.all(Array.from({ length: 4 }, work));
        };
        // A process takes what it needs with the first requests; after that it must not take more.
        await fuzzAll(1, BODIES / 5);
        const before = await functions.memory();
        await fuzzAll(2, BODIES * 4 / 5);
        const grown = Math.round((await functions.memory() - before) / 1024 ** 2);
        assert.ok(grown < 100, `memory grew by ${grown} MB`);
      },
    );
  } finally {
    await functions.stop();
    await world.close();
  }
});
