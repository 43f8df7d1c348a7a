import 'graphiql/setup-workers/vite';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import '@graphiql/plugin-explorer/style.css';
import './page.css';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { PlusIcon, ReloadIcon, ToolbarButton, useGraphiQL } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Cost } from './cost';
import { fetcher } from './endpoint';
import { type Example, examples } from './examples';
import { SharedHeaders } from './headers';
import { forgetTabs, hasTabs, keepsHeaders, storage } from './storage';
import { renewed } from './variables';

const plugins = [explorerPlugin(), HISTORY_PLUGIN];

/** GraphiQL with the examples in its tabs. Without `first`, it has the tabs of the last visit. */
function Page({ first }: { first: Example[] | undefined }) {
  const [shown, show] = useState({ tabs: first, time: 0 });

  async function reopen(headers: string) {
    const tabs = await examples(headers);
    forgetTabs();
    show({ tabs, time: shown.time + 1 });
  }

  return (
    <GraphiQL
      key={shown.time} // GraphiQL reads its default tabs only when it mounts
      fetcher={fetcher}
      storage={storage}
      plugins={plugins}
      defaultTabs={shown.tabs}
      initialVariables={shown.tabs?.[0]?.variables} // of the first default tab, GraphiQL uses only the query
      initialHeaders={shown.tabs?.[0]?.headers}
      defaultEditorToolsVisibility="variables"
      shouldPersistHeaders={keepsHeaders()}
      showPersistHeadersSettings
    >
      <GraphiQL.Logo>
        <h1>
          <a href=".">ordergraph</a>
        </h1>
      </GraphiQL.Logo>
      <GraphiQL.Toolbar>
        {({ prettify, merge, copy }) => (
          <>
            {prettify}
            {merge}
            {copy}
            <Renew />
            <Reopen reopen={reopen} />
          </>
        )}
      </GraphiQL.Toolbar>
      <GraphiQL.Footer>
        <Cost />
        <SharedHeaders />
        <Fonts />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

/** Sets a new key in the variables, since a repeat with the same key orders nothing. */
function Renew() {
  const editor = useGraphiQL((state) => state.variableEditor);
  return (
    <ToolbarButton onClick={() => editor?.setValue(renewed(editor.getValue()))} label="New idempotencyKey, to order again">
      <PlusIcon className="graphiql-toolbar-icon" aria-hidden="true" />
    </ToolbarButton>
  );
}

/** Replaces the open tabs by the examples, with current data. */
function Reopen({ reopen }: { reopen: (headers: string) => void }) {
  const editor = useGraphiQL((state) => state.headerEditor);
  return (
    <ToolbarButton onClick={() => reopen(editor?.getValue() ?? '')} label="Examples: close all tabs and reload them">
      <ReloadIcon className="graphiql-toolbar-icon" aria-hidden="true" />
    </ToolbarButton>
  );
}

/** Uses the browser's own font. The editors' default font is not shipped, which saves a quarter of a megabyte. */
function Fonts() {
  const editors = useGraphiQL(({ queryEditor, variableEditor, headerEditor, responseEditor }) => ({
    queryEditor,
    variableEditor,
    headerEditor,
    responseEditor,
  }));
  useEffect(() => {
    for (const editor of Object.values(editors)) editor?.updateOptions({ fontFamily: 'ui-monospace, monospace', fontSize: 14 });
  }, [editors]);
  return null;
}

const first = hasTabs() ? undefined : await examples('');
createRoot(document.getElementById('root')!).render(<Page first={first} />);
