// Photos and their verdicts: a good one, one that could be better, several that can't be used, the same one twice; another in the
// place of one, and a lead who lets one be used all the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, root, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const PATIENCE = 60_000;
const PHOTO = readFileSync(join(root, 'tests', 'pictures', 'astronaut.jpg'));

let chromium, headroom, page, darkroom;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start({ env: { HEADROOM_PHOTO_CHECKS: 'on', HEADROOM_CHECK_SHARPNESS: '10,20' } })];
  const context = await chromium.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(PATIENCE);
  page = await context.newPage();
  watch(page, complaints);
  darkroom = await (await chromium.newContext()).newPage();
  await signIn(page, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
});

/** The astronaut, larger (which the browser does softly: hence the threshold) and otherwise, as a file: made in a browser, which can draw. */
async function variant(name, { times = 3, filter = 'none', flip = false, left = 0 } = {}) {
  const bytes = await darkroom.evaluate(async ([photo, times, filter, flip, left]) => {
    const picture = await createImageBitmap(await (await fetch(photo)).blob());
    const side = picture.width * times;
    const canvas = new OffscreenCanvas(side * (1 - left), side);
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.filter = filter;
    if (flip) context.setTransform(-1, 0, 0, 1, canvas.width, 0);
    context.drawImage(picture, -side * left, 0, side, side);
    return [...new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })).arrayBuffer())];
  }, [`data:image/jpeg;base64,${PHOTO.toString('base64')}`, times, filter, flip, left]);
  return { name, mimeType: 'image/jpeg', buffer: Buffer.from(bytes) };
}

const cards = () => page.locator('#uploads > li[data-photo]');
const card = (name) => cards().filter({ has: page.getByAltText(name) });
const summary = () => page.locator('[data-upload-summary]').innerText();
const proceed = () => page.getByRole('link', { name: 'Continue' });

async function add(...files) {
  const there = await cards().count();
  await page.locator('.drop input[type=file]').setInputFiles(files);
  await until(async () => (await cards().count()) === there + files.length, `${files.length} more photos`, PATIENCE);
  await until(() => page.locator('#uploads img').evaluateAll((all) => all.every((one) => one.complete && one.naturalWidth > 0)), 'thumbnails', PATIENCE);
}

