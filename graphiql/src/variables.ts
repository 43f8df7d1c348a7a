import { parseJSONC } from '@graphiql/react';

const BLANK = '\u0001';

/** Returns a value to be filled in. It is written as an empty string, with a comment that says what to enter. */
export function blank(hint: string): string {
  return BLANK + hint;
}

/** Returns variables as JSON, with a comment after each blank. */
export function written(value: object): string {
  return JSON.stringify(value, null, 2).replace(/"\\u0001([^"]*)"(.*)$/gm, '""$2 // $1');
}

/** Parses JSON of the user, with or without comments; returns an empty object if it is invalid. */
export function parsed(text: string): object {
  try {
    return parseJSONC(text) ?? {};
  } catch {
    return {};
  }
}

/** Returns the variables with a new idempotencyKey and a new clientReference, and unchanged comments. */
export function renewed(variables: string): string {
  return Object.entries(names()).reduce(
    (text, [name, value]) => text.replace(new RegExp(`("${name}"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`), `$1"${value}"`),
    variables,
  );
}

/** Returns a random idempotencyKey and clientReference. */
export function names() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  const word = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { idempotencyKey: `graphiql-${word}`, clientReference: `WEB-${word.slice(0, 8).toUpperCase()}` };
}
