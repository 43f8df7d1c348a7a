import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { persistedExchange } from "@urql/exchange-persisted";
import { minifyIntrospectionQuery } from "@urql/introspection";
import { buildSchema, introspectionFromSchema, isObjectType } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import { AIRVANTAGE, headers, NUVIAS, sdl, socketUrl, SUBSCRIPTIONS, url } from "./gateway.js";
import { ALSO_UNDER_WAY, UNDER_WAY, WATCH, watched, watchedToTheEnd, whileDown } from "./gateway.js";

const schema = buildSchema(sdl());
// A build step would write this into a file.
const introspection = minifyIntrospectionQuery(introspectionFromSchema(schema));

// Values have no ID. They are cached within the object that contains them.
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const objects = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !roots.includes(type));
const values = objects.filter((type) => !type.name.startsWith("__") && !type.getFields().id);
const keys = Object.fromEntries(values.map(({ name }) => [name, () => null]));
// Without the schema, graphcache needs to know that `Subscription` is not a root type.
const namesOfRoots = {
  __schema: {
    queryType: { name: "Query" },
    mutationType: { name: "Mutation" },
    subscriptionType: { name: "SubscriptionRoot" },
  },
};

const aware = () => cacheExchange({ schema: introspection, keys });
const unaware = () => cacheExchange({ schema: namesOfRoots, keys });

const client = (exchanges = [], options = {}) =>
  new Client({
    url,
    exchanges: [...exchanges, fetchExchange],
    fetch: options.fetch ?? fetch,
    fetchOptions: { headers },
    preferGetMethod: false,
    ...options,
  });

const ORDER = gql`
  query Order($id: ID!) {
    order(id: $id) {
      __typename
      id
      status
      total {
        amount
        currency
      }
    }
  }
`;

test("query is answered in JSON, though urql also lists text/event-stream", async () => {
  const fetch = watched();
  const { data, error } = await client([], { fetch }).query(ORDER, { id: NUVIAS });
  assert.equal(error, undefined);
  assert.equal(data.order.id, NUVIAS);
  assert.match(fetch.calls[0].headers.get("accept"), /text\/event-stream/);
  assert.match(fetch.calls[0].type, /^application\/graphql-response\+json/);
});

test("query over GET", async () => {
  const fetch = watched();
  const { data } = await client([], { fetch, preferGetMethod: "force" }).query(ORDER, { id: NUVIAS });
  assert.equal(data.order.id, NUVIAS);
  assert.equal(fetch.calls[0].method, "GET");
});

test("partial data with errors", async () => {
  const two = gql`
    query Two($down: ID!, $up: ID!) {
      down: order(id: $down) {
        id
      }
      up: order(id: $up) {
        id
      }
    }
  `;
  const { data, error } = await whileDown("nuvias", () => client().query(two, { down: NUVIAS, up: AIRVANTAGE }));
  assert.equal(data.down, null);
  assert.equal(data.up.id, AIRVANTAGE);
  assert.equal(error.graphQLErrors[0].extensions.code, "VENDOR_UNAVAILABLE");
});

test("mutation, checked without being sent", async () => {
  const mutation = gql`
    mutation Cancel($input: CancelOrderInput!) {
      cancelOrder(input: $input) {
        userErrors {
          code
        }
      }
    }
  `;
  const { data } = await client().mutation(mutation, { input: { orderId: NUVIAS, validateOnly: true } });
  assert.ok(Array.isArray(data.cancelOrder.userErrors));
});

test("persisted exchange", async () => {
  const fetch = watched();
  const persisted = () => client([persistedExchange({ preferGetForPersistedQueries: true })], { fetch });
  assert.equal((await persisted().query(ORDER, { id: NUVIAS })).data.order.id, NUVIAS);
  assert.equal((await persisted().query(ORDER, { id: NUVIAS })).data.order.id, NUVIAS);
  assert.equal(fetch.calls.length, 3);
  const hit = fetch.calls[2];
  assert.deepEqual([hit.method, new URL(hit.url).searchParams.has("query")], ["GET", false]);
});

test("@defer", async () => {
  const deferred = gql`
    query Deferred($id: ID!) {
      order(id: $id) {
        id
        ... @defer {
          invoices(first: 1) {
            nodes {
              id
            }
          }
        }
      }
    }
  `;
  const states = [];
  await new Promise((resolve) => {
    client()
      .query(deferred, { id: NUVIAS })
      .subscribe((result) => {
        states.push(result);
        if (!result.hasNext) resolve();
      });
  });
  assert.equal(states[0].hasNext, true);
  assert.equal(states[0].data.order.id, NUVIAS);
  assert.equal(states[0].data.order.invoices, undefined);
  assert.ok(Array.isArray(states.at(-1).data.order.invoices.nodes));
});

for (const [name, cache] of [
  ["with the schema", aware],
  ["without the schema", unaware],
]) {
  test(`graphcache ${name} answers the next query, and has nothing to complain of`, async () => {
    const warn = mock.method(console, "warn", () => undefined);
    const fetch = watched();
    const urql = client([cache()], { fetch });
    await urql.query(ORDER, { id: NUVIAS });
    const { data } = await urql.query(ORDER, { id: NUVIAS });
    warn.mock.restore();
    assert.equal(data.order.total.currency, "GBP");
    assert.equal(fetch.calls.length, 1);
    assert.deepEqual(warn.mock.calls.map((call) => call.arguments), []);
  });

  test(`graphcache ${name} keeps two Subscription objects apart`, async () => {
    const document = gql`
      query Subscriptions($ids: [ID!]!) {
        nodes(ids: $ids) {
          ... on Subscription {
            id
            name
          }
        }
      }
    `;
    const urql = client([cache()]);
    await urql.query(document, { ids: SUBSCRIPTIONS });
    const { data } = await urql.query(document, { ids: SUBSCRIPTIONS }, { requestPolicy: "cache-only" });
    assert.deepEqual(data.nodes.map(({ id }) => id), SUBSCRIPTIONS);
    assert.notEqual(data.nodes[0].name, data.nodes[1].name);
  });
}

test("graphcache with the schema knows the types of interfaces", async () => {
  const document = gql`
    query Details($id: ID!) {
      order(id: $id) {
        id
        details {
          ... on OrderDetails {
            raw
          }
        }
      }
    }
  `;
  const urql = client([aware()]);
  await urql.query(document, { id: NUVIAS });
  const { data } = await urql.query(document, { id: NUVIAS }, { requestPolicy: "cache-only" });
  assert.ok(data.order.details.raw);
});

/** Watches the order with a client until the end. */
const watchedWith = (urql, id) =>
  watchedToTheEnd(({ next, complete }) => {
    urql.subscription(WATCH, { id }).subscribe((result) => (result.hasNext === false ? complete() : next(result)));
  }, id);

test("subscription over SSE (fetchSubscriptions)", async () => {
  const fetch = watched();
  const changes = await watchedWith(client([], { fetch, fetchSubscriptions: true }), UNDER_WAY);
  assert.equal(changes.at(-1).order.status, "COMPLETED");
  assert.match(fetch.calls[0].type, /^text\/event-stream/);
});

test("subscription over graphql-ws", async () => {
  const socket = createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams: headers });
  const exchange = subscriptionExchange({
    forwardSubscription: (request) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
    }),
  });
  const changes = await watchedWith(client([exchange]), ALSO_UNDER_WAY);
  assert.deepEqual(changes.map(({ order }) => order.status), ["PARTIALLY_SHIPPED", "COMPLETED"]);
  await socket.dispose();
});
