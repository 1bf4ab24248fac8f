// The API reference: read wide and narrow, searched, and used to send requests.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { album, browser, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

let chromium, headroom;
const complaints = [];

before(async () => {
  chromium = await browser();
  headroom = await start();
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

async function reader(device, { away = false, ...options } = {}) {
  const page = await (await chromium.newContext({ ...device, ...options })).newPage();
  watch(page, away ? [] : complaints);
  await page.goto(`${headroom.url}/api/docs`);
  return page;
}

/** Sends a form and waits for what comes back: its status, and its text. */
async function sent(page, id, button) {
  const operation = page.locator(`#${id}`);
  await operation.getByRole('button', { name: button, exact: true }).click();
  const result = operation.locator('[data-outcome] .result');
  await result.waitFor();
  return { status: Number((await result.locator('strong').innerText()).split(' ')[0]), text: await operation.locator('[data-outcome]').innerText() };
}

async function opened(page, id) {
  const operation = page.locator(`#${id}`);
  await operation.locator('.try > summary').click();
  return operation;
}

test('it reads well, wide and narrow, light and dark', async () => {
  const page = await reader(WIDE);
  assert.equal(await page.title(), 'API reference · Headroom');
  await look(page, 'reference', 'whole');
  for (const anchor of ['top', 'errors', 'embedding', 'createInvite', 'listModels', 'listPhotos', 'deliveries', 'v1CreateInvite']) {
    for (const [width, device] of [['wide', WIDE], ['narrow', PHONE]]) {
      for (const colorScheme of ['light', 'dark']) {
        await page.setViewportSize(device.viewport);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.goto(`${headroom.url}/api/docs#${anchor}`);
        await page.screenshot({ path: join(album('reference'), `at-${anchor}-${width}-${colorScheme}.png`) });
      }
    }
  }
});

test('the contents follow the reader, and can be filtered', async () => {
  const page = await reader(WIDE);
  const contents = page.locator('.side > .contents');
  await page.goto(`${headroom.url}/api/docs#createInvite`);
  await until(async () => (await contents.locator('a[aria-current]').getAttribute('href')) === '#createInvite', 'the contents to follow');
  await page.keyboard.press('/');
  await page.keyboard.type('photos/fav');
  assert.deepEqual(await contents.locator('li a:visible > span:first-child').allInnerTexts(), ['Get a model\'s favorite photo', 'List favorite photos']);
  await page.keyboard.press('Enter');
  await page.waitForURL('**#getFavoritePhoto');
  await page.getByRole('searchbox').first().fill('zebra');
  await contents.getByText('Nothing is called that.').waitFor();

  const phone = await reader(PHONE);
  await phone.getByText('Contents', { exact: true }).click();
  await phone.screenshot({ path: join(album('reference'), 'contents-narrow.png') });
  await phone.locator('.contents-menu').getByRole('link', { name: 'Rate limits' }).click();
  await until(async () => !(await phone.locator('.contents-menu').evaluate((menu) => menu.open)), 'the menu to close');
});

test('a language is chosen once', async () => {
  const page = await reader(WIDE);
  await page.goto(`${headroom.url}/api/docs#createInvite`);
  const operation = page.locator('#createInvite');
  assert.match(await operation.locator('pre:visible').first().innerText(), /^curl -X POST/);
  const button = operation.getByRole('button', { name: 'Python' });
  const before = await button.boundingBox();
  await button.click();
  assert.match(await operation.locator('pre:visible').first().innerText(), /^import json/);
  assert.ok(Math.abs((await button.boundingBox()).y - before.y) < 2, 'what was pressed stays where it is');
  await page.reload();
  assert.match(await page.locator('#listTeams pre:visible').first().innerText(), /^import json/);
});

test('requests are sent from the page', async () => {
  const page = await reader(WIDE);
  await opened(page, 'getCredits');
  await page.locator('#getCredits [data-key]').fill(headroom.said.apiKey);
  const credits = await sent(page, 'getCredits', 'Send');
  assert.equal(credits.status, 200);
  assert.match(credits.text, /"credits": \d+/);
  assert.match(credits.text, /X-Request-Id/i);

  const invite = await opened(page, 'createInvite');
  assert.equal(await invite.locator('[data-key]').inputValue(), headroom.said.apiKey, 'the key is typed once');
  assert.equal(await invite.locator('[data-key]').getAttribute('type'), 'password');
  await invite.getByText('This changes something for real').waitFor();
  const made = await sent(page, 'createInvite', 'Invite someone');
  assert.equal(made.status, 200, made.text);
  assert.match(made.text, /"message": "Invite sent"/);
  await look(page, 'reference', 'tried');
  for (const [width, { viewport }] of [['wide', WIDE], ['narrow', PHONE]]) {
    await page.setViewportSize(viewport);
    await invite.locator('.try').scrollIntoViewIfNeeded();
    await invite.locator('.try').screenshot({ path: join(album('reference'), `try-${width}.png`) });
  }
  await page.setViewportSize(WIDE.viewport);

  const shown = await opened(page, 'getInvite');
  await shown.getByLabel('email').fill('user@example.com');
  assert.equal((await sent(page, 'getInvite', 'Send')).status, 200);

  const again = await sent(page, 'createInvite', 'Invite someone');
  assert.equal(again.status, 400);
  assert.match(again.text, /"code": "INVALID_REQUEST"/);

  await invite.locator('[data-key]').fill('hr_wrong');
  const refused = await sent(page, 'createInvite', 'Invite someone');
  assert.equal(refused.status, 401);
  assert.match(refused.text, /UNAUTHORIZED/);
  assert.equal(await page.evaluate(() => Object.values(localStorage).some((value) => value.includes('hr_'))), false);
});

test('a server that is away is a calm sentence', async () => {
  const page = await reader(PHONE, { away: true });
  await page.route('**/credits', (route) => route.abort());
  const operation = await opened(page, 'getCredits');
  await operation.locator('[data-key]').fill('hr_any');
  await operation.getByRole('button', { name: 'Send', exact: true }).click();
  await operation.getByText('can’t be reached').waitFor();
});

test('without script everything can be read', async () => {
  const page = await reader(WIDE, { javaScriptEnabled: false });
  await page.goto(`${headroom.url}/api/docs#createInvite`);
  assert.equal(await page.locator('#createInvite .sample pre:visible').count(), 3);
  assert.equal(await page.locator('#createInvite .try').isVisible(), false);
  await page.screenshot({ path: join(album('reference'), 'without-script.png') });
});

test('nothing complains', () => assert.deepEqual(complaints, []));
