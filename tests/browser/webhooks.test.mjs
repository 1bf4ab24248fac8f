// Webhooks from end to end: added on the page, sent, and believed by receivers made of the documentation's functions and by
// the Standard Webhooks libraries; what was tampered with is refused.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { verify } from '../../assets/snippets/verify.mjs';
import { browser, directory, letGo, root, signIn, start, until } from './headroom.mjs';
import { LANGUAGES, installed } from './languages.mjs';
import { look, watch } from './look.mjs';

const PYTHON = join(root, 'target', 'ci', 'python', 'bin', 'python');

let chromium, headroom, data, lead, node, python;
const complaints = [];

before(async () => {
  [chromium, headroom, data] = [await browser(), await start(), directory()];
  lead = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(lead, complaints);
  await signIn(lead, headroom.said.ownerSignIn);
  [node, python] = [await nodeReceiver(), await pythonReceiver()];
});
after(async () => {
  await chromium.close();
  await headroom.stop();
  node.done();
  python.done();
  data.done();
});

/** Answers 200 to what it believes, 400 to anything else, and keeps what came; or answers with `status`, once that is set. */
async function nodeReceiver() {
  const kept = [];
  const receiver = { kept, secret: '', status: undefined };
  const server = createServer(async (request, answer) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const delivery = { headers: request.headers, body: Buffer.concat(parts).toString() };
    kept.push(delivery);
    try {
      const { event } = verify(delivery.headers, delivery.body, receiver.secret);
      answer.writeHead(receiver.status ?? 200).end(receiver.status ? `Not now: <b>${receiver.status}</b>` : event);
    } catch (error) {
      answer.writeHead(400).end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(receiver, { url: `http://127.0.0.1:${server.address().port}/hooks`, done: () => server.close() });
}

async function pythonReceiver() {
  const file = join(data.path, 'secret');
  const child = spawn(PYTHON, [join(root, 'tests', 'browser', 'receiver.py'), file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error(`${PYTHON} is missing: .ci/run makes it`)));
    child.once('exit', (status) => reject(new Error(`the receiver in Python ended with ${status}`)));
    createInterface({ input: child.stdout }).once('line', resolve);
  });
  return { url: `http://127.0.0.1:${port}/hooks`, set secret(secret) { writeFileSync(file, secret); }, done: () => child.kill() };
}

const page = (rest = '') => `${headroom.url}/app/admin/webhooks${rest}`;

/** Adds an endpoint on the page; its secret. */
async function add(url, look = async () => {}) {
  await lead.goto(page());
  await lead.getByRole('link', { name: 'Add endpoint' }).first().click();
  await lead.getByLabel('URL').fill(url);
  await look();
  await lead.getByRole('button', { name: 'Add endpoint' }).click();
  return lead.locator('#webhook-secret').innerText();
}

/** Sends a test event to an endpoint and waits, without reloading, until its page says what became of it. */
async function tested(url, state = 'Delivered') {
  await lead.goto(page());
  await lead.getByRole('button', { name: `Send test event to ${url}` }).click();
  await lead.waitForURL('**/deliveries/**');
  await lead.locator('#attempts li').first().waitFor();
  assert.match(await lead.locator('#state').innerText(), new RegExp(state));
  return lead.locator('main').innerText();
}

async function chosen(url, item) {
  await lead.goto(page());
  const row = lead.locator('.endpoints > li').filter({ hasText: url });
  await row.locator('summary').click();
  await row.getByRole('link', { name: item }).click();
}

const post = (url, { headers, body }) => fetch(url, { method: 'POST', headers: signed(headers), body });

/** The headers that count, without those of the connection. */
function signed(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /^(webhook-|x-headshotpro-|content-type)/.test(name)));
}

