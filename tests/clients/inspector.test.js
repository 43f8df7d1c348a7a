import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { buildSchema } from "graphql";

import { sdl } from "./gateway.js";

// The schema of the last release. Each release replaces it.
const released = readFileSync(new URL("released.graphql", import.meta.url), "utf8");

/** Returns the changes that break clients of the released schema. */
async function breaking(text) {
  const changes = await diff(buildSchema(released), buildSchema(text));
  const bad = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  return bad.map(({ message }) => message);
}

test("nothing breaks clients of the released schema", async () => {
  assert.deepEqual(await breaking(sdl()), []);
});

for (const [change, from, to] of [
  ["a field under another name", "  vendorStatus: String\n", "  vendorWord: String\n"],
  ["a field that may be null now", "  phase: OrderPhase!\n", "  phase: OrderPhase\n"],
  ["an input that is required now", "  ifVersion: String\n", "  ifVersion: String!\n"],
]) {
  test(`${change} breaks them`, async () => {
    assert.notEqual(released.replace(from, to), released);
    assert.equal((await breaking(released.replace(from, to))).length, 1);
  });
}

test("a new type, field, enum value or optional input breaks nobody", async () => {
  const text = sdl()
    .replace("type Query {", "type Query {\n  another: Another\n")
    .replace("enum OrderStatus {", "enum OrderStatus {\n  LOST")
    .replace("input OrderFilter {", "input OrderFilter {\n  lost: Boolean");
  assert.deepEqual(await breaking(`${text}\ntype Another { id: ID! }`), []);
});
