import assert from "node:assert/strict";
import { once } from "node:events";
import test from "node:test";

import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { headers, NUVIAS, socketUrl, UNDER_WAY, WATCH, watchedToTheEnd } from "./gateway.js";

const ORDER = "query ($id: ID!) { order(id: $id) { id } }";

/** Runs `work` with a client, and closes the connection at the end. */
async function connected(work, options = {}) {
  const events = [];
  const on = Object.fromEntries(["opened", "ping", "pong", "closed"].map((name) => [name, () => events.push(name)]));
  const client = createClient({
    url: socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: headers,
    lazy: false,
    onNonLazyError: () => undefined,
    retryAttempts: 0,
    on,
    ...options,
  });
  try {
    return await work(client, events);
  } finally {
    await client.dispose();
  }
}

/** Returns all results of an operation. */
async function results(client, payload) {
  const found = [];
  for await (const result of client.iterate(payload)) found.push(result);
  return found;
}

test("query", () =>
  connected(async (client) => {
    const [{ data }, ...others] = await results(client, { query: ORDER, variables: { id: NUVIAS } });
    assert.equal(data.order.id, NUVIAS);
    assert.deepEqual(others, []);
  }));

test("subscription, until the order is final", () =>
  connected(async (client) => {
    const payload = { query: WATCH, variables: { id: UNDER_WAY } };
    const changes = await watchedToTheEnd((sink) => client.subscribe(payload, sink));
    assert.deepEqual(changes.map(({ order }) => order.status), ["IN_PROGRESS", "COMPLETED"]);
    assert.equal(changes[1].previousStatus, "IN_PROGRESS");
  }));

test("ping and pong", () =>
  connected(
    async (client) => {
      await new Promise((resolve) => client.on("pong", resolve));
    },
    { keepAlive: 20 },
  ));

test("a mistake in a document leaves the connection open", () =>
  connected(async (client, events) => {
    for (const query of ["{", "{ nothing }"]) {
      await assert.rejects(results(client, { query }), (errors) => errors[0].message.length > 0);
    }
    const [{ data }] = await results(client, { query: ORDER, variables: { id: NUVIAS } });
    assert.equal(data.order.id, NUVIAS);
    assert.deepEqual(events, ["opened"]);
  }));

test("several operations at once", () =>
  connected(async (client) => {
    const payload = { query: ORDER, variables: { id: NUVIAS } };
    const all = await Promise.all(Array.from({ length: 20 }, () => results(client, payload)));
    assert.ok(all.every(([{ data }]) => data.order.id === NUVIAS));
  }));

test("a wrong key ends with 4403", () =>
  connected(
    async (client) => {
      const close = await results(client, { query: ORDER, variables: { id: NUVIAS } }).catch((error) => error);
      assert.equal(close.code, 4403);
    },
    { connectionParams: { authorization: "Bearer wrong" }, lazy: true },
  ));

test("an operation before the connection is acknowledged ends with 4401", async () => {
  const socket = new WebSocket(socketUrl, "graphql-transport-ws");
  await once(socket, "open");
  socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: "{ __typename }" } }));
  const [code] = await once(socket, "close");
  assert.equal(code, 4401);
});
