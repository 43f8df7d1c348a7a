import { createGraphiQLFetcher } from '@graphiql/toolkit';

/** The endpoint is next to this page, even if a proxy serves both under another path. */
const url = new URL('graphql', location.href);

const ASKING = { 'Ordergraph-Cost': '1' };

/**
 * Sends operations to the gateway and requests their cost. Subscriptions use a WebSocket (graphql-transport-ws), on
 * which headers, including those of the editor, are sent with the first message.
 */
export const fetcher = createGraphiQLFetcher({
  url: url.href,
  subscriptionUrl: url.href.replace(/^http/, 'ws'),
  headers: ASKING,
  wsConnectionParams: ASKING,
});

/** Returns the data of a small query; an empty object if it fails or times out. */
export async function look(query: string, headers: object, variables: object = {}): Promise<Record<string, any>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(10_000),
    });
    return (await response.json()).data ?? {};
  } catch {
    return {};
  }
}
