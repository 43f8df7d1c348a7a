// A minimal application. It is compiled in strict mode and run against the gateway.

import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

import { getFragmentData, graphql } from "../generated/codegen/gql/index.js";
import type { LineItemInput, OrderFilter, OrderStatus, ProductRefInput } from "../generated/codegen/gql/graphql.js";

export const MONEY = graphql(`
  fragment Price on Money {
    amount
    currency
  }
`);

export const ORDERS = graphql(`
  query Orders($filter: OrderFilter) {
    orders(first: 5, filter: $filter) {
      nodes {
        id
        status
        placedAt
        total {
          ...Price
        }
        account {
          __typename
          name
          ... on NuviasAccount {
            viewer {
              id
            }
          }
        }
        details {
          __typename
          raw
          ... on NuviasOrderDetails {
            shippingType {
              id
            }
          }
        }
      }
    }
  }
`);

export const PLACE = graphql(`
  mutation Place($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      order {
        id
      }
      userErrors {
        code
        field
      }
    }
  }
`);

type Ask = <Result, Variables>(document: TypedDocumentNode<Result, Variables>, variables: Variables) => Promise<Result>;

export function asker(url: string, headers: Record<string, string>): Ask {
  return async (document, variables) => {
    const body = JSON.stringify({ query: print(document), variables });
    const type = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers: { ...headers, ...type }, body });
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
}

/** Handles unknown statuses, too. */
export function colour(status: OrderStatus): "green" | "red" | "grey" {
  switch (status) {
    case "COMPLETED":
      return "green";
    case "FAILED":
    case "REJECTED":
      return "red";
    default:
      return "grey";
  }
}

export async function listed(ask: Ask): Promise<string[]> {
  const filter: OrderFilter = { statuses: ["COMPLETED", "IN_PROGRESS"], vendors: ["NUVIAS"] };
  const { orders } = await ask(ORDERS, { filter });
  return (orders?.nodes ?? []).map(({ id, status, total, account, details }) => {
    const price = getFragmentData(MONEY, total);
    const amount: string = price?.amount ?? "unknown";
    const viewer = account.__typename === "NuviasAccount" ? account.viewer?.id : undefined;
    const shipping = details?.__typename === "NuviasOrderDetails" ? details.shippingType?.id : undefined;
    return [id, colour(status), amount, viewer, shipping].join(" ");
  });
}

export async function checked(ask: Ask): Promise<string[]> {
  const product: ProductRefInput = { sku: "no-such-product" };
  const lineItems: LineItemInput[] = [{ product, quantity: 2 }, { product, quantity: "2.5" }];
  const input = { idempotencyKey: "codegen", accountId: "Account:nuvias", lineItems, validateOnly: true };
  const { placeOrder } = await ask(PLACE, { input });
  return (placeOrder?.userErrors ?? []).map(({ code }) => code);
}

// @ts-expect-error A oneOf input takes exactly one field.
export const both: ProductRefInput = { id: "Product:nuvias:1", sku: "x" };

// @ts-expect-error The status does not exist.
export const wrong: OrderStatus = "LOST";
