// Shows the accounts of the gateway. If an API key is required, it is kept only in the variable `key`.
'use strict';

const ACCOUNTS = `{
  accounts {
    id name vendor extensions
    health { state stateChangedAt latencySeconds lastError failure retryAt }
    capabilities { action isSupported reason }
  }
}`;
const ORDERS = `{
  orders(first: 8) {
    nodes { id placedAt number status vendorStatus account { name } total { amount currency } }
    sources { state message account { name } }
  }
}`;
const EVERY = 10_000; // polling interval of the health, in milliseconds
const STATES = { UP: 'available', DOWN: 'unavailable', UNKNOWN: 'not called yet' };
const FAILURES = { CREDENTIALS: 'rejects the credentials', TRANSPORT: 'cannot be reached', SERVER: 'returns server errors' };
const UNITS = { day: 86_400, hour: 3600, minute: 60, second: 1 }; // in seconds

// Numbers and dates are formatted for the browser's language. The text of this page is in English.
const LOCALE = new Intl.DateTimeFormat().resolvedOptions().locale;
const DATE_AND_TIME = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const TIME = new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium' });
const IN_FULL = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'full', timeStyle: 'long' });
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

let key = '';
let down = new Set(); // the names of the accounts whose vendor is unavailable

const find = (selector) => document.querySelector(selector);

/** Returns an element with attributes and children. Strings become text, never HTML. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

/** Returns the only field of a query. Throws an Error with the message and the HTTP `status` if there is none. */
async function ask(query) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  if (key) headers.authorization = `Bearer ${key}`;
  const response = await fetch(find('#endpoint').href, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data, errors } = await response.json();
  const [found] = Object.values(data ?? {});
  if (found) return found;
  throw Object.assign(new Error(errors?.[0]?.message ?? response.statusText), { status: response.status });
}

function showAccounts(accounts) {
  find('#accounts ul').replaceChildren(...accounts.map(card));
  const actions = accounts[0]?.capabilities.map((one) => one.action) ?? [];
  find('#capabilities thead tr').replaceChildren(
    element('th', { scope: 'col' }, 'Action'),
    ...accounts.map((account) => element('th', { scope: 'col' }, account.name)),
  );
  find('#capabilities tbody').replaceChildren(...actions.map((action) => row(action, accounts)));
  reveal('#accounts', '#capabilities');
}

function card({ name, vendor, extensions, health, capabilities }) {
  const possible = capabilities.filter((one) => one.isSupported).length;
  return element(
    'li',
    { class: 'card', 'data-account': name, 'data-state': health.state },
    element('h3', {}, name),
    element('p', { class: 'vendor' }, inWords(vendor)),
    element('p', { class: 'health' }, element('span', { class: 'light', 'aria-hidden': 'true' }), healthInWords(health)),
    element('p', { class: 'detail' }, ...detail(health)),
    element('p', { class: 'detail' }, `${possible} of ${capabilities.length} actions`),
    extensions.length ? element('p', { class: 'detail' }, `with ${extensions.join(', ').replaceAll('_', ' ')}`) : null,
  );
}

function healthInWords({ state, failure }) {
  return (state === 'DOWN' && FAILURES[failure]) || STATES[state];
}

function detail({ state, stateChangedAt, latencySeconds, lastError, retryAt }) {
  if (state === 'UP') return latencySeconds === null ? [] : [`last response in ${Math.max(1, Math.round(latencySeconds * 1000))} ms`];
  if (state === 'UNKNOWN') return ['no calls since the gateway started'];
  const retry = retryAt ? [' Next call ', moment(retryAt, relative(retryAt, 0)), '.'] : [];
  return ['since ', moment(stateChangedAt, timeOrDate(stateChangedAt)), ` (${relative(stateChangedAt)}): ${lastError.replace(/\.$/, '')}.`, ...retry];
}

/** Announces to screen readers that a vendor has become unavailable, or is available again. */
function announce(accounts) {
  const now = new Set(accounts.filter((one) => one.health.state === 'DOWN').map((one) => one.name));
  const changed = accounts.filter(({ name }) => now.has(name) !== down.has(name));
  find('#changes').textContent = changed.map(({ name, health }) => `${name}: ${healthInWords(health)}.`).join(' ');
  down = now;
}

function row(action, accounts) {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, inWords(action)),
    ...accounts.map((account) => tick(account.capabilities.find((one) => one.action === action))),
  );
}