test('each photo says what came of looking at it', async () => {
  await page.goto(`${headroom.url}/team-member/onboarding/you`);
  await page.getByLabel('Your name').fill('Nora Holm');
  await page.locator('input[name=gender]').first().check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL('**/onboarding/photos');

  await add({ name: 'far-away.jpg', mimeType: 'image/jpeg', buffer: PHOTO });
  assert.match(await card('far-away.jpg').innerText(), /Can't be used\s+Face too small\. Come closer/);
  assert.equal(await summary(), "This photo can't be used. Add one that can, to go on.");
  assert.equal(await proceed().getAttribute('aria-disabled'), 'true');
  await look(page, 'checks', '01-none');

  const said = page.locator('[data-upload-said]');
  await add(await variant('window.jpg'), await variant('mirror.jpg', { times: 2, flip: true }), await variant('blurred.jpg', { filter: 'blur(14px)' }));
  await until(async () => (await said.innerText()).endsWith(await summary()), 'the news to be read out');
  assert.match(await summary(), /^2 of 4 photos can be used\. 6 to 12 good ones give the best result\.$/);
  assert.match(await card('window.jpg').innerText(), /Good/);
  assert.match(await card('mirror.jpg').innerText(), /Can be used\s+Small face\./);
  assert.match(await card('blurred.jpg').innerText(), /Can't be used\s+Blurred\./);
  assert.equal(await proceed().getAttribute('aria-disabled'), 'false');

  await add(await variant('window-again.jpg', { filter: 'brightness(1.04)' }));
  const alike = () => Promise.all(['window.jpg', 'window-again.jpg'].map(async (name) => /Almost the same as another photo/.test(await card(name).innerText())));
  const atOnce = await alike();
  assert.deepEqual(atOnce.toSorted(), [false, true], 'the better one is used, whichever came first');
  await page.reload();
  assert.deepEqual(await alike(), atOnce, 'and it said so already');
  assert.deepEqual(await cards().locator('img').evaluateAll((all) => all.map((one) => one.alt)).then((all) => [all[0], all.at(-1)]),
    ['far-away.jpg', 'window-again.jpg'], 'nothing jumps');
  await look(page, 'checks', '02-verdicts');
});

test('another one takes the place of one that was turned down', async () => {
  const choosing = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Replace far-away.jpg' }).click();
  await (await choosing).setFiles(await variant('closer.jpg', { left: 0.2 }));
  await card('closer.jpg').waitFor();
  await until(async () => (await card('far-away.jpg').count()) === 0, 'the old one to go', PATIENCE);
  assert.equal(await cards().first().locator('img').getAttribute('alt'), 'closer.jpg', 'in the same place');
  assert.match(await summary(), /^3 of 5 photos/);

  // The first of two goes: the other one counts again.
  await page.getByRole('button', { name: 'Remove window.jpg' }).click();
  await until(async () => (await card('window.jpg').count()) === 0, 'it to go', PATIENCE);
  assert.doesNotMatch(await card('window-again.jpg').innerText(), /Almost the same/);
  assert.match(await summary(), /^3 of 4 photos/);

  // After a reload it all says the same, what needs another photo first.
  const before = await summary();
  await page.reload();
  assert.equal(await summary(), before);
  assert.equal(await cards().first().locator('img').getAttribute('alt'), 'blurred.jpg');
  await look(page, 'checks', '03-reloaded');
  await proceed().click();
  await page.getByLabel('Navy').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('3 of them used').waitFor();
  await look(page, 'checks', '04-review');
});

test('without a script the cards say the same', async () => {
  const context = await chromium.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(`${headroom.url}/team-member/onboarding/photos`);
  assert.match(await plain.locator('#uploads').innerText(), /Can't be used\s+Blurred\./);
  assert.equal(await plain.getByRole('button', { name: /^Replace/ }).count(), 0);
  await plain.getByRole('button', { name: 'Remove blurred.jpg' }).click();
  await plain.getByText('All 3 photos can be used.').waitFor();
});

test('a lead has the last word on photos of someone they look after', async () => {
  await page.goto(`${headroom.url}/app/admin/members?add=managed`);
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Inês Duarte');
  await dialog.getByRole('button', { name: 'Add photos' }).click();
  await page.waitForURL('**/team-member/for/*/onboarding/**');
  const person = new URL(page.url()).pathname.split('/')[3];
  await page.locator('input[name=gender]').first().check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL('**/onboarding/photos');
  await add({ name: 'ines.jpg', mimeType: 'image/jpeg', buffer: PHOTO }, await variant('ines-blurred.jpg', { filter: 'blur(14px)' }));
  await look(page, 'checks', '05-behalf');
  await card('ines.jpg').getByRole('button', { name: 'Use it anyway' }).click();
  await card('ines.jpg').getByText('Allowed by your organization').waitFor();
  assert.equal(await proceed().getAttribute('aria-disabled'), 'false');
  await look(page, 'checks', '06-allowed');

  await page.goto(`${headroom.url}/app/admin/members/${person}`);
  await page.getByText('1 was turned down: blurred.').waitFor();
  assert.equal(await page.locator('main img[src*="thumbnail"]').count(), 0, 'words, no pictures');
  await look(page, 'checks', '07-person');
  await page.getByRole('button', { name: 'Let them be used anyway' }).click();
  await page.getByText('2 were turned down and may be used all the same.').waitFor();
  await page.getByRole('button', { name: 'Take this back' }).click();
  await page.getByText('2 were turned down: ').waitFor();
  await page.goto(`${headroom.url}/app/admin/settings/audit`);
  await page.getByText('Let photos be used that were turned down, of').first().waitFor();
});

test('the browser had nothing to complain of', () => assert.deepEqual(complaints, []));
