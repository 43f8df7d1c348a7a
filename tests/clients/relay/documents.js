// Compiled by relay-compiler, but never run. The tests use the generated artifacts.

import { graphql } from "relay-runtime";

graphql`
  query documentsOrderQuery($id: ID!) {
    order(id: $id) {
      id
      status
      ...documents_order
    }
  }
`;

graphql`
  fragment documents_order on Order @refetchable(queryName: "documentsOrderRefetchQuery") {
    id
    number
    version
  }
`;

graphql`
  query documentsOrdersQuery($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilter) {
    ...documents_orders @arguments(first: $first, after: $after, last: $last, before: $before, filter: $filter)
  }
`;

graphql`
  fragment documents_orders on Query
  @refetchable(queryName: "documentsOrdersPaginationQuery")
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int" }
    before: { type: "String" }
    filter: { type: "OrderFilter" }
  ) {
    orders(first: $first, after: $after, last: $last, before: $before, filter: $filter)
      @connection(key: "documents_orders", filters: ["filter"]) {
      edges {
        node {
          id
          status
        }
      }
      sources {
        state
        account {
          id
          name
        }
      }
    }
  }
`;

graphql`
  query documentsSubscriptionsQuery($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Subscription {
        name
        retrievedAt
      }
    }
  }
`;

graphql`
  query documentsPartialQuery($down: ID!, $up: ID!) {
    down: order(id: $down) @catch {
      id
    }
    up: order(id: $up) @catch {
      id
    }
  }
`;

graphql`
  mutation documentsCancelMutation($input: CancelOrderInput!) {
    cancelOrder(input: $input) {
      order {
        id
        status
      }
      userErrors {
        code
        field
      }
    }
  }
`;

graphql`
  subscription documentsWatchSubscription($id: ID!) {
    orderChanged(id: $id) {
      source
      order {
        id
        status
      }
    }
  }
`;
