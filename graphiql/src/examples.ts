import { look } from './endpoint';

/** A tab to begin with; its title is the name of its operation. */
export interface Example {
  query: string;
  variables?: string;
  headers?: string;
}

type Input = Record<string, unknown>;

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
# status is final. To see one, change it in another window,
# or move it along at the sandbox's control API:
# POST /<vendor>/_control/advance
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

/** The same document for every vendor: only the account, the product and the `details` of the variables differ. */
const placing = (vendor: string) => `# Running it again orders nothing, since the idempotencyKey is
# the same: the + beside gives another. With "validateOnly": true
# in the input nothing is sent; "preview" shows what would be.
mutation PlaceAt${vendor}($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order { id number status lineItems { name quantity } }
    operation { status replayed }
    preview { method target body }
    userErrors { code message field }
  }
}
`;

const COMMON: Input = {
  purchaseOrderNumber: 'PO-2026-7',
  requestedAt: `${new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`, // in sixty days
  shippingAddress: {
    recipientName: 'Ann Lee',
    lines: ['1 High Street'],
    city: 'York',
    postalCode: 'YO1 7HH',
    countryCode: 'GB',
  },
  contact: { name: 'Ann Lee', email: 'ann@acme.example', phone: '+44 1904 555123' },
};

/** What each vendor wants beside that. The products are those of the sandbox; only Nuvias has a catalogue to look in. */
const ORDERS: Record<string, (account: string, product: string) => Input> = {
  AirVantage: (account) => ({
    lineItems: [{ product: { id: `Product:${account}:8019b1ee4a8e57408fb3ca38ac0ccf4a` } }],
    details: { airvantage: { deliveryContact: '2c92c0f8516cc19e0151874a1e48200d' } },
  }),
  Nuvias: (account, product) => ({
    lineItems: [{ product: { id: product }, quantity: 2 }],
    details: { nuvias: { shippingTypeId: `NuviasShippingType:${account}:1` } },
  }),
  Palmetto: (account) => ({ lineItems: [{ product: { id: `Product:${account}:1101` } }] }),
  Sonata: (account) => ({
    lineItems: [
      {
        product: { id: `Product:${account}:00000000-5555-0000-0000-000000000001` },
        details: {
          sonata: {
            configuration: {
              '@type': 'urn:mef:lso:spec:sonata:AccessElineOvc:1.0.0:order',
              ovcName: 'York to Leeds',
            },
            requestedTerm: {
              name: 'Yearly',
              duration: { amount: 12, units: 'CALENDAR_MONTHS' },
              endOfTermAction: 'AUTO_RENEW',
            },
          },
        },
      },
    ],
  }),
  Verifone: (account) => ({ lineItems: [{ product: { id: `Product:${account}:T650P` } }] }),
};

/**
 * The examples, with the ids of what is there now for these headers: an order that is not done yet, the accounts, and
 * a product of the catalogue.
 * An example for a vendor is left out where there is no account with it.
 */
export async function examples(headers: string): Promise<Example[]> {
  const sent = parsed(headers);
  const [{ accounts }, { orders }, { products }] = await Promise.all([
    look('{ accounts { name vendor } }', sent),
    look('{ orders(first: 1, filter: { phase: [OPEN] }) { nodes { id } } }', sent),
    look('{ products(first: 1, filter: { vendor: [NUVIAS] }) { nodes { id } } }', sent),
  ]);
  const id = orders?.nodes?.[0]?.id ?? 'Order:<account>:<id>';
  const product = products?.nodes?.[0]?.id ?? 'Product:<account>:<id>';
  const tabs = [
    tab(STATUS, { id }),
    tab(LIST, { first: 10, filter: { phase: ['OPEN', 'NEEDS_ACTION'] } }),
    tab(WATCH, { id }),
    ...Object.keys(ORDERS).flatMap((vendor) => ordering(vendor, accounts, product)),
  ];
  return headers.trim() ? tabs.map((one) => ({ ...one, headers })) : tabs;
}

/** The variables of an example with an idempotencyKey, and a clientReference, that were never used. */
export function renewed(variables: string): string {
  const values = parsed(variables) as { input?: Input };
  if (!values.input) return variables;
  const [key, clientReference] = names();
  return written({ ...values, input: { ...values.input, idempotencyKey: key, clientReference } });
}

type Account = { name: string; vendor: string };

function ordering(vendor: string, accounts: Account[] | undefined, product: string): Example[] {
  const code = vendor.toUpperCase();
  const name = accounts ? accounts.find((one) => one.vendor === code)?.name : vendor.toLowerCase();
  if (name === undefined) return [];
  const [idempotencyKey, clientReference] = names();
  const own = ORDERS[vendor]!(name, product);
  const input = { idempotencyKey, accountId: `Account:${name}`, clientReference, ...own, ...COMMON };
  return [tab(placing(vendor), { input })];
}

function names(): [string, string] {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const word = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [`graphiql-${word}`, `WEB-${word.slice(0, 8).toUpperCase()}`];
}

function tab(query: string, variables: object): Example {
  return { query, variables: written(variables) };
}

function written(value: object): string {
  return JSON.stringify(value, null, 2);
}

function parsed(json: string): object {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}
