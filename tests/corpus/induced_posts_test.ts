import assert from "node:assert/strict";
import { corpusTest } from "./folder.ts";
import { learnAndRead, posts, PROTOTYPE } from "./induced_posts.ts";

corpusTest("twenty posts teach how the others are read, with labels and without", async () => {
  const { labelled, bare } = await posts();
  for (const some of [labelled, bare]) {
    const { stated, right, wrong, invented } = learnAndRead(some);
    assert.ok(right / stated >= PROTOTYPE.recall + 0.1, `${right} of ${stated}`);
    assert.deepEqual({ wrong, invented }, { wrong: 0, invented: 0 });
  }
});
