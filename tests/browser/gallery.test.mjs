// Choosing among headshots: the grid and what it weighs, the large view by keys and fingers, two compared, files in every
// format, and a link that someone else opens until it is revoked.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { browser, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const MOST_BYTES = 300 * 1024;

let chromium, headroom, state;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start({ args: ['dev', '--seconds', '600'] })];
  const page = await visitor(WIDE);
  await page.goto(`${headroom.url}/team-access`);
  await page.getByLabel('Work e-mail').fill('carla@northlight.example');
  await page.getByRole('button').first().click();
  const mail = await until(async () => {
    const mails = await (await fetch(`${headroom.url}/dev/outbox.json`)).json();
    return mails.find((one) => one.to === 'carla@northlight.example' && /^Sign in to/.test(one.subject));
  }, 'the way in');
  await signIn(page, mail.text.match(/http:\/\/\S+\/auth\/link\/\S+/)[0]);
  state = await page.context().storageState();
  await page.context().close();
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

async function visitor(device) {
  const page = await (await chromium.newContext(device)).newPage();
  watch(page, complaints);
  return page;
}

const carla = (device) => visitor({ ...device, storageState: state });
const home = () => `${headroom.url}/team-member`;
const tile = (page, nth) => page.locator('.photo-grid > li').nth(nth);
const pressed = (locator, on) => until(async () => (await locator.getAttribute('aria-pressed')) === String(on), `pressed: ${on}`);

