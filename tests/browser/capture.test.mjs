// Photos from anywhere: the camera, a large file over a connection that breaks, thirty at once, and a phone that goes on where a
// screen is.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, directory, root, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const PATIENCE = 90_000;
const PHOTO = readFileSync(join(root, 'tests', 'pictures', 'astronaut.jpg'));
const MB = 1024 * 1024;
const LONGEST_GAP = 400; // ms without a frame that still feel alive; on a machine that builds and decodes beside it

let chromium, headroom, page, phone, data;
const complaints = [];
const step = () => `${headroom.url}/team-member/onboarding/photos`;
const cards = (on = page) => on.locator('#uploads > li[data-photo]');

before(async () => {
  data = directory();
  chromium = await browser('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
  headroom = await start();
  const context = await chromium.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['camera'] });
  context.setDefaultTimeout(PATIENCE);
  page = await context.newPage();
  watch(page, complaints);
  await signIn(page, headroom.said.ownerSignIn);
  await page.goto(`${headroom.url}/team-member/onboarding/you`);
  await page.getByLabel('Your name').fill('Nora Holm');
  await page.locator('input[name=gender]').first().check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL('**/onboarding/photos');
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
  data.done();
});

/** A JPEG of this size: what follows its end is ignored by whoever decodes it. */
const photo = (name, bytes = PHOTO.length + 16) => ({
  name, mimeType: 'image/jpeg', buffer: Buffer.concat([PHOTO, randomBytes(bytes - PHOTO.length)]),
});

test('a large photo goes on where the connection broke, and nothing is sent twice', async () => {
  const large = photo('large.jpg', 25 * MB);
  const sent = [];
  let pieces = 0, breaks = 0;
  await page.route('**/team-member/uploads/**', async (route) => {
    const request = route.request();
    if (request.method() !== 'PATCH') return route.continue();
    const bytes = request.postDataBuffer()?.length ?? 0;
    if (bytes) pieces += 1;
    if (bytes && [6, 14].includes(pieces) && breaks < 2) {
      breaks += 1;
      return route.abort('connectionreset');
    }
    sent.push(bytes);
    return route.continue();
  });
  await page.locator('#photo').setInputFiles(large);
  await until(async () => breaks === 2 && (await cards().count()) === 1, 'the photo', PATIENCE);
  assert.equal(sent.reduce((sum, bytes) => sum + bytes, 0), large.buffer.length, 'each byte once');
  assert.ok(Math.max(...sent) <= 2 * MB);
  await page.unrouteAll({ behavior: 'wait' });
});

test('it goes on after a reload, and when the network is back', async () => {
  // On disk: the same file is known by the time it was changed.
  const large = join(data.path, 'later.jpg');
  writeFileSync(large, photo('later.jpg', 12 * MB).buffer);
  const bytes = [];
  page.on('request', (request) => { if (request.method() === 'PATCH') bytes.push(request.postDataBuffer()?.length ?? 0); });
  let held = 0;
  await page.route('**/team-member/uploads/**', (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    held += 1;
    return held > 4 ? undefined : route.continue(); // the fifth never gets through
  });
  await page.locator('#photo').setInputFiles(large);
  await until(() => held > 4, 'the fifth piece', PATIENCE);
  await look(page, 'capture', '01-under-way');
  page.once('dialog', (dialog) => dialog.accept()); // leaving while something is on its way
  // Only then may pieces through again: the one that was held goes with the page.
  await page.reload();
  await page.unroute('**/team-member/uploads/**');
  await page.getByText('later.jpg: 4 of 12 MB have arrived. Choose the file again to go on.').waitFor();
  await look(page, 'capture', '02-unfinished');
  bytes.length = 0;
  let through = 0;
  await page.route('**/team-member/uploads/**', async (route) => {
    through += route.request().method() === 'PATCH' ? 1 : 0;
    if (through === 4) await page.context().setOffline(true);
    return route.continue();
  });
  await page.locator('#photo').setInputFiles(large);
  await until(() => through >= 4, 'half of the rest', PATIENCE);
  // The one that turned the network off is still to be let go on.
  await page.unrouteAll({ behavior: 'wait' });
  await page.context().setOffline(false);
  await until(async () => (await cards().count()) === 2, 'the photo', PATIENCE);
  assert.equal(await page.locator('[data-unfinished]').count(), 0);
  const all = bytes.reduce((sum, one) => sum + one, 0);
  assert.ok(all <= 12 * MB, `${all} bytes were sent, though a part was there and one piece at most was lost`);
});

