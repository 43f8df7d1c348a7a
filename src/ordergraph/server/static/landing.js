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

/** The data of a query; an Error says in words why there is none, and its `status` is that of HTTP. */
async function ask(query) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  if (key) headers.authorization = `Bearer ${key}`;
  const response = await fetch('graphql', { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data, errors } = await response.json();
  if (data) return data;
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
  find('#orders .note')?.remove();
  const missing = sources.filter((one) => one.state === 'FAILED').map((one) => `${one.account.name}: ${one.message}`);
  if (missing.length) find('#orders').append(element('p', { class: 'note' }, `Missing here: ${missing.join('; ')}`));
  reveal('#orders');
}

function orderRow({ placedAt, number, status, vendorStatus, account, total }) {
  return element(
    'tr',
    {},
    element('td', {}, placedAt ? new Date(placedAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }) : ''),
    element('td', {}, number ?? ''),
    element('td', {}, account.name),
    element('td', { title: `the vendor's word: ${vendorStatus ?? 'none'}` }, inWords(status)),
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
  const { accounts } = await ask(ACCOUNTS);
  showAccounts(accounts);
  say(accounts.length ? '' : 'There is no account for you here.');
}

/** Shows everything; asking for orders is also what first shows which vendors answer. */
async function load() {
  try {
    await refresh();
    find('#login').hidden = true;
    const { orders } = await ask(ORDERS);
    if (orders) showOrders(orders);
    await refresh();
  } catch (error) {
    fail(error);
  }
}

function fail(error) {
  say(error.status === 401 && !key ? '' : `The gateway says: ${error.message}`);
  if (error.status === 401) {
    reveal('#login');
    find('#key').focus();
  }
}

find('#login').addEventListener('submit', (event) => {
  event.preventDefault();
  key = find('#key').value.trim();
  load();
});
setInterval(() => {
  if (!document.hidden && !find('#accounts').hidden) refresh().catch(fail);
}, EVERY);
load();
