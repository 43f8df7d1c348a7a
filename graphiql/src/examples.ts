import { look } from './endpoint';
import { placingOrders } from './placing';
import { blank, parsed, written } from './variables';

/** A tab to begin with; its title is the name of its operation. */
export interface Example {
  query: string;
  variables?: string;
  headers?: string;
}

const STATUS = `# How an order is, in the same words at every vendor,
# and what can be done with it now.
query OrderStatus($id: ID!) {
  order(id: $id) {
    number
    status
    vendorStatus
    phase
    placedAt
    lineItems { name quantity }
    total { amount currency }
    availableActions { action allowed message }
  }
}
`;

const LIST = `# The orders of all accounts in one list. A vendor that is
# down costs only its own orders: "sources" says so.
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

const WATCH = `# Tells the order at once, then each change of it, until its
# status is final. To see one, change it in another window.
subscription WatchOrder($id: ID!) {
  orderChanged(id: $id) {
    source
    previousStatus
    changedFields
    order { id status vendorStatus }
    trouble { message retryAfter }
  }
}
`;

const UNKNOWN = `# Your accounts are not known yet: the examples have blanks.
# Put your key under Headers, {"Authorization": "Bearer <key>"},
# and open them anew with the circling arrows.

`;

/**
 * The examples, made from what there is for these headers: an order that is not done yet, and for each vendor what an
 * account with it has. What cannot be found is blank, with a comment that says what belongs there.
 */
export async function examples(headers: string): Promise<Example[]> {
  const sent = parsed(headers);
  const open = look('{ orders(first: 1, filter: { phase: [OPEN] }) { nodes { id } } }', sent);
  const { accounts } = await look('{ accounts { id name vendor } }', sent);
  const [{ orders }, placing] = await Promise.all([open, placingOrders(accounts, sent)]);
  const id = orders?.nodes[0]?.id ?? blank('the ID of an order: AllOrders lists them');
  const operations: [string, object][] = [
    [STATUS, { id }],
    [LIST, { first: 10, filter: { phase: ['OPEN', 'NEEDS_ACTION'] } }],
    [WATCH, { id }],
    ...placing,
  ];
  return operations.map(([query, variables]) => ({
    query: accounts ? query : UNKNOWN + query,
    variables: written(variables),
    headers: headers.trim() ? headers : undefined,
  }));
}
