const ASKED = 'graphiql:shouldPersistHeaders';
const TABS = ['graphiql:tabState', 'graphiql:query', 'graphiql:variables', 'graphiql:headers'];
const HISTORY = ['graphiql:queries', 'graphiql:favorites'];

/** Whether the user has chosen to store headers, in the settings dialog. */
export function keepsHeaders(): boolean {
  return localStorage.getItem(ASKED) === 'true';
}

/** Whether tabs were stored by the last visit. */
export function hasTabs(): boolean {
  return localStorage.getItem(TABS[0]!) !== null;
}

/** Makes the next GraphiQL start with its default tabs. */
export function forgetTabs(): void {
  for (const key of TABS) localStorage.removeItem(key);
}

/** The browser's storage. Removes headers, and so tokens, from GraphiQL's history unless the user stores headers. */
export const storage = {
  getItem: (key: string) => localStorage.getItem(key),
  removeItem: (key: string) => localStorage.removeItem(key),
  clear: () => localStorage.clear(),
  get length() {
    return localStorage.length;
  },
  setItem(key: string, value: string) {
    localStorage.setItem(key, HISTORY.includes(key) && !keepsHeaders() ? withoutHeaders(value) : value);
    if (key === ASKED && !keepsHeaders()) {
      for (const one of HISTORY) localStorage.setItem(one, withoutHeaders(localStorage.getItem(one) ?? '{}'));
    }
  },
};

function withoutHeaders(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value) => (key === 'headers' ? undefined : value));
}
