// Every page that can be reached is HTML as the standard has it: the Nu Html Checker finds no error. From page to page by the links
// on them, as a lead and as members at each step; of pages of one kind, one is read.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pages, someone } from './crawl.mjs';
import { browser, directory, start } from './headroom.mjs';

const java = spawnSync('java', ['-version']).status === 0;
const skip = !java && 'java is not installed: .ci/run installs it';

let chromium, headroom, data;

before(async () => {
  if (skip) return;
  [chromium, headroom, data] = [await browser(), await start({ args: ['dev', '--seconds', '600'] }), directory()];
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
  data?.done();
});

/** Has the checker read them; what it finds, with the page it is on. */
function errors(found, name) {
  const files = found.map(({ address, html }, nth) => {
    const file = join(data.path, `${name}-${nth}.html`);
    writeFileSync(file, html);
    return [file, address];
  });
  const jar = String(createRequire(import.meta.url)('vnu-jar'));
  const told = spawnSync('java', ['-jar', jar, '--format', 'json', '--exit-zero-always', ...files.map(([file]) => file)], { encoding: 'utf8', maxBuffer: 64 << 20 });
  const { messages } = JSON.parse(told.stderr);
  return messages.filter(({ type }) => type !== 'info').map(({ url, message, extract, lastLine }) => {
    const [, address] = files.find(([file]) => url?.endsWith(file)) ?? [];
    return `${address}:${lastLine}: ${message} — ${(extract ?? '').replace(/\s+/g, ' ').trim()}`;
  });
}

test('the checker finds what is wrong', { skip }, () => {
  const [wrong] = errors([{ address: '/wrong', html: '<!doctype html><html lang="en"><title>x</title><ul><p>no</p></ul>' }], 'wrong');
  assert.match(wrong, /^\/wrong:1: .*not allowed/);
  execFileSync('java', ['-version'], { stdio: 'ignore' });
});

test('every page of a lead', { skip }, async () => {
  const request = (await someone(chromium, headroom, 'nora@northlight.example')).context().request;
  const admin = (path) => path.startsWith('/app/admin') || path.startsWith('/account') || path === '/app';
  const more = ['/app/admin/search', '/app/admin/search?q=carla', '/app/admin/search?q=zzzz', '/app/admin/members?q=zzzz', '/app/admin/members?add=invite',
    '/app/admin/members?add=link', '/app/admin/members?add=managed', '/app/admin/webhooks?add=endpoint', '/app/admin/nothing', '/account'];
  const found = await pages(headroom, request, ['/app/admin', ...more], admin);
  assert.ok(found.length > 40, `${found.length} pages: ${found.map(({ address }) => address)}`);
  assert.deepEqual(errors(found, 'lead'), []);
});

test('every page of members at each step', { skip }, async () => {
  const lead = (await someone(chromium, headroom, 'nora@northlight.example')).context().request;
  const listed = await (await lead.get(`${headroom.url}/app/admin/members`)).text();
  const people = [...new Set(listed.match(/[a-z.]+@northlight\.example/g))];
  assert.ok(people.length > 3, String(people));
  let read = 0;
  for (const address of people.filter((one) => one !== 'nora@northlight.example')) {
    const request = (await someone(chromium, headroom, address)).context().request;
    const steps = ['you', 'photos', 'style', 'review'].map((step) => `/team-member/onboarding/${step}`);
    const found = await pages(headroom, request, ['/team-member', '/team-member/waiting', '/team-member/privacy', '/team-member/photos', ...steps],
      (path) => path.startsWith('/team-member'));
    read += found.length;
    assert.deepEqual(errors(found, address), [], address);
  }
  assert.ok(read > 10, `${read} pages`);
});

test('the pages before one is signed in', { skip }, async () => {
  const request = (await chromium.newContext()).request;
  const found = await pages(headroom, request, ['/', '/signin', '/signup', '/team-access', '/auth/link/none', '/setup', '/api/docs', '/nothing', '/dev/outbox', '/dev/webhooks'],
    (path) => !path.startsWith('/app/') && !/^\/assets/.test(path));
  assert.ok(found.length > 5);
  assert.deepEqual(errors(found, 'open'), []);
});
