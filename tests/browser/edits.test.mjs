// Someone edits a headshot of theirs that the studio has made: sliders, the picture that follows them, a version beside the original, undone.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, command, directory, root, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHOTO = join(root, 'tests', 'pictures', 'astronaut.jpg');

let chromium, data, headroom, page;
const complaints = [];

before(async () => {
  chromium = await browser();
  data = directory();
  const { ownerSignIn } = command(data.path, 'org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test', '--credits', '3');
  headroom = await start({ args: ['serve', '--data', data.path], cwd: data.path, env: { HEADROOM_PHOTO_CHECKS: 'off' } });
  page = await (await chromium.newContext(WIDE)).newPage();
  watch(page, complaints);
  await signIn(page, headroom.url + new URL(ownerSignIn).pathname);
  await page.goto(`${headroom.url}/team-member/onboarding/you`);
  await page.getByLabel('Your name').fill('Ada King');
  await page.locator('input[name=gender]').first().check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#photo').setInputFiles(PHOTO);
  await until(async () => (await page.locator('#uploads img[src^="/"]').count()) === 1, 'the photo');
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByLabel('Navy').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('input[name=consent]').check();
  await page.getByRole('button', { name: 'Submit photos' }).click();
  await page.waitForURL('**/team-member', { timeout: 240_000 });
});
after(async () => {
  await chromium.close();
  await headroom?.stop();
  data.done();
});

const picture = () => page.locator('[data-edit-picture]');
const shown = () => picture().getAttribute('src');
const slide = (label, value) => page.getByLabel(label, { exact: true }).fill(String(value));
const loaded = () => until(() => picture().evaluate((image) => image.complete && image.naturalWidth > 0), 'the picture');

/** Waits until the picture is another one than `before`. */
async function changed(before) {
  const now = await until(async () => { const source = await shown(); return source !== before && source; }, 'another picture');
  await loaded();
  return now;
}

/**
 * How light the picture is, in 255ths, and which part of it the person takes up before navy: what is not blue.
 */
const seen = () => picture().evaluate((image) => {
  const { naturalWidth: width, naturalHeight: height } = image;
  const paint = new OffscreenCanvas(width, height).getContext('2d');
  paint.drawImage(image, 0, 0);
  const { data } = paint.getImageData(0, 0, width, height);
  let [light, person] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = data.subarray(at, at + 3);
    light += 0.299 * red + 0.587 * green + 0.114 * blue;
    if (blue < red + 20) person += 1;
  }
  return { light: light / (width * height), person: person / (width * height) };
});

