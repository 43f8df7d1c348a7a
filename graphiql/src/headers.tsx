import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';

/**
 * Every tab has its own headers. A tab without any visibly gets those of the previous tab, so that a token is entered
 * only once. The schema is loaded when a token has been entered.
 */
export function SharedHeaders() {
  const { introspect } = useGraphiQLActions();
  const { tab, editor, schema } = useGraphiQL((state) => ({
    tab: state.activeTabIndex,
    editor: state.headerEditor,
    schema: state.schema,
  }));
  const last = useRef('');

  useEffect(() => {
    if (!editor) return;
    if (!editor.getValue().trim()) editor.setValue(last.current);
    const listening = editor.onDidChangeModelContent((event) => {
      if (!event.isFlush) last.current = editor.getValue(); // typed by the user, not set by a change of tabs
    });
    return () => listening.dispose();
  }, [tab, editor]);

  useEffect(() => {
    if (!editor || schema) return;
    let timer: number;
    const listening = editor.onDidChangeModelContent(() => {
      clearTimeout(timer);
      timer = setTimeout(introspect, 700);
    });
    return () => {
      clearTimeout(timer);
      listening.dispose();
    };
  }, [editor, schema]);
  return null;
}
