import { parseJSONC } from '@graphiql/react';

const BLANK = '\u0001';

/** A value to be filled in: it is written as an empty string, with a comment that says what belongs there. */
export function blank(hint: string): string {
  return BLANK + hint;
}

/** Variables as text: JSON, with a comment behind each blank. */
export function written(value: object): string {
  return JSON.stringify(value, null, 2).replace(/"\\u0001([^"]*)"(.*)$/gm, '""$2 // $1');
}

/** What a user wrote as JSON, perhaps with comments; an empty object if it is not JSON. */
export function parsed(text: string): object {
  try {
    return parseJSONC(text) ?? {};
  } catch {
    return {};
  }
}

/** The same variables with an idempotencyKey, and a clientReference, that were never used; comments stay. */
export function renewed(variables: string): string {
  return Object.entries(names()).reduce(
    (text, [name, value]) => text.replace(new RegExp(`("${name}"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`), `$1"${value}"`),
    variables,
  );
}

/** An idempotencyKey and a clientReference of their own for every example. */
export function names() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const word = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { idempotencyKey: `graphiql-${word}`, clientReference: `WEB-${word.slice(0, 8).toUpperCase()}` };
}
