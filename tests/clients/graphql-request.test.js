import assert from "node:assert/strict";
import test from "node:test";

import { ClientError, gql, GraphQLClient } from "graphql-request";

import { AIRVANTAGE, headers, NUVIAS, url, whileDown } from "./gateway.js";

const ORDER = gql`
  query ($id: ID!) {
    order(id: $id) {
      id
      status
    }
  }
`;
const TWO = gql`
  {
    down: order(id: "${NUVIAS}") { id }
    up: order(id: "${AIRVANTAGE}") { id }
  }
`;

const client = (options) => new GraphQLClient(url, { headers, ...options });

test("query with variables", async () => {
  const { order } = await client().request(ORDER, { id: NUVIAS });
  assert.equal(order.id, NUVIAS);
});

test("query over GET", async () => {
  const { order } = await client({ method: "GET" }).request(ORDER, { id: NUVIAS });
  assert.equal(order.id, NUVIAS);
});

test("mutation, checked without being sent", async () => {
  const document = gql`
    mutation ($input: CancelOrderInput!) {
      cancelOrder(input: $input) {
        userErrors {
          code
        }
      }
    }
  `;
  const { cancelOrder } = await client().request(document, { input: { orderId: NUVIAS, validateOnly: true } });
  assert.ok(Array.isArray(cancelOrder.userErrors));
});

test("partial data with errors (errorPolicy all)", async () => {
  const { data, errors } = await whileDown("nuvias", () => client({ errorPolicy: "all" }).rawRequest(TWO));
  assert.equal(data.down, null);
  assert.equal(data.up.id, AIRVANTAGE);
  assert.deepEqual(errors[0].path, ["down"]);
  assert.equal(errors[0].extensions.code, "VENDOR_UNAVAILABLE");
});

test("a mistake in a document is an error with its place", async () => {
  const error = await client().request(gql`{ nothing }`).catch((error) => error);
  assert.ok(error instanceof ClientError);
  assert.deepEqual(error.response.errors[0].locations, [{ line: 1, column: 3 }]);
});

test("batch", async () => {
  const documents = [NUVIAS, AIRVANTAGE].map((id) => ({ document: ORDER, variables: { id } }));
  const answers = await client().batchRequests(documents);
  assert.deepEqual(answers.map(({ data }) => data.order.id), [NUVIAS, AIRVANTAGE]);
});
