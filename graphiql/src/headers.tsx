import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';

/**
 * Every tab has headers of its own. A tab without any begins with those of the tab before it, in plain sight, so that
 * a token is entered once; and the schema is asked for when a token has come.
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
      if (!event.isFlush) last.current = editor.getValue(); // typed, and not put there by a change of tabs
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
