import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import test from "node:test";

import { ESLint } from "eslint";

import { sdl } from "./gateway.js";

const cwd = fileURLToPath(new URL(".", import.meta.url));

/** Returns the violations in a text: rule and message. */
async function complaints(text) {
  const [{ messages }] = await new ESLint({ cwd }).lintText(text, { filePath: "schema.graphql" });
  return messages.map(({ line, message, ruleId }) => `${line}: ${ruleId}: ${message}`);
}

test("schema-recommended and schema-relay find nothing", async () => {
  assert.deepEqual(await complaints(sdl()), []);
});

test("a type without an ID that is no known value is found", async () => {
  const found = await complaints(`${sdl()}\n"""A thing."""\ntype Thing { key: ID! }`);
  assert.ok(found.some((complaint) => complaint.includes("strict-id-in-types: type \"Thing\"")), String(found));
});

test("a connection without paging arguments is found", async () => {
  const text = sdl().replace(/(\n  orders)\((?:(?!\n  \)).)*\n  \)(: OrderConnection\n)/s, "$1$2");
  assert.match((await complaints(text))[0], /relay-arguments/);
});
