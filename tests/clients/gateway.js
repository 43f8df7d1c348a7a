// The gateway under test and its sandboxes.

import { readFileSync } from "node:fs";

export const url = process.env.GRAPHQL_URL;
export const socketUrl = url.replace("http", "ws");
export const headers = { authorization: `Bearer ${process.env.GRAPHQL_KEY}` };

const root = new URL("../../", import.meta.url);
export const sdl = () => readFileSync(new URL("schema.graphql", root), "utf8");
export const possibleTypes = () => JSON.parse(readFileSync(new URL("possibleTypes.json", root), "utf8"));

// Orders in the seeded sandboxes.
export const NUVIAS = "Order:nuvias:77272";
export const AIRVANTAGE = "Order:airvantage:6e45086758717bc5bf92cea48598d4df";
// Two orders in progress, whose last change can be watched.
export const UNDER_WAY = "Order:nuvias:77270";
export const ALSO_UNDER_WAY = "Order:nuvias:77269";
export const WATCH = `
  subscription Watch($id: ID!) {
    orderChanged(id: $id) {
      __typename
      source
      previousStatus
      changedFields
      version
      order {
        __typename
        id
        status
      }
    }
  }
`;
// Two objects of the type `Subscription`, which is the name of a root type in some caches.
export const SUBSCRIPTIONS = ["Subscription:nuvias:1", "Subscription:nuvias:2"];

/** Sends a request to the control API of a vendor's sandbox. */
async function control(vendor, path, method, body) {
  const response = await fetch(`${process.env.SANDBOX_URL}/${vendor}/_control/${path}`, {
    method,
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Lets a vendor respond with 503 to every call during `work`. */
export async function whileDown(vendor, work) {
  await control(vendor, "faults", "PUT", [{ fault: "unavailable" }]);
  try {
    return await work();
  } finally {
    await control(vendor, "faults", "DELETE");
  }
}

/**
 * Watches an order until the end, and returns the results of `orderChanged`. `subscribe` takes an observer. After the
 * first result, the vendor completes the order.
 */
export async function watchedToTheEnd(subscribe, id = UNDER_WAY) {
  const command = { order: Number(id.split(":")[2]), to: "COMPLETE" };
  const changes = [];
  await new Promise((resolve, reject) => {
    subscribe({
      next({ data, error, errors }) {
        if (error ?? errors) reject(error ?? errors);
        changes.push(data?.orderChanged);
        if (changes.length === 1) control("nuvias", "advance", "POST", command).catch(reject);
      },
      error: reject,
      complete: resolve,
    });
  });
  return changes;
}

/** Returns a `fetch` that records requests and responses in `calls`. */
export function watched() {
  const calls = [];
  const watching = async (input, init = {}) => {
    const response = await fetch(input, init);
    const sent = { url: String(input), method: init.method ?? "GET", headers: new Headers(init.headers) };
    calls.push({ ...sent, status: response.status, type: response.headers.get("content-type") });
    return response;
  };
  return Object.assign(watching, { calls });
}
