// Headshots inside another product, in a real browser: a page on another site shows a signed URL in a frame.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { album, browser, directory, root, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const WIDTHS = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };
const PHOTO = readFileSync(join(root, 'tests', 'pictures', 'astronaut.jpg'));

const isMessage = new Ajv({ formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) }, allErrors: true, strict: false })
  .compile(JSON.parse(readFileSync(join(root, 'docs', 'api', 'frame-messages.json'))));

let chromium, data, certificate;

before(async () => {
  data = directory();
  // Third-party cookies are blocked, as they are for ever more people; *.test is this machine.
  chromium = await browser('--test-third-party-cookie-phaseout', '--host-resolver-rules=MAP *.test 127.0.0.1', '--ignore-certificate-errors');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test', '-addext',
    'subjectAltName=DNS:*.test', '-keyout', join(data.path, 'key.pem'), '-out', join(data.path, 'cert.pem')], { stdio: 'ignore' });
  certificate = { key: readFileSync(join(data.path, 'key.pem')), cert: readFileSync(join(data.path, 'cert.pem')) };
});
after(async () => {
  await chromium.close();
  data.done();
});

/** A server that answers until `done` is called. */
async function listening(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, done: () => { server.closeAllConnections(); server.close(); } };
}

/** The page of another product around a frame. */
function host(signedUrl) {
  return (_, answer) => answer.setHeader('content-type', 'text/html').end(`<!doctype html><html lang="en"><title>Lumen</title>
    <style>body { margin: 0; font: 1rem sans-serif } h1 { margin: 0; padding: 1rem; font-size: 1rem } iframe { width: 100%; height: 720px; border: 0 }</style>
    <h1>Lumen</h1><iframe title="Headshots" src="${signedUrl}"></iframe>
    <script>globalThis.heard = []; addEventListener('message', ({ origin, data }) => heard.push({ origin, ...data }));</script>`);
}

/** What the page around the frame was told, without heights; each message as the schema wants it. */
async function heard(page) {
  const messages = await page.evaluate(() => globalThis.heard);
  for (const message of messages) assert.ok(isMessage(message), `no message of version 1: ${JSON.stringify(message)} ${JSON.stringify(isMessage.errors)}`);
  return messages.filter(({ event }) => event !== 'page.resized').map(({ event, page: name, model }) => [event, name ?? model?.status].filter(Boolean).join(' '));
}

async function visitor(width = 'wide') {
  const page = await (await chromium.newContext({ viewport: WIDTHS[width] })).newPage();
  const complaints = [];
  watch(page, complaints);
  return { page, complaints };
}

/** Goes through the first two steps in the frame. */
async function begin(page, frame) {
  await frame.getByLabel('Your name').fill('Ida Holm');
  await frame.locator('input[name=gender]').first().check();
  await frame.getByRole('button', { name: 'Continue' }).click();
  await frame.locator('#photo').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: PHOTO });
  await until(async () => (await frame.locator('#uploads img[src^="/"]').count()) === 1, 'the photo');
  await page.waitForTimeout(300); // the picture fades in
}