test('an edit is seen while it is made, saved beside the original, and undone', async () => {
  await page.locator('.photo-grid a').first().click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.waitForURL('**/team-member/edit/*');
  await loaded();
  const edit = page.url();
  await look(page, 'edits', '01-opened');

  // The picture follows the sliders.
  const original = await shown();
  const far = await seen();
  await slide('Closer', 130);
  let now = await changed(original);
  assert.match(now, /^blob:/);
  const close = await seen();
  assert.ok(close.person > far.person + 0.05, `the person is larger: ${close.person}, not ${far.person}`);
  assert.equal(await page.locator('output[for=zoom]').innerText(), '130 %');
  await page.getByLabel('Garden').check();
  now = await changed(now);
  const dim = await seen();
  await slide('Light', 35);
  now = await changed(now);
  const lit = await seen();
  assert.ok(lit.light > dim.light + 3, `the picture is lighter: ${lit.light}, not ${dim.light}`);

  // It is moved by keys and by pointer.
  await page.locator('[data-edit-stage]').focus();
  await page.keyboard.press('ArrowRight');
  now = await changed(now);
  assert.equal(await page.getByLabel('Left or right').inputValue(), '1');
  const box = await page.locator('[data-edit-stage] img').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + box.width / 10, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  now = await changed(now);
  assert.ok(Math.abs(Number(await page.getByLabel('Left or right').inputValue()) - 11) <= 1);

  // How long the server takes, once its child is warm: each a look that was not there before.
  const times = await page.evaluate(async () => {
    const base = document.querySelector('[data-edit]').dataset.editPreview;
    const took = [];
    for (let light = 0; light < 20; light += 1) {
      const begun = performance.now();
      await (await fetch(`${base}?light=${light}&zoom=120&backdrop=navy`)).blob();
      took.push(Math.round(performance.now() - begun));
    }
    return took.sort((a, b) => a - b);
  });
  console.log(`a look takes ${times[10]} ms in the middle, ${times[19]} ms at most`);
  await look(page, 'edits', '02-changed');

  // Reset is the picture it was.
  await page.getByRole('link', { name: 'Reset' }).click();
  await until(async () => (await shown()) === original, 'the original');
  assert.equal(await page.getByLabel('Closer').inputValue(), await page.getByLabel('Closer').getAttribute('data-edit-was'));

  await slide('Closer', 125);
  await changed(original);
  await page.getByLabel('Garden').check();
  await page.getByRole('button', { name: 'Save as a new version' }).click();
  await page.waitForURL('**/team-member/headshots/*');
  await page.getByText('Saved as version 2. 9 edits left.').waitFor();
  assert.equal(await page.locator('.versions li').count(), 2);
  await look(page, 'edits', '03-saved');
  const version = page.url();

  await page.goto(edit);
  await loaded();
  await page.getByRole('heading', { name: 'Versions' }).scrollIntoViewIfNeeded();
  await look(page, 'edits', '04-versions');
  await page.getByRole('button', { name: 'Favourite: Version 2, Garden' }).click();
  await page.waitForURL(version);

  await page.getByRole('link', { name: 'Undo this version' }).click();
  await page.getByRole('heading', { name: 'Undo version 2' }).waitFor();
  await look(page, 'edits', '05-undo');
  await page.getByRole('button', { name: 'Undo version' }).click();
  await page.getByText('Undone. The version and its files are gone.').waitFor();
  assert.equal(await page.locator('.versions li').count(), 0);
  assert.equal(await page.locator('[data-viewer-favourite]').getAttribute('aria-pressed'), 'true', 'the original is the favourite');
});

test('it works without a script', async () => {
  const context = await chromium.newContext({ ...WIDE, javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(`${headroom.url}/team-member`);
  await plain.locator('.photo-grid a').nth(1).click();
  await plain.getByRole('link', { name: 'Edit' }).click();
  await plain.getByLabel('Light', { exact: true }).fill('60');
  await plain.getByRole('button', { name: 'Preview' }).click();
  await plain.waitForURL(/light=60/);
  const image = plain.locator('[data-edit-picture]');
  assert.match(await image.getAttribute('src'), /preview\.jpg\?/);
  assert.equal(await plain.getByLabel('Light', { exact: true }).inputValue(), '60');
  await plain.getByRole('button', { name: 'Save as a new version' }).click();
  await plain.getByText('Saved as version 2. 8 edits left.').waitFor();
  await context.close();
});

test('none left, and the settings', async () => {
  await page.goto(`${headroom.url}/app/admin/settings/headshots`);
  await page.getByLabel('Edits each member may make').fill('200');
  await page.getByRole('region', { name: 'Edits' }).getByRole('button', { name: 'Save' }).click();
  await page.getByText('Enter a number of edits from 0 to 100. 0 means none.').waitFor();
  await look(page, 'edits', '06-settings-wrong');
  await page.getByLabel('Edits each member may make').fill('2');
  await page.getByRole('region', { name: 'Edits' }).getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved. It applies at once.').waitFor();
  await page.goto(`${headroom.url}/team-member`);
  await page.locator('.photo-grid a').first().click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByText('No edits left').waitFor();
  await look(page, 'edits', '07-none-left');
  assert.deepEqual(complaints, []);
});
