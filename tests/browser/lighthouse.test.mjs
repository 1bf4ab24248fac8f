// Lighthouse on the lead's two busiest pages, as on a desktop: quick, open to everyone, and as browsers want it. Performance is the
// median of three, since machines have other things to do; no build for development is quicker than the real one.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { album, browser, signIn, start } from './headroom.mjs';

const LEAST = { performance: 95, accessibility: 100, 'best-practices': 100 };
const TIMES = 3;

const found = await import('lighthouse').catch(() => undefined);
const skip = !found && 'lighthouse is not installed: npm install --prefix tests/browser';

let chromium, headroom, port, cookie;

before(async () => {
  if (skip) return;
  port = await free();
  [chromium, headroom] = [await browser(`--remote-debugging-port=${port}`), await start({ args: ['dev', '--seconds', '600'] })];
  const lead = await (await chromium.newContext()).newPage();
  await signIn(lead, headroom.said.ownerSignIn);
  cookie = (await lead.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  // A page that follows changes keeps the server awake: only what is measured is open.
  await lead.context().close();
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
});

/** A port that nobody listens on. */
function free() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** What Lighthouse finds on a page. Chromium's record now and then lacks the moment the page began; then it is taken again. */
async function measured(path) {
  const flags = { port, output: 'json', logLevel: 'silent', extraHeaders: { Cookie: cookie }, onlyCategories: Object.keys(LEAST) };
  for (let left = TIMES; ; left -= 1) {
    const { lhr } = await found.default(`${headroom.url}${path}`, flags, found.desktopConfig);
    if (lhr.runtimeError?.code === 'NO_NAVSTART' && left > 1) continue;
    assert.equal(lhr.runtimeError, undefined);
    assert.equal(new URL(lhr.finalDisplayedUrl).pathname, path, 'not the page that was to be measured');
    return lhr;
  }
}

for (const [name, path] of [['overview', '/app/admin'], ['members', '/app/admin/members']]) {
  test(`the ${name}`, { skip }, async () => {
    const runs = [];
    for (let nth = 0; nth < TIMES; nth += 1) runs.push(await measured(path));
    writeFileSync(join(album('lighthouse'), `${name}.json`), JSON.stringify(runs.at(-1)));
    for (const [category, least] of Object.entries(LEAST)) {
      const scores = runs.map((run) => Math.round(run.categories[category].score * 100)).sort((one, other) => one - other);
      const median = scores[Math.floor(TIMES / 2)];
      const weak = runs.at(-1).categories[category].auditRefs
        .filter(({ id, weight }) => weight > 0 && runs.at(-1).audits[id].score !== null && runs.at(-1).audits[id].score < 0.9)
        .map(({ id }) => `${id}: ${runs.at(-1).audits[id].displayValue ?? runs.at(-1).audits[id].title}`);
      console.log(`# ${name}: ${category} ${median} of ${scores.join(', ')}`);
      assert.ok(median >= least, `${category} is ${median}, not ${least}: ${weak.join('; ')}`);
    }
  });
}