async function shoot(page, name) {
  for (const [width, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    await page.screenshot({ path: join(album('embed'), `${name}-${width}.png`), fullPage: true });
  }
}

/** The first page of the frame, once it is there. */
const framed = (page) => page.frameLocator('iframe').getByLabel('Your name');

/** What a browser shows instead of a page it may not frame. */
async function refused(page) {
  return until(() => page.frames().slice(1).some((frame) => frame.url().startsWith('chrome-error:')), 'the refusal');
}

test('a first try: two ports of one machine', async () => {
  const headroom = await start({ args: ['dev', '--seconds', '3'] });
  const other = await listening(createServer(host(headroom.said.signedUrl)));
  try {
    for (const name of ['127.0.0.1', 'localhost']) {
      const { page, complaints } = await visitor();
      await page.goto(`http://${name}:${other.port}/`);
      const frame = page.frameLocator('iframe');
      await framed(page).waitFor();
      assert.ok(!page.frames()[1].url().includes('token'), 'the token has left the address');
      if (name === 'localhost') await shoot(page, 'you');
      if (name === '127.0.0.1') continue;
      await begin(page, frame);
      await shoot(page, 'photos');
      await frame.getByRole('link', { name: 'Continue' }).click();
      await frame.getByLabel('Navy').check();
      await frame.getByRole('button', { name: 'Continue' }).click();
      await frame.locator('input[name=consent]').check();
      await shoot(page, 'review');
      await frame.getByRole('button', { name: 'Submit photos' }).click();
      await frame.locator('[data-live]').waitFor();
      await shoot(page, 'waiting');
      await frame.locator('.photo-grid img').first().waitFor({ timeout: 60_000 });
      await shoot(page, 'headshots');
      const told = await heard(page);
      assert.equal(told[0], 'page.loaded onboarding');
      // Here nothing may be kept in a frame, so an event comes again on each page.
      const news = told.filter((one, at) => told.indexOf(one) === at && one.startsWith('model.'));
      // How much of the way is seen depends on how quick it goes.
      assert.deepEqual([news[0], ...news.slice(-2)], ['model.status.updated onboarding', 'model.status.updated active', 'model.photos_ready active']);
      assert.ok(news.includes('model.status.updated generatingHeadshots'), news.join());
      assert.ok(told.includes('page.loaded headshots'));
      assert.ok(told.length < 30, `told over and over: ${told.join()}`);
      assert.deepEqual(complaints, []);
    }

    // A page that opened it as a window can still close it; and there is no frame to hide that the address is ours.
    const { page } = await visitor();
    await page.goto(`http://localhost:${other.port}/`);
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate((url) => { globalThis.opened = open(url); }, headroom.said.signedUrl)]);
    await popup.waitForURL('**/team-member');
    assert.equal(await page.evaluate(() => globalThis.opened.closed), false);
    await look(popup, 'embed', 'window');
    await Promise.all([popup.waitForEvent('close'), page.evaluate(() => globalThis.opened.close())]);
  } finally {
    other.done();
    await headroom.stop();
  }
});

test('the section of the API page decides who may embed', async () => {
  const headroom = await start({ args: ['dev', '--seconds', '3'] });
  const other = await listening(createServer(host(headroom.said.signedUrl)));
  try {
    const { page: lead, complaints } = await visitor();
    await signIn(lead, headroom.said.ownerSignIn);
    await lead.goto(`${headroom.url}/app/admin/api#embedding`);
    assert.equal(await lead.getByLabel('Webhook URL').inputValue(), `${headroom.url}/dev/webhooks`);
    await lead.getByLabel('Sites that may embed').fill(`http://localhost:${other.port}\nlocalhost`);
    await lead.getByRole('button', { name: 'Save embedding' }).click();
    await lead.locator('#embed_origins-error').waitFor();
    await look(lead, 'embed', 'settings-wrong');
    await lead.getByLabel('Sites that may embed').fill(`http://localhost:${other.port}/`);
    await lead.getByLabel('Webhook URL').fill('https://lumen.test/hooks');
    await lead.getByRole('button', { name: 'Save embedding' }).click();
    await lead.locator('#webhook-secret').waitFor();
    await look(lead, 'embed', 'settings-secret');
    await lead.getByRole('button', { name: 'Save embedding' }).click();
    await lead.getByText('Saved.').waitFor();
    assert.equal(await lead.locator('#webhook-secret').count(), 0);
    await look(lead, 'embed', 'settings');
    assert.deepEqual(complaints, []);

    const { page } = await visitor();
    await page.goto(`http://localhost:${other.port}/`);
    await framed(page).waitFor();
    await page.goto(`http://127.0.0.1:${other.port}/`);
    await refused(page);
  } finally {
    other.done();
    await headroom.stop();
  }
});

