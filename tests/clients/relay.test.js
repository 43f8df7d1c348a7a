import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import test, { before } from "node:test";

import { createClient } from "graphql-sse";
import relay from "relay-runtime";

import { AIRVANTAGE, headers, NUVIAS, SUBSCRIPTIONS, UNDER_WAY, url, watchedToTheEnd, whileDown } from "./gateway.js";

const require = createRequire(import.meta.url);
const artifacts = new URL("generated/relay/", import.meta.url);
const artifact = (name) => require(fileURLToPath(new URL(`${name}.graphql.js`, artifacts)));

before(() => {
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts, { recursive: true });
  writeFileSync(new URL("package.json", artifacts), '{"type": "commonjs"}');
  execFileSync("node_modules/.bin/relay-compiler", { cwd: fileURLToPath(new URL(".", import.meta.url)) });
});

async function send({ text }, variables) {
  const body = JSON.stringify({ query: text, variables });
  const type = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers: { ...headers, ...type }, body });
  return response.json();
}

/** Subscriptions use SSE. They work over a WebSocket, too. */
function subscribe({ text }, variables) {
  return relay.Observable.create((sink) => createClient({ url, headers }).subscribe({ query: text, variables }, sink));
}

const environment = () => {
  const { Environment, Network, RecordSource, Store } = relay;
  return new Environment({ network: Network.create(send, subscribe), store: new Store(new RecordSource()) });
};

const fetched = (env, name, variables) => relay.fetchQuery(env, artifact(name), variables).toPromise();

/** Returns the data of a fragment, given that of its parent. */
const read = (env, fragment, parent) => env.lookup(relay.getSelector(artifact(fragment), parent)).data;

/** Returns the data of a query, with the references to its fragments. */
function shown(env, name, variables) {
  const operation = relay.createOperationDescriptor(artifact(name), variables);
  env.retain(operation);
  return env.lookup(operation.fragment).data;
}

test("the compiler takes the schema, and a query's fragment is read", async () => {
  const env = environment();
  const { order } = await fetched(env, "documentsOrderQuery", { id: NUVIAS });
  assert.equal(order.id, NUVIAS);
  assert.match(read(env, "documents_order", order).number, /^SO/);
});

test("Node is fetched again", async () => {
  const env = environment();
  const { order } = await fetched(env, "documentsOrderQuery", { id: NUVIAS });
  const { refetchableRequest, identifierInfo } = relay.getRefetchMetadata(artifact("documents_order"), "the test");
  const variables = { [identifierInfo.identifierQueryVariableName]: order.id };
  const { node } = await relay.fetchQuery(env, refetchableRequest, variables).toPromise();
  assert.equal(read(env, "documents_order", node).id, NUVIAS);
});

/** Loads a page and `loads` more into one connection, and returns its nodes. */
async function paged(direction, loads) {
  const env = environment();
  const count = direction === "forward" ? "first" : "last";
  const variables = { [count]: 4, filter: { vendors: ["NUVIAS", "AIRVANTAGE"] } };
  await fetched(env, "documentsOrdersQuery", variables);
  const fragment = artifact("documents_orders");
  const { paginationRequest, paginationMetadata } = relay.getPaginationMetadata(fragment, "the test");
  const orders = () => read(env, "documents_orders", shown(env, "documentsOrdersQuery", variables)).orders;
  for (let load = 0; load < loads; load += 1) {
    const { pageInfo } = orders();
    assert.ok(direction === "forward" ? pageInfo.hasNextPage : pageInfo.hasPreviousPage);
    const cursor = direction === "forward" ? pageInfo.endCursor : pageInfo.startCursor;
    const more = relay.getPaginationVariables(direction, 3, cursor, variables, {}, paginationMetadata);
    await relay.fetchQuery(env, paginationRequest, more).toPromise();
  }
  return orders().edges.map(({ node }) => node.id);
}

/** Returns the IDs of the whole list, without Relay. */
async function all() {
  const text = "query ($filter: OrderFilter) { orders(first: 100, filter: $filter) { nodes { id } } }";
  const { data } = await send({ text }, { filter: { vendors: ["NUVIAS", "AIRVANTAGE"] } });
  return data.orders.nodes.map(({ id }) => id);
}

test("a connection is paged forward", async () => {
  assert.deepEqual(await paged("forward", 2), (await all()).slice(0, 10));
});

test("a connection is paged backward", async () => {
  assert.deepEqual(await paged("backward", 2), (await all()).slice(-10));
});

test("two Subscription objects stay apart", async () => {
  const env = environment();
  const { nodes } = await fetched(env, "documentsSubscriptionsQuery", { ids: SUBSCRIPTIONS });
  assert.deepEqual(nodes.map(({ id }) => id), SUBSCRIPTIONS);
  assert.ok(nodes.every(({ __typename }) => __typename === "Subscription"));
  const records = SUBSCRIPTIONS.map((id) => env.getStore().getSource().get(id));
  assert.deepEqual(records.map((record) => record.id), SUBSCRIPTIONS);
  assert.notEqual(nodes[0].name, nodes[1].name);
});

test("partial data with errors (@catch)", async () => {
  const env = environment();
  const variables = { down: NUVIAS, up: AIRVANTAGE };
  const { down, up } = await whileDown("nuvias", () => fetched(env, "documentsPartialQuery", variables));
  assert.deepEqual([down.ok, up.ok], [false, true]);
  assert.equal(up.value.id, AIRVANTAGE);
});

test("mutation, checked without being sent", async () => {
  const env = environment();
  const variables = { input: { orderId: NUVIAS, validateOnly: true } };
  const payload = await new Promise((onCompleted, onError) =>
    relay.commitMutation(env, { mutation: artifact("documentsCancelMutation"), variables, onCompleted, onError }),
  );
  assert.ok(Array.isArray(payload.cancelOrder.userErrors));
});

test("subscription, and the store has the change", async () => {
  const env = environment();
  const { order } = await fetched(env, "documentsOrderQuery", { id: UNDER_WAY });
  assert.equal(order.status, "IN_PROGRESS");
  await watchedToTheEnd(({ next, error, complete }) => {
    relay.requestSubscription(env, {
      subscription: artifact("documentsWatchSubscription"),
      variables: { id: UNDER_WAY },
      onNext: (data) => next({ data }),
      onError: error,
      onCompleted: complete,
    });
  });
  assert.equal(env.getStore().getSource().get(UNDER_WAY).status, "COMPLETED");
});