test('a kind is told by the content, and what is no photo is not sent to its end', async () => {
  const before = await cards().count();
  let pieces = 0;
  page.on('request', (request) => { pieces += request.method() === 'PATCH' ? 1 : 0; });
  await page.locator('#photo').setInputFiles([
    { ...photo('me.gif'), mimeType: 'image/gif' },
    { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.concat([Buffer.from('\0\0\0\x20ftypisom'), randomBytes(8 * MB)]) },
  ]);
  await page.getByAltText('me.gif').waitFor();
  await page.getByText('This file is not a photo we can read.').waitFor();
  assert.deepEqual([pieces, await cards().count()], [1, before + 1]);
  await page.locator('#photo').setInputFiles({ name: 'long.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(26 * MB) });
  await page.getByText('Not added: this is not a JPEG, PNG, WebP or HEIC file.').waitFor();
  for (const name of ['film.mp4', 'long.mp4']) await page.getByRole('button', { name: `Remove ${name}` }).click();
});

test('a phone adds a photo that appears on the screen, and removes it', async () => {
  await page.getByRole('button', { name: 'Continue on your phone' }).click();
  const dialog = page.getByRole('dialog', { name: 'Continue on your phone' });
  await dialog.locator('img[src^="data:"]').waitFor();
  await look(page, 'capture', '03-code');
  const answer = page.waitForResponse('**/team-member/handoff');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Continue on your phone' }).click();
  const { address } = await (await answer).json();

  const context = await chromium.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, permissions: ['camera'] });
  context.setDefaultTimeout(PATIENCE);
  phone = await context.newPage();
  watch(phone, complaints);
  await phone.goto(address);
  await phone.getByRole('button', { name: 'Continue as Nora Holm on this phone' }).waitFor();
  assert.equal(new URL(phone.url()).pathname, '/auth/phone', 'the token has left the address bar');
  await look(phone, 'capture', '04-phone');
  await phone.getByRole('button', { name: 'Continue as Nora Holm on this phone' }).click();
  await phone.waitForURL('**/onboarding/photos');
  const before = await cards().count();
  await phone.locator('#photo').setInputFiles(photo('from-the-phone.jpg'));
  await until(async () => (await cards().count()) === before + 1, 'it on the screen', PATIENCE);
  await page.getByAltText('from-the-phone.jpg').waitFor();
  await until(async () => (await cards(phone).count()) === before + 1, 'it on the phone', PATIENCE);
  await phone.getByRole('button', { name: 'Remove from-the-phone.jpg' }).click();
  await until(async () => (await cards().count()) === before, 'it to go', PATIENCE);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await phone.goto(address);
  await phone.getByRole('heading', { name: 'This code works no more' }).waitFor();
  await look(phone, 'capture', '05-code-used');
});

test('the camera takes a photo on a phone', async () => {
  await phone.goto(step());
  const before = await cards(phone).count();
  await phone.getByRole('button', { name: 'Take a photo' }).tap();
  const dialog = phone.getByRole('dialog', { name: 'Take a photo' });
  await until(async () => dialog.getByRole('button', { name: 'Take the photo' }).isEnabled(), 'the camera', PATIENCE);
  await look(phone, 'capture', '06-camera');
  await dialog.getByRole('button', { name: 'Take the photo' }).tap();
  await look(phone, 'capture', '07-taken');
  await dialog.getByRole('button', { name: 'Again' }).tap();
  await dialog.getByRole('button', { name: 'Take the photo' }).tap();
  await dialog.getByRole('button', { name: 'Use it' }).tap();
  await until(async () => (await cards(phone).count()) === before + 1, 'the photo', PATIENCE);
  await phone.getByAltText('Camera 1.jpg').waitFor();
  assert.equal(await phone.evaluate(() => document.querySelector('video').srcObject), null, 'the camera is off');
  await look(phone, 'capture', '08-added');
});

test('without a camera the dialog says so and offers a file', async () => {
  const bare = await phone.context().newPage();
  await bare.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', globalThis.refusal ?? 'NotAllowedError'));
  });
  await bare.goto(step());
  await bare.getByRole('button', { name: 'Take a photo' }).tap();
  await bare.getByText('The camera is blocked for this page.').waitFor();
  await look(bare, 'capture', '09-refused');
  await bare.evaluate(() => { globalThis.refusal = 'NotFoundError'; });
  await bare.getByRole('button', { name: 'Try again' }).tap();
  await bare.getByText('There is no camera on this device.').waitFor();
  const chooser = bare.waitForEvent('filechooser');
  await bare.getByRole('button', { name: 'Choose a file' }).tap();
  await chooser;
  await bare.close();
});

test('without a script there is a page with the code', async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(step());
  assert.ok(!(await plain.getByRole('button', { name: 'Take a photo' }).isVisible()));
  await plain.getByRole('button', { name: 'Continue on your phone' }).click();
  await plain.getByRole('heading', { name: 'Continue on your phone' }).waitFor();
  await context.close();
  await page.goto(step());
});

test('thirty at once leave the page alive', async () => {
  const there = await cards().count();
  await page.evaluate(() => {
    let last = performance.now();
    globalThis.gap = 0;
    const tick = (now) => { globalThis.gap = Math.max(globalThis.gap, now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
  });
  const files = Array.from({ length: 30 - there }, (_, nth) => photo(`many-${nth}.jpg`));
  await page.locator('#photo').setInputFiles(files);
  await until(async () => (await page.locator('#uploads > li').count()) === 30, 'a tile for each', PATIENCE);
  await until(async () => (await cards().count()) === 30, 'thirty photos', 3 * PATIENCE);
  const gap = await page.evaluate(() => globalThis.gap);
  assert.ok(gap > 0 && gap < LONGEST_GAP, `the page stood still for ${Math.round(gap)} ms`);
  await look(page, 'capture', '10-thirty');
});

test('a full page follows what happens elsewhere', async () => {
  await page.reload();
  assert.equal(await page.locator('#photo').isVisible(), false);
  await page.getByText('You have 30 photos').waitFor();
  await look(page, 'capture', '11-full');
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: /^Replace many-/ }).first().click();
  await (await choosing).setFiles(photo('instead.jpg'));
  await page.getByAltText('instead.jpg').waitFor();
  await until(async () => (await cards().count()) === 30, 'as many as before', PATIENCE);
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(page.url());
  await elsewhere.locator('#uploads [data-photo] .picture form button').first().click();
  await until(async () => (await cards().count()) === 29, 'one less on the page that was not touched', PATIENCE);
  await page.locator('#photo').waitFor();
  assert.equal(await page.getByText('You have 30 photos').isVisible(), false);
  await elsewhere.close();
});

test('no page complained', () => {
  const expected = /ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|status of 409/;
  assert.deepEqual(complaints.filter((one) => !expected.test(one)), []);
});
