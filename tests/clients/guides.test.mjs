// Holds the guides of docs/api to what they talk of: calls, operations, scopes and codes are those of the document, links lead
// somewhere, every example with curl works on a fresh server, and so does the host page.
import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { root, start } from '../browser/headroom.mjs';

const folder = join(root, 'docs', 'api');
const guides = readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const document = JSON.parse(readFileSync(join(folder, 'openapi.json'), 'utf8'));
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, id: operation.operationId, ...operation })));

let headroom;
before(async () => { headroom = await start(); });
after(() => headroom?.stop());

/** Whether an address, with values or with `{id}` or `:id` in it, is one that the document has. */
function described(method, address) {
  // In v2 it is the same call by its old name, which the document only mentions.
  const parts = address.replace(/^(.*\/v2\/.*)\/add-members$/, '$1/members').split('/');
  return operations.some((operation) => {
    const own = operation.path.split('/');
    const fits = own.length === parts.length && own.every((part, nth) => part === parts[nth] || part.startsWith('{'));
    return fits && (!method || operation.method === method);
  });
}

test('each call that a guide names is in the document', () => {
  let named = 0;
  for (const { name, text } of guides) {
    for (const [, method, address] of text.matchAll(/(?:\b(GET|POST|PUT|PATCH|DELETE) )?(?:\$HEADROOM_URL)?(\/api\/v[12]\/organization[\w/{}:.@-]*)/g)) {
      assert.ok(described(method, address), `${name}: ${method ?? ''} ${address}`);
      named += 1;
    }
  }
  assert.ok(named > 50, `only ${named} found`);
});

test('moving names every call there is', () => {
  const { text } = guides.find(({ name }) => name === 'moving-from-headshotpro.md');
  const plain = (path) => path.replace(/[{:]\w+\}?/g, '{}');
  const named = new Set([...text.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/api[^`]*)`/g)].map(([, method, path]) => `${method} ${plain(path)}`));
  assert.deepEqual(operations.map(({ method, path }) => `${method} ${plain(path)}`).filter((call) => !named.has(call)), []);
});

test('the table of scopes is the document\'s', () => {
  const { text } = guides.find(({ name }) => name === 'authentication.md');
  const said = [...text.matchAll(/^\| `(\w+:\w+)` \| (.+) \|$/gm)].flatMap(([, scope, ids]) => ids.split(', ').map((id) => `${id} ${scope}`));
  const true_ = operations.map(({ id, security }) => `${id} ${security[0].apiKey[0]}`);
  assert.deepEqual(said.sort(), true_.sort());
});

test('the table of errors has every code with its status', () => {
  const { text } = guides.find(({ name }) => name === 'errors.md');
  const said = new Set([...text.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm)].map(([, status, code]) => `${status} ${code}`));
  const known = new Set(operations.flatMap(({ responses }) => Object.entries(responses).flatMap(([status, { content }]) =>
    Object.keys(content?.['application/json']?.examples ?? {}).map((code) => `${status} ${code}`))));
  // Of these two the document can't tell: they come before there is an operation. The third is told in the row of 402.
  for (const other of ['405 METHOD_NOT_ALLOWED', '413 PAYLOAD_TOO_LARGE']) known.add(other);
  known.delete('400 INSUFFICIENT_CREDITS');
  assert.deepEqual([...said].sort(), [...known].sort());
});

test('links lead somewhere', () => {
  for (const { name, text } of guides) {
    for (const [, link] of text.matchAll(/\]\(([^)#]+)/g)) {
      if (!link.startsWith('https://')) assert.ok(existsSync(join(folder, dirname(name), link)), `${name}: ${link}`);
    }
  }
});

for (const { name, text } of guides) {
  const examples = [...text.matchAll(/^( *)```sh(?: run)?\n([^]*?)^ *```$/gm)].map(([, , lines]) => lines).filter((lines) => lines.includes('"$HEADROOM_URL/'));
  if (!examples.length) continue;
  test(`the examples of ${name} work`, () => {
    for (const example of examples) {
      const said = execFileSync('bash', ['-euo', 'pipefail', '-c', example], {
        encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env.PATH, HEADROOM_URL: headroom.url, HEADROOM_KEY: headroom.said.apiKey },
      });
      assert.ok(said === '304\n' || /^({"success":true,.*})+$/.test(said), `${example}\nanswered ${said}`);
    }
  });
}

test('the host page shows a frame that opens, and hears of events', async (t) => {
  const page = spawn('node', [join(folder, 'host-page.mjs')], {
    env: { PATH: process.env.PATH, HEADROOM_URL: headroom.url, HEADROOM_KEY: headroom.said.apiKey, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => page.once('exit', resolve));
  t.after(() => { page.kill(); return ended; });
  const lines = createInterface({ input: page.stdout })[Symbol.asyncIterator]();
  const { value: url } = await lines.next();

  const frameOf = async () => {
    const html = await (await fetch(url)).text();
    assert.ok(!html.includes(headroom.said.apiKey), 'the key is in the page');
    return /<iframe src="([^"]+)"/.exec(html)[1].replaceAll('&#38;', '&');
  };
  const [first, second] = [await frameOf(), await frameOf()];
  assert.notEqual(first, second, 'each visit has a signed URL of its own');
  for (const signed of [first, second]) {
    const entered = await fetch(signed, { redirect: 'manual' });
    assert.equal(entered.status, 303);
    const cookie = entered.headers.get('set-cookie').split(';')[0];
    const inside = await fetch(new URL(entered.headers.get('location'), signed), { headers: { cookie } });
    assert.equal(inside.status, 200);
    assert.match(inside.headers.get('content-security-policy'), /frame-ancestors [^;]*http:\/\/127\.0\.0\.1:\*/);
  }

  const models = await (await fetch(`${headroom.url}/api/v2/organization/models?limit=1`, { headers: { Authorization: `Bearer ${headroom.said.apiKey}` } })).json();
  const [{ id, isDevelopment }] = models.models;
  assert.equal(isDevelopment, true);
  const post = async (body) => (await fetch(new URL('/webhooks', url), { method: 'POST', body })).status;
  assert.equal(await post(JSON.stringify({ event: 'model.created', objectType: 'model', object: { _id: id } })), 204);
  assert.equal((await lines.next()).value, 'Kim Lee: onboarding');
  assert.equal(await post('no json'), 400);
});
