// The audits of the GraphQL over HTTP specification in graphql-http.
import assert from "node:assert/strict";
import test from "node:test";

import { serverAudits } from "graphql-http";

import { headers, url } from "./gateway.js";

const audits = serverAudits({
  url,
  fetchFn: (address, options = {}) => fetch(address, { ...options, headers: { ...headers, ...options.headers } }),
});

test(`${audits.length} of 61 audits pass`, async () => {
  const results = [];
  for (const audit of audits) results.push(await audit.fn());
  const others = results.filter((result) => result.status !== "ok");
  assert.deepEqual(others.map(({ name, reason }) => `${name}: ${reason}`), []);
  assert.equal(results.length, 61);
});
