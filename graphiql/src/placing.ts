import { look } from './endpoint';
import { blank, names } from './variables';

export interface Account {
  id: string;
  name: string;
  vendor: string;
}

type Input = Record<string, unknown>;
type Found = Record<string, any>;

/** Data of an account: its newest orders, a product, and the reference data of its vendor. */
interface Has {
  orders: Found[];
  product: string;
  account: Found;
}

const HAS = `query AccountHas($id: ID!) {
  account(id: $id) {
    ... on NuviasAccount { shippingTypes { id } countries { code } }
  }
  products(first: 1, filter: { accountIds: [$id] }) { nodes { id } }
  orders(first: 3, filter: { accountIds: [$id] }) {
    nodes {
      shippingAddress { countryCode }
      details {
        ... on AirVantageOrderDetails { deliveryContact }
        ... on NuviasOrderDetails { shippingType { id } }
      }
      lineItems {
        product { id }
        details {
          ... on SonataLineItemDetails {
            action
            configuration
            requestedTerm {
              name
              duration { amount units }
              endOfTermAction
              rollInterval { amount units }
            }
          }
          ... on VerifoneLineItemDetails { kind }
        }
      }
    }
  }
}`;

/** The vendors' names in operations, and the input that each requires beside the common part of an order. */
const VENDORS: Record<string, { title: string; own: (has: Has) => Input }> = {
  AIRVANTAGE: {
    title: 'AirVantage',
    own: ({ orders, product }) => ({
      lineItems: [{ product: { id: product } }],
      details: {
        airvantage: {
          deliveryContact:
            first(orders, (order) => order.details?.deliveryContact) ?? blank('the UID of an AirVantage contact'),
        },
      },
    }),
  },
  NUVIAS: {
    title: 'Nuvias',
    own: ({ orders, product, account }) => ({
      lineItems: [{ product: { id: product }, quantity: 2 }],
      details: {
        nuvias: {
          shippingTypeId:
            first(orders, (order) => order.details?.shippingType?.id) ??
            account.shippingTypes?.[0]?.id ??
            blank("the ID of one of the account's shippingTypes"),
        },
      },
    }),
  },
  PALMETTO: { title: 'Palmetto', own: ({ product }) => ({ lineItems: [{ product: { id: product } }] }) },
  SONATA: {
    title: 'Sonata',
    own: ({ orders, product }) => {
      const line = first(orders, (order) => order.lineItems?.find(adds));
      return { lineItems: [sonataLine(line?.product.id ?? product, line?.details)] };
    },
  },
  VERIFONE: {
    title: 'Verifone',
    own: ({ orders, product }) => {
      const line = first(orders, (order) => order.lineItems?.find((one: Found) => one.details?.kind === 'DEVICE'));
      return { lineItems: [{ product: { id: line?.product?.id ?? product } }] };
    },
  },
};

/** The document is the same for every vendor. Only the account, the product and `details` in the variables differ. */
const placing = (vendor: string) => `# With "validateOnly": true nothing is sent, and "preview" shows
# what would be sent. To order, fill in the blanks, your address
# and your contact, and set "validateOnly" to false.
# A repeat with the same idempotencyKey orders nothing. Press +
# for a new one.
mutation Place${vendor}($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order { id number status lineItems { name quantity } }
    operation { status isReplay }
    preview { method target body }
    userErrors { code message field }
  }
}
`;

/**
 * Returns an operation that places an order, and its variables, for the first account at each vendor. The variables
 * have data of the account, and blanks for the rest. If the accounts are unknown, there is one operation with blanks.
 */
export async function placingOrders(accounts: Account[] | undefined, headers: object): Promise<[string, object][]> {
  if (!accounts) return [[placing('Order'), { input: input({ id: blank('the ID of an account') }, NOTHING, ordinary) }]];
  const chosen = Object.keys(VENDORS).flatMap((vendor) => accounts.find((one) => one.vendor === vendor) ?? []);
  return Promise.all(
    chosen.map(async (account): Promise<[string, object]> => {
      const { title, own } = VENDORS[account.vendor]!;
      return [placing(`At${title}`), { input: input(account, await has(account, headers), own) }];
    }),
  );
}

async function has({ id, name }: Account, headers: object): Promise<Has> {
  const found = await look(HAS, headers, { id });
  const orders: Found[] = found.orders?.nodes ?? [];
  const product =
    found.products?.nodes[0]?.id ??
    first(orders, (order) => first(order.lineItems ?? [], (line: Found) => line.product?.id)) ??
    blank(`the ID of a product: Product:${name}:<the vendor's ID>`);
  return { orders, product, account: found.account ?? {} };
}

const NOTHING: Has = { orders: [], product: blank('the ID of a product'), account: {} };
const ordinary = ({ product }: Has): Input => ({ lineItems: [{ product: { id: product } }] });

function input({ id }: Pick<Account, 'id'>, found: Has, own: (has: Has) => Input): Input {
  const inSixtyDays = new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10);
  return {
    validateOnly: true,
    ...names(),
    accountId: id,
    ...own(found),
    purchaseOrderNumber: 'PO-1',
    requestedAt: `${inSixtyDays}T00:00:00Z`,
    shippingAddress: {
      recipientName: 'Ann Lee',
      lines: ['1 Example Street'],
      city: 'Anytown',
      postalCode: '12345',
      countryCode: country(found),
    },
    contact: { name: 'Ann Lee', email: 'ann.lee@example.com', phone: '+44 1632 960123' },
  };
}

/** Returns a country that the account delivers to, else the region of the browser's language. */
function country({ orders, account }: Has): string {
  return (
    first(orders, (order) => order.shippingAddress?.countryCode) ??
    account.countries?.[0]?.code ??
    new Intl.Locale(navigator.language).region ??
    blank('a country code, such as GB')
  );
}

function adds(line: Found): boolean {
  const { action, configuration, requestedTerm } = line.details ?? {};
  return Boolean(line.product && action === 'add' && configuration && requestedTerm?.duration);
}

function sonataLine(product: string, details: Found | undefined): Input {
  const configuration = details?.configuration ?? blank('an object whose @type names the product specification');
  const term = details?.requestedTerm ?? {
    name: 'One year',
    duration: { amount: 12, units: 'calendarMonths' },
    endOfTermAction: 'autoRenew',
  };
  const requestedTerm = {
    ...term,
    duration: duration(term.duration),
    endOfTermAction: enumValue(term.endOfTermAction),
    rollInterval: term.rollInterval ? duration(term.rollInterval) : undefined,
  };
  return { product: { id: product }, details: { sonata: { configuration, requestedTerm } } };
}

function duration({ amount, units }: Found) {
  return { amount, units: enumValue(units) };
}

/** calendarMonths: CALENDAR_MONTHS */
function enumValue(word: string | null): string | null {
  return word && word.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Returns the first value that is found in a list. */
function first<T>(list: Found[], find: (one: Found) => T | null | undefined): T | undefined {
  for (const one of list) {
    const found = find(one);
    if (found) return found;
  }
  return undefined;
}
