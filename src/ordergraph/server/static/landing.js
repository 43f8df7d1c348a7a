// Shows what the gateway says of its accounts. The key, where one is needed, is kept in this variable alone.
'use strict';

const ACCOUNTS = `{
  accounts {
    id name vendor extensions
    health { state since latency lastError failure retryAt }
    capabilities { action supported reason }
  }
}`;
const ORDERS = `{
  orders(first: 8) {
    nodes { id placedAt number status vendorStatus account { name } total { amount currency } }
    sources { state message account { name } }
  }
}`;
const EVERY = 10_000; // milliseconds between two looks at the health
const STATES = { UP: 'answers', DOWN: 'does not answer', UNKNOWN: 'not asked yet' };
const FAILURES = { CREDENTIALS: 'refuses the credentials', TRANSPORT: 'cannot be reached', SERVER: 'answers with errors' };

let key = '';

const find = (selector) => document.querySelector(selector);

/** An element with attributes and children; what is text stays text. */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== ''));
  return made;
}

/** The only field of a query; an Error says in words why there is none, and its `status` is that of HTTP. */
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
  const possible = capabilities.filter((one) => one.supported).length;
  return element(
    'li',
    { class: 'card', 'data-account': name, 'data-state': health.state },
    element('h3', {}, name),
    element('p', { class: 'vendor' }, inWords(vendor)),
    element('p', { class: 'health' }, element('span', { class: 'light', 'aria-hidden': 'true' }), healthInWords(health)),
    element('p', { class: 'detail' }, detail(health)),
    element('p', { class: 'detail' }, `${possible} of ${capabilities.length} actions`),
    extensions.length ? element('p', { class: 'detail' }, `with ${extensions.join(', ').replaceAll('_', ' ')}`) : null,
  );
}

function healthInWords({ state, failure }) {
  return (state === 'DOWN' && FAILURES[failure]) || STATES[state];
}

function detail({ state, since, latency, lastError, retryAt }) {
  if (state === 'UP') return latency === null ? '' : `in ${Math.max(1, Math.round(latency * 1000))} ms`;
  if (state === 'UNKNOWN') return 'since the gateway started';
  const retry = retryAt ? ` Next call at ${time(retryAt)}.` : '';
  return `since ${time(since)}: ${lastError}.${retry}`;
}

function row(action, accounts) {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, inWords(action)),
    ...accounts.map((account) => tick(account.capabilities.find((one) => one.action === action))),
  );
}

function tick({ supported, reason }) {
  const words = supported ? 'yes' : `no: ${reason ?? 'not supported'}`;
  return element(
    'td',
    { class: supported ? 'yes' : 'no', title: words },
    element('span', { 'aria-hidden': 'true' }, supported ? '✓' : '–'),
    element('span', { class: 'unseen' }, words),
  );
}

function showOrders({ nodes, sources }) {
  find('#orders tbody').replaceChildren(...nodes.map(orderRow));
  const missing = sources.filter((one) => one.state === 'FAILED').map((one) => one.message ?? one.account.name);
  find('#orders .note').textContent = missing.length ? `Something is missing here: ${missing.join('; ')}.` : '';
}

function orderRow({ placedAt, number, status, vendorStatus, account, total }) {
  return element(
    'tr',
    {},
    element('td', {}, placedAt ? new Date(placedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }) : ''),
    element('td', {}, account.name),
    element('td', { title: `the vendor's word: ${vendorStatus ?? 'none'}` }, inWords(status)),
    element('td', {}, number ?? ''),
    element('td', { class: 'number' }, total ? `${total.amount} ${total.currency}` : ''),
  );
}

/** PLACE_ORDER: Place order */
function inWords(name) {
  const words = name.toLowerCase().replaceAll('_', ' ');
  return words[0].toUpperCase() + words.slice(1);
}

function time(text) {
  return new Date(text).toLocaleTimeString([], { timeStyle: 'medium' });
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
    say(accounts.length ? '' : 'There is no account for you here.');
    find('#login').hidden = true;
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

function fail({ status, message }) {
  const refused = status === 401;
  say(refused && !key ? '' : status ? `The gateway says: ${message}` : 'The gateway does not answer.');
  if (refused && find('#login').hidden) {
    reveal('#login');
    find('#key').focus();
  }
}

/** Shows everything. Asking for orders is also what first shows which vendors answer. */
async function load() {
  if (!(await refresh())) return;
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