/** A delivery as whoever knows the secret makes it. */
function made(secret, { body = '{"event":"webhook.test"}', age = 0 } = {}) {
  const [id, timestamp] = ['evt_1', String(Math.floor(Date.now() / 1000) - age)];
  const sum = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { headers: { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${sum}` }, body };
}

const tampered = (delivery) => ({ ...delivery, body: delivery.body.replace('webhook.test', 'model.deleted') });

/** Neither another body nor another time nor another secret is believed. */
async function refusesWhatIsNotOurs(url, secret, delivery) {
  assert.equal((await post(url, made(secret))).status, 200);
  for (const wrong of [tampered(delivery), made(secret, { age: 310 }), made(secret, { age: -310 }), made('whsec_AAAA'), { headers: {}, body: '{}' }]) {
    assert.equal((await post(url, wrong)).status, 400);
  }
}

test('what is sent is believed, what is tampered with is not, also while a secret is replaced', async (t) => {
  node.secret = await add(node.url, () => look(lead, 'webhooks', 'add'));
  await look(lead, 'webhooks', 'secret');
  python.secret = await add(python.url);
  const pythons = await lead.locator('#webhook-secret').innerText();

  assert.match(await tested(node.url), /200 OK[\s\S]*webhook\.test/);
  await look(lead, 'webhooks', 'delivered');
  // Events of the demo may come in between.
  const delivery = node.kept.find(({ body }) => body.includes('webhook.test'));
  new Webhook(node.secret).verify(delivery.body, delivery.headers);
  assert.throws(() => new Webhook(node.secret).verify(tampered(delivery).body, delivery.headers));
  await refusesWhatIsNotOurs(node.url, node.secret, delivery);
  assert.match(await tested(python.url), /200 OK[\s\S]*webhook\.test/);
  await refusesWhatIsNotOurs(python.url, pythons, delivery);

  const old = { node: node.secret, python: pythons };
  const replaced = {};
  for (const [name, url] of [['node', node.url], ['python', python.url]]) {
    await chosen(url, 'New secret');
    if (name === 'node') await look(lead, 'webhooks', 'rotate');
    await lead.getByRole('button', { name: 'Make new secret' }).click();
    replaced[name] = await lead.locator('#webhook-secret').innerText();
    assert.notEqual(replaced[name], old[name]);
  }
  for (const secrets of [old, replaced]) {
    [node.secret, python.secret] = [secrets.node, secrets.python];
    await tested(node.url);
    await tested(python.url);
    const both = node.kept.at(-1);
    assert.equal(both.headers['webhook-signature'].split(' ').length, 2);
    for (const secret of [old.node, replaced.node]) new Webhook(secret).verify(both.body, both.headers);
  }
  const both = node.kept.at(-1);
  for (const [header, secret] of [['x-headshotpro-signature', replaced.node], ['x-headshotpro-signature-previous', old.node]]) {
    const sum = createHmac('sha256', secret).update(`${both.headers['x-headshotpro-timestamp']}.${both.body}`).digest('hex');
    assert.equal(both.headers[header], `sha256=${sum}`);
  }

  for (const [program, ready] of Object.entries(LANGUAGES)) {
    await t.test(program, { skip: !installed(program) && `${program} is not installed` }, () => {
      const folder = directory();
      try {
        const believes = ready(folder.path);
        const given = { headers: signed(both.headers), body: both.body };
        for (const secret of [old.node, replaced.node]) assert.ok(believes({ ...given, secret }));
        for (const wrong of [
          { ...tampered(given), secret: replaced.node }, { ...given, secret: 'whsec_AAAA' }, { ...made('whsec_'), secret: 'whsec_' },
          { ...made(old.node, { age: 310 }), secret: old.node }, { headers: {}, body: '{}', secret: old.node },
        ]) assert.equal(believes(wrong), false, JSON.stringify(wrong));
      } finally {
        folder.done();
      }
    });
  }
  assert.deepEqual(complaints, []);
});

test('what fails is shown, tried again, replayed and, at 410, ended', async () => {
  node.status = 503;
  assert.match(await tested(node.url, 'Waiting'), /503 Service Unavailable[\s\S]*Not now: <b>503<\/b>/);
  await until(async () => (await lead.locator('#attempts > ol > li').count()) === 4, 'four tries');
  await until(async () => /Failed/.test(await lead.locator('#state').innerText()), 'the end of the schedule');
  await lead.locator('#attempts details').first().click();
  await look(lead, 'webhooks', 'failed');
  await lead.goto(page());
  await look(lead, 'webhooks', 'page');
  await lead.getByLabel('State').selectOption('failed');
  await lead.waitForURL('**state=failed**');
  await look(lead, 'webhooks', 'log-failed');
  await lead.goto(page('?state=waiting'));
  await look(lead, 'webhooks', 'log-none');

  node.status = undefined;
  await lead.getByRole('link', { name: 'Replay failed' }).click();
  await look(lead, 'webhooks', 'replay');
  await lead.getByRole('button', { name: 'Replay' }).click();
  // Someone of the demo may have moved on meanwhile, so there can be more than one.
  await lead.getByText(/on (its|their) way again\./).waitFor();
  await until(async () => !/Failed/.test(await lead.locator('#log').innerText()), 'the replay to arrive while the page is open');

  node.status = 410;
  await tested(node.url, 'Failed');
  await lead.goto(page());
  await look(lead, 'webhooks', 'switched-off');
  await lead.goto(`${headroom.url}/app/admin`);
  await lead.getByRole('alert').getByText('are switched off').waitFor();
  await look(lead, 'webhooks', 'overview');
  await lead.getByRole('alert').getByRole('link').click();
  await lead.getByRole('button', { name: `Switch on ${node.url}` }).click();
  await lead.getByText('Switched the endpoint on.').waitFor();

  await chosen(node.url, 'Edit');
  await lead.getByLabel('URL').fill('http://[::1');
  await lead.locator('form').filter({ hasText: 'Events' }).evaluate((form) => { form.noValidate = true; });
  await lead.getByLabel('model.deleted').check();
  await lead.getByRole('button', { name: 'Save' }).click();
  await lead.locator('#url-error').waitFor();
  await look(lead, 'webhooks', 'edit-wrong');
  for (const url of [node.url, python.url]) {
    await chosen(url, 'Remove');
    await lead.getByRole('button', { name: 'Remove endpoint' }).click();
    await lead.getByText('Removing the endpoint').first().waitFor();
  }
  await look(lead, 'webhooks', 'removing');
  await letGo(headroom, lead);
  assert.deepEqual(complaints, []);
});

test('without JavaScript, and where nothing is set up', async () => {
  const plain = await (await chromium.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, storageState: await lead.context().storageState() })).newPage();
  await plain.goto(page());
  for (let left = await plain.locator('.endpoints > li').count(); left > 0; left -= 1) {
    await plain.locator('.endpoints summary').first().click();
    await plain.getByRole('link', { name: 'Remove' }).first().click();
    await plain.getByRole('button', { name: 'Remove endpoint' }).click();
    await plain.getByText('Removing the endpoint').first().waitFor();
    await letGo(headroom, plain);
  }
  await plain.getByText('No endpoint yet').waitFor();
  await lead.goto(page());
  await look(lead, 'webhooks', 'empty');
  await plain.getByRole('link', { name: 'Add endpoint' }).first().click();
  await plain.getByLabel('URL').fill(node.url);
  await plain.getByRole('button', { name: 'Add endpoint' }).click();
  assert.match(await plain.locator('#webhook-secret').innerText(), /^whsec_/);
  await plain.getByRole('button', { name: `Send test event to ${node.url}` }).click();
  await plain.waitForURL('**/deliveries/**');
  await until(async () => { await plain.reload(); return /400 Bad Request/.test(await plain.locator('main').innerText()); }, 'the answer');
  await plain.getByRole('button', { name: 'Replay' }).click();
  await plain.getByText('On its way again').waitFor();
  await until(async () => { await plain.reload(); return (await plain.locator('#attempts > ol > li').count()) > 1; }, 'the replay');
});
