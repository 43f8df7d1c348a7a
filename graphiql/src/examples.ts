import { look } from './endpoint';
import { placingOrders } from './placing';
import { blank, parsed, written } from './variables';

/** An initial tab. Its title is the name of its operation. */
export interface Example {
  query: string;
  variables?: string;
  headers?: string;
}

const STATUS = `# The status of an order, normalized across all vendors,
# and the actions that are possible now.
query OrderStatus($id: ID!) {
  order(id: $id) {
    number
    status
    vendorStatus
    phase
    placedAt
    lineItems { name quantity }
    total { amount currency }
    availableActions { action isAllowed message }
  }
}
`;

const LIST = `# The orders of all accounts in one list. If a vendor is
# down, only its orders are missing, and "sources" reports it.
query AllOrders($first: Int!, $filter: OrderFilter) {
  orders(first: $first, filter: $filter) {
    totalCount
    nodes {
      id
      number
      status
      placedAt
      account { name }
    }
    pageInfo { hasNextPage endCursor }
    sources {
      account { name }
      state
      coverage
      message
    }
  }
}
`;

const WATCH = `# Sends the order at once, then each change, until its status
# is final. To see a change, update the order in another window.
subscription WatchOrder($id: ID!) {
  orderChanged(id: $id) {
    source
    previousStatus
    changedFields
    order { id status vendorStatus }
    error { message retryAfter }
  }
}
`;

const UNKNOWN = `# Your accounts are not known yet, so the examples have blanks.
# Enter your API key under Headers, {"Authorization": "Bearer <key>"},
# then reload the examples with the circular arrows.

`;

/**
 * Returns the examples, with data that these headers give access to: an open order, and data of an account at each
 * vendor. Values that cannot be found are blank, with a comment that says what to enter.
 */
export async function examples(headers: string): Promise<Example[]> {
  const sent = parsed(headers);
  const open = look('{ orders(first: 1, filter: { phases: [OPEN] }) { nodes { id } } }', sent);
  const { accounts } = await look('{ accounts { id name vendor } }', sent);
  const [{ orders }, placing] = await Promise.all([open, placingOrders(accounts, sent)]);
  const id = orders?.nodes[0]?.id ?? blank('the ID of an order: AllOrders lists them');
  const operations: [string, object][] = [
    [STATUS, { id }],
    [LIST, { first: 10, filter: { phases: ['OPEN', 'ACTION_REQUIRED'] } }],
    [WATCH, { id }],
    ...placing,
  ];
  return operations.map(([query, variables]) => ({
    query: accounts ? query : UNKNOWN + query,
    variables: written(variables),
    headers: headers.trim() ? headers : undefined,
  }));
}
