import assert from "node:assert/strict";
import test from "node:test";

import { createClient, NetworkError } from "graphql-sse";

import { headers, NUVIAS, UNDER_WAY, url, WATCH, watchedToTheEnd } from "./gateway.js";

const ORDER = "query ($id: ID!) { order(id: $id) { id } }";

/** Returns all results of an operation, over a separate connection. */
async function results(payload, options = {}) {
  const client = createClient({ url, headers, retryAttempts: 0, ...options });
  const found = [];
  try {
    for await (const result of client.iterate(payload)) found.push(result);
    return found;
  } finally {
    client.dispose();
  }
}

test("query, in distinct connections", async () => {
  const [{ data }, ...others] = await results({ query: ORDER, variables: { id: NUVIAS } });
  assert.equal(data.order.id, NUVIAS);
  assert.deepEqual(others, []);
});

test("subscription, until the order is final", async () => {
  const client = createClient({ url, headers, retryAttempts: 0 });
  const payload = { query: WATCH, variables: { id: UNDER_WAY } };
  const changes = await watchedToTheEnd((sink) => client.subscribe(payload, sink));
  assert.deepEqual(changes.map(({ order }) => order.status), ["IN_PROGRESS", "COMPLETED"]);
});

test("a mistake in a document is a result with errors", async () => {
  const [{ errors }] = await results({ query: "{ nothing }" });
  assert.match(errors[0].message, /nothing/);
});

test("a wrong key is refused", async () => {
  const wrong = { headers: { authorization: "Bearer wrong" } };
  const error = await results({ query: "{ __typename }" }, wrong).catch((error) => error);
  assert.ok(error instanceof NetworkError);
  assert.equal(error.response.status, 401);
});