/** A proxy that takes the TLS off, as one stands before a real server. It can make the cookie one that blocking hits. */
function withoutTls(behind, proxying) {
  return createTlsServer(certificate, (asked, answer) => {
    const { method, url: path, headers } = asked;
    const on = request({ host: '127.0.0.1', port: behind, method, path, headers }, (found) => {
      const cookies = found.headers['set-cookie'];
      if (cookies && proxying.together) found.headers['set-cookie'] = cookies.map((cookie) => cookie.replace('; Partitioned', ''));
      answer.writeHead(found.statusCode, found.headers);
      found.pipe(answer);
    });
    on.on('error', () => answer.destroy());
    asked.pipe(on);
  });
}

/** A port that was free a moment ago. */
async function free() {
  const taken = await listening(createServer());
  taken.done();
  return taken.port;
}

test('over TLS, on another site, with third-party cookies blocked', async () => {
  const port = await free();
  const proxying = { together: false };
  const proxy = await listening(withoutTls(port, proxying));
  const headroom = await start({ port, args: ['dev', '--seconds', '3'], env: { HEADROOM_BASE_URL: `https://faces.test:${proxy.port}` } });
  const other = await listening(createTlsServer(certificate, host(headroom.said.signedUrl)));
  try {
    const { page: lead } = await visitor();
    await signIn(lead, headroom.said.ownerSignIn);
    await lead.goto(`${headroom.url}/app/admin/api#embedding`);
    await lead.getByLabel('Sites that may embed').fill(`https://lumen.test:${other.port}`);
    await lead.getByRole('button', { name: 'Save embedding' }).click();
    await lead.getByText('Saved.').waitFor();

    const { page, complaints } = await visitor();
    await page.goto(`https://lumen.test:${other.port}/`);
    await framed(page).waitFor();
    await begin(page, page.frameLocator('iframe'));
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies.map(({ name, sameSite, secure, httpOnly }) => [name, sameSite, secure, httpOnly]), [['__Host-embedded', 'None', true, true]]);
    assert.deepEqual(complaints, []);

    const told = await heard(page);
    assert.deepEqual([...new Set(told)], ['page.loaded onboarding', 'model.status.updated onboarding']);
    assert.equal(await page.evaluate(() => globalThis.heard[0].origin), `https://faces.test:${proxy.port}`);
    const heights = await page.evaluate(() => globalThis.heard.filter(({ event }) => event === 'page.resized').map(({ height }) => height));
    assert.ok(heights.length > 0 && heights.every((height) => height > 300 && height < 3000), heights.join());

    // Cookies of third parties really are blocked: one that isn't kept apart never comes back. The frame says so, and a window
    // goes on.
    proxying.together = true;
    const { page: blocked } = await visitor();
    await blocked.goto(`https://lumen.test:${other.port}/`);
    const button = blocked.frameLocator('iframe').getByRole('link', { name: 'Open your headshots' });
    await button.waitFor();
    await shoot(blocked, 'nothing-kept');
    const [opened] = await Promise.all([blocked.waitForEvent('popup'), button.click()]);
    await opened.waitForURL('**/team-member/onboarding/**');
    assert.ok(!opened.url().includes('token'));
    proxying.together = false;

    // After its day the page around hears that the session is over.
    await page.evaluate(() => { globalThis.heard.length = 0; });
    await fetch(`http://127.0.0.1:${port}/dev/clock`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advance: '25h' }) });
    await page.frames()[1].evaluate(() => location.reload());
    await until(async () => (await heard(page)).includes('session.ended'), 'the end of the session');

    // In the same browser, a site that isn't named sees nothing.
    await page.goto(`https://other.test:${other.port}/`);
    await refused(page);
  } finally {
    other.done();
    proxy.done();
    await headroom.stop();
  }
});
