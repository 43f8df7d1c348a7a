import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";

import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

import { AIRVANTAGE, headers, NUVIAS, possibleTypes, SUBSCRIPTIONS, url } from "./gateway.js";
import { UNDER_WAY, WATCH, watched, watchedToTheEnd, whileDown } from "./gateway.js";

const ORDER = gql`
  query Order($id: ID!) {
    order(id: $id) {
      id
      status
    }
  }
`;

function client(link = (http) => http, fetch = watched(), Link = HttpLink) {
  const http = new Link({ uri: url, headers, fetch });
  return new ApolloClient({
    cache: new InMemoryCache({ possibleTypes: possibleTypes() }),
    incrementalHandler: new GraphQL17Alpha9Handler(),
    link: link(http),
  });
}

test("query, and the cache answers the next one", async () => {
  const fetch = watched();
  const apollo = client(undefined, fetch);
  const { data } = await apollo.query({ query: ORDER, variables: { id: NUVIAS } });
  assert.equal(data.order.id, NUVIAS);
  await apollo.query({ query: ORDER, variables: { id: NUVIAS } });
  assert.equal(fetch.calls.length, 1);
  assert.match(fetch.calls[0].type, /^application\/graphql-response\+json/);
});

const TWO = gql`
  query Two($down: ID!, $up: ID!) {
    down: order(id: $down) {
      id
    }
    up: order(id: $up) {
      id
    }
  }
`;

test("partial data with errors (errorPolicy all)", async () => {
  const options = { query: TWO, variables: { down: NUVIAS, up: AIRVANTAGE }, errorPolicy: "all" };
  const { data, error } = await whileDown("nuvias", () => client().query(options));
  assert.equal(data.down, null);
  assert.equal(data.up.id, AIRVANTAGE);
  assert.ok(CombinedGraphQLErrors.is(error));
  assert.deepEqual(error.errors[0].path, ["down"]);
  assert.equal(error.errors[0].extensions.code, "VENDOR_UNAVAILABLE");
});

test("interfaces are matched with possibleTypes", async () => {
  const query = gql`
    query Details($id: ID!) {
      node(id: $id) {
        ... on Order {
          id
          details {
            ... on OrderDetails {
              raw
            }
          }
        }
      }
    }
  `;
  const apollo = client();
  const { data } = await apollo.query({ query, variables: { id: NUVIAS } });
  assert.ok(data.node.details.raw);
  assert.deepEqual(apollo.readQuery({ query, variables: { id: NUVIAS } }), data);
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
  const { data } = await client().mutate({ mutation, variables: { input: { orderId: NUVIAS, validateOnly: true } } });
  assert.ok(Array.isArray(data.cancelOrder.userErrors));
});

test("automatic persisted queries over GET", async () => {
  const fetch = watched();
  const sha256 = (text) => createHash("sha256").update(text).digest("hex");
  const apq = (http) => new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(http);
  const ask = () => client(apq, fetch).query({ query: ORDER, variables: { id: NUVIAS } });
  assert.equal((await ask()).data.order.id, NUVIAS);
  assert.equal((await ask()).data.order.id, NUVIAS);
  const [miss, stored, hit] = fetch.calls;
  assert.equal(fetch.calls.length, 3);
  assert.deepEqual([miss, hit].map(({ method, url }) => [method, new URL(url).searchParams.has("query")]), [
    ["GET", false],
    ["GET", false],
  ]);
  assert.equal(stored.status, 200);
});

test("batch", async () => {
  const fetch = watched();
  const apollo = client(undefined, fetch, BatchHttpLink);
  const ask = (id) => apollo.query({ query: ORDER, variables: { id } });
  const answers = await Promise.all([NUVIAS, AIRVANTAGE].map(ask));
  assert.deepEqual(answers.map(({ data }) => data.order.id), [NUVIAS, AIRVANTAGE]);
  assert.equal(fetch.calls.length, 1);
});

test("@defer", async () => {
  const query = gql`
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
  const fetch = watched();
  const states = [];
  await new Promise((complete, error) => {
    client(undefined, fetch)
      .watchQuery({ query, variables: { id: NUVIAS } })
      .subscribe({
        next(result) {
          states.push(result);
          if (result.dataState === "complete") complete();
        },
        error,
      });
  });
  assert.deepEqual([...new Set(states.map(({ dataState }) => dataState))].slice(-2), ["streaming", "complete"]);
  assert.equal(states.find(({ dataState }) => dataState === "streaming").data.order.id, NUVIAS);
  assert.ok(Array.isArray(states.at(-1).data.order.invoices.nodes));
  assert.match(fetch.calls[0].type, /^multipart\/mixed/);
});

test("two Subscription objects stay apart", async () => {
  const query = gql`
    query Subscriptions($ids: [ID!]!) {
      nodes(ids: $ids) {
        ... on Subscription {
          id
          name
        }
      }
    }
  `;
  const apollo = client();
  const { data } = await apollo.query({ query, variables: { ids: SUBSCRIPTIONS } });
  assert.deepEqual(data.nodes.map(({ id }) => id), SUBSCRIPTIONS);
  const kept = apollo.cache.extract();
  assert.deepEqual(SUBSCRIPTIONS.map((id) => kept[`Subscription:${id}`].id), SUBSCRIPTIONS);
  assert.notEqual(data.nodes[0].name, data.nodes[1].name);
});

test("subscription over multipart, and the cache has the change", async () => {
  const fetch = watched();
  const apollo = client(undefined, fetch);
  const options = { query: gql(WATCH), variables: { id: UNDER_WAY } };
  const changes = await watchedToTheEnd((observer) => apollo.subscribe(options).subscribe(observer));
  assert.equal(changes.at(-1).order.status, "COMPLETED");
  assert.match(fetch.calls[0].type, /^multipart\/mixed.*subscriptionSpec="1.0"/);
  assert.equal(apollo.cache.extract()[`Order:${UNDER_WAY}`].status, "COMPLETED");
});
