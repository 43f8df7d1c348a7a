import { createGraphiQLFetcher } from '@graphiql/toolkit';

/** The endpoint lies beside this page, also where a proxy has put both under a path of its own. */
const url = new URL('graphql', location.href);

const ASKING = { 'Ordergraph-Cost': '1' };

/**
 * Sends operations to the gateway and asks what they cost. Subscriptions go over a WebSocket (graphql-transport-ws);
 * headers, those of the editor as well, come there with the first message.
 */
export const fetcher = createGraphiQLFetcher({
  url: url.href,
  subscriptionUrl: url.href.replace(/^http/, 'ws'),
  headers: ASKING,
  wsConnectionParams: ASKING,
});

/** The data of a small query; an empty object if it is refused, fails, or takes too long. */
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
