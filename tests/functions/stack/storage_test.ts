import assert from "node:assert/strict";
import {
  anonClient,
  serviceClient,
  sharedStack,
  signedIn,
  type Stack,
} from "../../support/stack.ts";

const shared = sharedStack({ migrations: false, cron: false });

function test(name: string, run: (stack: Stack) => Promise<void>): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => await run((await shared()).stack),
  });
}

async function bucket(
  stack: Stack,
  options: { public?: boolean; allowedMimeTypes?: string[]; fileSizeLimit?: number } = {},
) {
  const name = `b${crypto.randomUUID()}`;
  const { error } = await serviceClient(stack).storage.createBucket(name, {
    public: false,
    ...options,
  });
  assert.equal(error, null);
  return serviceClient(stack).storage.from(name);
}

test("bytes and blobs come back as they were stored, with their type", async (stack) => {
  const files = await bucket(stack);
  const bytes = new Uint8Array([0, 255, 1, 0, 7]);
  assert.equal((await files.upload("a/x.bin", bytes, { contentType: "image/png" })).error, null);
  assert.equal(
    (await files.upload("a/y.txt", new Blob(["hé"], { type: "text/plain" }))).error,
    null,
  );
  const image = (await files.download("a/x.bin")).data;
  assert.deepEqual(new Uint8Array(await image?.arrayBuffer() ?? []), bytes);
  assert.equal(image?.type, "image/png");
  assert.equal(await (await files.download("a/y.txt")).data?.text(), "hé");
});

test("a second upload of the same name needs upsert", async (stack) => {
  const files = await bucket(stack);
  await files.upload("x", "one");
  assert.equal((await files.upload("x", "two")).error?.message, "The resource already exists");
  assert.equal(await (await files.download("x")).data?.text(), "one");
  assert.equal((await files.upload("x", "two", { upsert: true })).error, null);
  assert.equal(await (await files.download("x")).data?.text(), "two");
});

test("a listing shows files and folders right under the prefix", async (stack) => {
  const files = await bucket(stack);
  for (const name of ["a/1", "a/2", "a/b/3", "c"]) await files.upload(name, name);
  const names = async (prefix: string) =>
    (await files.list(prefix)).data?.map((file) => [file.name, file.id !== null]);
  assert.deepEqual(await names(""), [["a", false], ["c", true]]);
  assert.deepEqual(await names("a"), [["1", true], ["2", true], ["b", false]]);
});

test("removing an object removes it for good", async (stack) => {
  const files = await bucket(stack);
  await files.upload("x", "1");
  assert.equal((await files.remove(["x", "never-there"])).data?.length, 1);
  assert.notEqual((await files.download("x")).error, null);
});

test("a bucket's limits on type and size are kept", async (stack) => {
  const files = await bucket(stack, { allowedMimeTypes: ["image/*"], fileSizeLimit: 10 });
  assert.equal((await files.upload("a", "x", { contentType: "image/webp" })).error, null);
  assert.match(
    (await files.upload("b", "x", { contentType: "text/html" })).error?.message ?? "",
    /not supported/,
  );
  const big = await files.upload("c", new Uint8Array(11), { contentType: "image/png" });
  assert.match(big.error?.message ?? "", /maximum allowed size/);
});

test("names that climb out of the bucket are refused", async (stack) => {
  const { publishable: _, secret } = stack.keys;
  await bucket(stack);
  for (const name of ["..%2f..%2fx", "a/%2e%2e/x", "%2fx"]) {
    const answer = await fetch(`${stack.url}/storage/v1/object/some/${name}`, {
      method: "POST",
      headers: { apikey: secret },
      body: "x",
    });
    assert.equal(answer.status, 400, name);
    await answer.body?.cancel();
  }
});

test("others see nothing of a private bucket, and everything of a public one", async (stack) => {
  const [hidden, open] = [await bucket(stack), await bucket(stack, { public: true })];
  await hidden.upload("x", "1");
  await open.upload("x", "1");
  const user = await signedIn(stack);
  const [name] = [hidden.getPublicUrl("x").data.publicUrl.split("/").at(-2) ?? ""];
  assert.notEqual((await anonClient(stack).storage.from(name).download("x")).error, null);
  assert.notEqual((await user.storage.from(name).download("x")).error, null);
  assert.notEqual((await user.storage.from(name).upload("y", "1")).error, null);
  const answer = await fetch(open.getPublicUrl("x").data.publicUrl);
  assert.equal(await answer.text(), "1");
});
