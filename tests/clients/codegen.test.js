import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "node:test";

import { headers, url } from "./gateway.js";

const cwd = fileURLToPath(new URL(".", import.meta.url));
const generated = new URL("generated/codegen/", import.meta.url);

test("client preset: documents with enums, interfaces, oneOf inputs and scalars compile strictly", () => {
  rmSync(generated, { recursive: true, force: true });
  execFileSync("node_modules/.bin/graphql-codegen", ["--config", "codegen/config.js"], { cwd });
  execFileSync("node_modules/.bin/tsc", ["--project", "codegen"], { cwd });
});

test("what was compiled runs", async () => {
  const { asker, checked, listed } = await import(new URL("js/codegen/app.js", generated));
  const ask = asker(url, headers);
  const rows = await listed(ask);
  assert.ok(rows.length > 0);
  assert.match(rows[0], /^Order:nuvias:\d+ (green|grey) \d+(\.\d+)? NuviasUser:\S+ NuviasShippingType:\S+$/);
  assert.ok((await checked(ask)).length > 0);
});
