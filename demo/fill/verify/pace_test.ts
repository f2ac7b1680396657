import assert from "node:assert/strict";
import { checkPace, checkRefusals, mostIn } from "./pace.ts";

const asked = (host: string, at: number, path = "/x", slot = 0) => ({
  host,
  path,
  at,
  slot,
  status: 200,
});

Deno.test("the most requests in a window are counted wherever it stands", () => {
  assert.equal(mostIn([], 10), 0);
  assert.equal(mostIn([0, 9, 10, 19, 20], 10), 2);
  assert.equal(mostIn([0, 20, 21, 22, 40], 10), 3);
});

Deno.test("a host that is asked too often, or before its robots.txt, is named", () => {
  const polite = [asked("a.example", 0, "/robots.txt"), asked("a.example", 5_000)];
  assert.deepEqual(checkPace(polite, 5_000).problems, []);
  const rude = [
    asked("b.example", 0),
    asked("b.example", 1),
    asked("b.example", 2),
    asked("b.example", 3),
  ];
  assert.equal(checkPace([...polite, ...rude], 5_000).problems.length, 2);
});

Deno.test("pages of a site that forbids, or refused in an earlier cycle, are named", () => {
  assert.deepEqual(checkRefusals([asked("keep-out.example", 0, "/robots.txt")]).problems, []);
  assert.equal(checkRefusals([asked("keep-out.example", 0)]).problems.length, 1);
  const walled = [asked("walled-garden.example", 0), asked("walled-garden.example", 9)];
  assert.deepEqual(checkRefusals(walled).problems, []);
  const again = [...walled, asked("walled-garden.example", 99, "/y", 3)];
  assert.equal(checkRefusals(again).problems.length, 1);
});