function tick({ isSupported, reason }) {
  const words = isSupported ? 'yes' : `no: ${reason ?? 'not supported'}`;
  return element(
    'td',
    { class: isSupported ? 'yes' : 'no', title: words },
    element('span', { 'aria-hidden': 'true' }, isSupported ? '✓' : '–'),
    element('span', { class: 'unseen' }, words),
  );
}

function showOrders({ nodes, sources }) {
  find('#orders tbody').replaceChildren(...nodes.map(orderRow));
  const missing = sources.filter((one) => one.state === 'FAILED').map((one) => one.message ?? one.account.name);
  const none = nodes.length ? '' : 'There are no orders yet.';
  find('#orders .note').textContent = missing.length ? `Some orders are missing: ${missing.map((one) => one.replace(/\.$/, '')).join('; ')}.` : none;
}

function orderRow({ placedAt, number, status, vendorStatus, account, total }) {
  return element(
    'tr',
    {},
    element('td', {}, placedAt ? moment(placedAt, DATE_AND_TIME.format(new Date(placedAt))) : ''),
    element('td', {}, account.name),
    element('td', {}, inWords(status), vendorStatus ? element('span', { class: 'word' }, vendorStatus) : ''),
    element('td', {}, number ?? ''),
    element('td', { class: 'number', lang: LOCALE }, total ? money(total) : ''),
  );
}

/** Formats an amount with all its digits, as a string. XXX stands for an unknown currency. */
function money({ amount, currency }) {
  const known = /^(?!XXX)[A-Z]{3}$/.test(currency); // Intl throws for any other value
  const style = known ? { style: 'currency', currency } : {};
  const usual = new Intl.NumberFormat(LOCALE, style).resolvedOptions().minimumFractionDigits;
  const digits = amount.replace(/0+$/, '').split('.')[1]?.length ?? 0;
  const maximumFractionDigits = Math.min(20, Math.max(usual, digits)); // older browsers support at most 20
  const written = new Intl.NumberFormat(LOCALE, { ...style, maximumFractionDigits }).format(amount);
  return known || currency === 'XXX' ? written : `${written} ${currency}`;
}

function moment(text, shown) {
  return element('time', { datetime: text, title: IN_FULL.format(new Date(text)), lang: LOCALE }, shown);
}

function timeOrDate(text) {
  const date = new Date(text);
  return (date.toDateString() === new Date().toDateString() ? TIME : DATE_AND_TIME).format(date);
}

/** Returns how long ago a time was, or how long until it is, with a minimum of `least` seconds from now. */
function relative(text, least = -Infinity) {
  const seconds = Math.max(least, (new Date(text) - Date.now()) / 1000);
  const [unit, size] = Object.entries(UNITS).find(([, one]) => Math.abs(seconds) >= one) ?? ['second', 1];
  return RELATIVE.format(Math.round(seconds / size), unit);
}

/** PLACE_ORDER: Place order */
function inWords(name) {
  const words = name.toLowerCase().replaceAll('_', ' ');
  return words[0].toUpperCase() + words.slice(1);
}

function reveal(...selectors) {
  for (const selector of selectors) find(selector).hidden = false;
}

function say(text) {
  find('#message').textContent = text;
}

async function refresh() {
  try {
    const accounts = await ask(ACCOUNTS);
    showAccounts(accounts);
    announce(accounts);
    say(accounts.length ? '' : 'This API key has no accounts.');
    if (!find('#login').hidden) find('#accounts-title').focus(); // the focused element is about to be hidden
    find('#login').hidden = true;
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

function fail({ status, message }) {
  const refused = status === 401;
  find('#key').setAttribute('aria-invalid', String(refused && key !== ''));
  say(refused && !key ? '' : status ? `Request failed: ${message}` : 'The gateway cannot be reached.');
  if (refused && find('#login').hidden) {
    reveal('#login');
    find('#key').focus();
  }
}

/** Shows everything. Loading the orders also makes the first calls that show which vendors are available. */
async function load() {
  if (!(await refresh())) return;
  say('Loading the latest orders ...');
  try {
    showOrders(await ask(ORDERS));
  } catch (error) {
    find('#orders .note').textContent = error.message;
  }
  reveal('#orders');
  await refresh();
}

for (const link of document.querySelectorAll('footer a')) link.firstChild.textContent = link.pathname;
find('#login').addEventListener('submit', (event) => {
  event.preventDefault();
  key = find('#key').value.trim();
  load();
});
setInterval(() => {
  if (!document.hidden && !find('#accounts').hidden) refresh();
}, EVERY);
load();
