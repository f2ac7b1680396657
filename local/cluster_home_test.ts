import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { openClusterHome, removeClusterHome } from "./cluster_home.ts";
import { exists, runUser } from "./paths.ts";

const user = runUser();
const asRoot = user !== null;

/** Runs with a stack's directory that only its owner may enter, as a fresh one of `mktemp` is. */
function withDir(use: (dataDir: string) => void): void {
  const dataDir = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    use(dataDir);
  } finally {
    removeClusterHome(dataDir);
    Deno.removeSync(dataDir, { recursive: true });
  }
}

/** What an older version made there: a directory, not a link. */
function olderHome(dataDir: string): string {
  const home = join(dataDir, "db");
  Deno.mkdirSync(join(home, "data"), { recursive: true });
  return home;
}

Deno.test({
  name: "as an ordinary user the cluster lies in the stack's directory",
  ignore: asRoot,
  fn: () => withDir((dataDir) => assert.equal(openClusterHome(dataDir, null), join(dataDir, "db"))),
});

Deno.test("a cluster is found again where it was", () => {
  withDir((dataDir) => {
    const first = openClusterHome(dataDir, user);
    Deno.mkdirSync(join(first, "data"));
    assert.equal(openClusterHome(dataDir, user), first);
    assert.ok(exists(join(dataDir, "db/data")));
  });
});

Deno.test("a cluster that an older version kept in the directory stays there", () => {
  withDir((dataDir) => {
    Deno.chmodSync(dataDir, 0o711);
    const home = olderHome(dataDir);
    assert.equal(openClusterHome(dataDir, user), home);
  });
});

Deno.test("removing it removes it wherever it lies, and once more is no mistake", () => {
  withDir((dataDir) => {
    const home = openClusterHome(dataDir, user);
    removeClusterHome(dataDir);
    assert.equal(exists(home), false);
    assert.equal(exists(join(dataDir, "db")), false);
    removeClusterHome(dataDir);
  });
});

Deno.test("what a person put elsewhere and linked is not removed", () => {
  withDir((dataDir) => {
    const elsewhere = join(dataDir, "elsewhere");
    Deno.mkdirSync(elsewhere);
    Deno.symlinkSync(elsewhere, join(dataDir, "db"));
    removeClusterHome(dataDir);
    assert.ok(exists(elsewhere));
    assert.equal(exists(join(dataDir, "db")), false);
  });
});

Deno.test("a cluster that is gone is said to be gone, and is not silently begun anew", () => {
  withDir((dataDir) => {
    Deno.symlinkSync("/nowhere/db-1", join(dataDir, "db"));
    assert.throws(
      () => openClusterHome(dataDir, user),
      /leads to \/nowhere\/db-1, which is gone.*--reset/,
    );
  });
});

Deno.test({
  name: "as root a new cluster lies outside a directory that others may not enter",
  ignore: !asRoot,
  fn: () =>
    withDir((dataDir) => {
      const home = openClusterHome(dataDir, user);
      assert.notEqual(dirname(home), dataDir);
      assert.equal(Deno.statSync(home).uid, user?.uid);
      assert.equal((Deno.statSync(dirname(home)).mode ?? 0) & 0o001, 1);
    }),
});

Deno.test({
  name:
    "as root an older cluster that nobody can reach is refused with the directory that is closed",
  ignore: !asRoot,
  fn: () =>
    withDir((dataDir) => {
      olderHome(dataDir);
      assert.throws(
        () => openClusterHome(dataDir, user),
        new RegExp(`cannot enter ${dataDir}\\. .*chmod o\\+x ${dataDir}`),
      );
    }),
});