/** Has the page show 40: its tiles again and again, each picture under an address of its own. */
async function forty(page) {
  await page.route((url) => url.pathname === '/team-member', async (route) => {
    const answer = await route.fetch();
    const html = await answer.text();
    const tiles = [...html.matchAll(/<li id="h[\s\S]*?<\/li>/g)].map(([tile]) => tile);
    const more = Array.from({ length: 40 - tiles.length }, (_, nth) => {
      const copy = tiles[nth % tiles.length].replace(/id="h/, `id="x${nth}-h`).replace(/\.webp/g, `.webp?${nth}`);
      return copy.includes('loading="lazy"') ? copy : copy.replace('<img ', '<img loading="lazy" ');
    });
    const last = tiles.at(-1);
    await route.fulfill({ response: answer, body: html.replace(last, () => last + more.join('')) });
  });
}

for (const [name, device] of Object.entries({ wide: WIDE, narrow: PHONE })) {
  test(`forty headshots are light and hold still: ${name}`, async () => {
    const page = await carla(device);
    await forty(page);
    await page.addInitScript(() => {
      globalThis.shifted = 0;
      new PerformanceObserver((list) => { for (const entry of list.getEntries()) globalThis.shifted += entry.value; })
        .observe({ type: 'layout-shift', buffered: true });
    });
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    let bytes = 0;
    let pictures = 0;
    network.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    network.on('Network.responseReceived', ({ response }) => { pictures += response.mimeType === 'image/webp' ? 1 : 0; });
    await page.goto(home(), { waitUntil: 'networkidle' });
    // The page itself was put together here, so its own length counts once.
    const html = (await page.content()).length;
    assert.equal(await page.locator('.photo-grid img').count(), 40);
    console.log(`${name}: ${pictures} pictures, ${Math.round((bytes + html) / 1024)} KB`);
    assert.ok(pictures > 0 && bytes + html <= MOST_BYTES, `${bytes + html} bytes`);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForLoadState('networkidle');
    assert.equal(await page.evaluate(() => globalThis.shifted), 0, 'layout shift');
    await page.screenshot({ path: `${(await import('./headroom.mjs')).album('gallery')}/forty-${name}.png` });
    await page.context().close();
  });
}

test('the grid: like, choose, see fewer, take several along', async () => {
  const page = await carla(WIDE);
  await page.goto(home());
  await look(page, 'gallery', '01-grid');
  const heart = tile(page, 2).getByRole('button', { name: /^Like/ });
  await pressed(heart, false);
  await tile(page, 2).hover();
  await heart.click();
  await pressed(heart, true);
  const star = (nth) => tile(page, nth).getByRole('button', { name: /^Favourite/ });
  for (const nth of [2, 1]) {
    await tile(page, nth).hover();
    if ((await star(nth).getAttribute('aria-pressed')) === 'false') await star(nth).click();
    await pressed(star(nth), true);
  }
  assert.equal(await page.locator('form[data-press=favourite] [aria-pressed=true]').count(), 1, 'one favourite');
  await page.reload();
  await pressed(heart, true);

  await page.goto(`${home()}?show=liked`);
  await look(page, 'gallery', '02-liked');
  await page.goto(home());
  await page.getByRole('link', { name: 'Select' }).click();
  await page.waitForURL('**/team-member?select=1');
  const boxes = page.locator('.pickable input');
  assert.ok(await page.getByRole('button', { name: 'Compare' }).isDisabled());
  await boxes.nth(0).check();
  await boxes.nth(2).check();
  await page.getByText('2 selected').waitFor();
  await look(page, 'gallery', '03-select');
  await page.getByLabel('Format').selectOption('webp');
  const [zip] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  const file = readFileSync(await zip.path());
  assert.equal(file.subarray(0, 2).toString(), 'PK');
  assert.equal(file.readUInt16LE(file.lastIndexOf(Buffer.from('PK\x05\x06')) + 10), 4, 'two portraits and two squares');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForURL('**/compare?a=*&b=*');
  await look(page, 'gallery', '04-compare');
  const sides = page.locator('.compare figure');
  const second = await sides.nth(1).locator('img').getAttribute('alt');
  await sides.nth(1).getByRole('button', { name: /^Favourite/ }).click();
  await pressed(sides.nth(1).getByRole('button', { name: /^Favourite/ }), true);
  await pressed(sides.nth(0).getByRole('button', { name: /^Favourite/ }), false);
  await page.getByRole('link', { name: 'Swap' }).click();
  await until(async () => (await sides.nth(0).locator('img').getAttribute('alt')) === second, 'the swap');
  await page.context().close();
});

test('the large view by keys alone', async () => {
  const page = await carla(WIDE);
  await page.goto(home());
  const second = await tile(page, 1).getAttribute('id');
  await tile(page, 0).locator('a').focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/headshots/*');
  await look(page, 'gallery', '05-large');
  const first = page.url();
  await page.keyboard.press('ArrowRight');
  await page.waitForURL((url) => url.href !== first);
  assert.ok(page.url().endsWith(second.slice(1)), page.url());
  const like = page.getByRole('button', { name: /^Like/ });
  const before = (await like.getAttribute('aria-pressed')) === 'true';
  await page.keyboard.press('l');
  await pressed(like, !before);
  await page.keyboard.press('f');
  await page.keyboard.press('z');
  await page.locator('dialog.full').waitFor();
  assert.equal(await page.locator('dialog.full img').evaluate((image) => image.clientWidth === Number(image.getAttribute('width'))), true);
  await look(page, 'gallery', '06-full-size');
  await page.keyboard.press('Escape');
  await page.locator('dialog.full').waitFor({ state: 'detached' });
  await page.locator('.formats summary').click();
  const [square] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /^WebP\s*, Square$/ }).click()]);
  assert.match(square.suggestedFilename(), /^carla-reyes-headshot-02-\S+-square\.webp$/);
  assert.equal(readFileSync(await square.path()).toString('latin1', 8, 12), 'WEBP');
  await page.keyboard.press('Escape');
  await page.waitForURL(`**/team-member#${second}`);
  await until(async () => (await page.evaluate(() => document.activeElement.closest('li')?.id)) === second, 'the focus back at the one it came from');
  await page.context().close();
});

test('the large view by a finger, which the picture follows', async () => {
  const page = await carla(PHONE);
  await page.goto(home());
  await tile(page, 0).locator('a').click();
  await page.waitForURL('**/headshots/*');
  const first = page.url();
  const touch = await page.context().newCDPSession(page);
  const move = (type, x) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y: 300 }] });
  await move('touchStart', 320);
  for (const x of [300, 260, 200]) await move('touchMove', x);
  assert.match(await page.locator('.stage img').evaluate((image) => image.style.transform), /translateX\(-\d/, 'it follows');
  await move('touchEnd');
  await page.waitForURL((url) => url.href !== first);
  const second = page.url();
  await move('touchStart', 60);
  for (const x of [90, 160, 260]) await move('touchMove', x);
  await move('touchEnd');
  await page.waitForURL(first);
  // Before the first there is nothing: it comes back.
  await page.locator('.stage img').waitFor();
  await move('touchStart', 60);
  for (const x of [90, 160, 260]) await move('touchMove', x);
  await move('touchEnd');
  await until(() => page.locator('.stage img').evaluate((image) => image.style.transform === ''), 'the picture to come back');
  assert.equal(page.url(), first);
  assert.notEqual(second, first);
  await page.context().close();
});

test('without scripts the same by links and forms', async () => {
  const page = await carla({ ...WIDE, javaScriptEnabled: false });
  await page.goto(home());
  await tile(page, 0).locator('a').click();
  await page.getByRole('link', { name: 'Next headshot' }).click();
  await page.getByRole('button', { name: /^Like/ }).click();
  await page.getByRole('link', { name: /^Compare with/ }).click();
  await page.locator('.comparing .photo-grid a').first().click();
  assert.match(page.url(), /compare\?a=\w+&b=\w+/);
  await page.context().close();
});

test('a link shows headshots to someone else, until it is revoked', async () => {
  const page = await carla(WIDE);
  await page.goto(home());
  await page.getByRole('link', { name: 'Share' }).click();
  await look(page, 'gallery', '07-share');
  await page.getByLabel('30 days').check();
  await page.getByRole('button', { name: 'Create link' }).click();
  const link = await page.locator('#share-link').innerText();
  await look(page, 'gallery', '08-share-made');

  const other = await visitor(WIDE);
  await other.goto(link);
  assert.match(await other.locator('h1').innerText(), /Headshots of Carla Reyes/);
  await until(() => other.locator('.photo-grid img').first().evaluate((image) => image.naturalWidth > 0), 'the first picture');
  await look(other, 'gallery', '09-shared');
  await other.locator('.photo-grid a').first().click();
  await look(other, 'gallery', '10-shared-large');
  const [portrait] = await Promise.all([other.waitForEvent('download'), other.getByRole('link', { name: 'Portrait', exact: true }).click()]);
  assert.equal(readFileSync(await portrait.path()).readUInt16BE(0), 0xffd8);
  assert.deepEqual(await other.context().cookies(), [], 'no cookie');

  await page.goto(`${home()}`);
  await page.getByRole('link', { name: 'Share' }).click();
  await page.getByText('Opened once').waitFor();
  await page.getByRole('button', { name: /^Revoke/ }).first().click();
  await page.getByText('Revoking the link to').waitFor();
  await look(page, 'gallery', '11-revoke');
  const gone = await other.goto(link);
  assert.equal(gone.status(), 410);
  await look(other, 'gallery', '12-shared-over');
  assert.deepEqual(complaints.filter((one) => !one.includes('410 (Gone)')), []);
});
