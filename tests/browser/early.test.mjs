// A slow connection: the page is there before its script is, and whoever picks photos then must not wait in vain.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, root, signIn, start, until } from './headroom.mjs';

const PHOTO = join(root, 'tests', 'pictures', 'astronaut.jpg');

let chromium, headroom;

before(async () => {
  [chromium, headroom] = await Promise.all([browser(), start()]);
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
});

test('photos picked before the script is there go up once it is', async () => {
  const page = await (await chromium.newContext()).newPage();
  await signIn(page, headroom.said.ownerSignIn);
  await page.goto(`${headroom.url}/team-member/onboarding/you`);
  await page.getByLabel('Your name').fill('Nora Holm');
  await page.locator('input[name=gender]').first().check();

  let arrive;
  const late = new Promise((resolve) => { arrive = resolve; });
  await page.route('**/assets/upload.*.mjs', async (route) => {
    await late;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#photo').setInputFiles(PHOTO);
  assert.equal(await page.locator('#uploads > li').count(), 0);
  arrive();
  await until(async () => (await page.locator('#uploads img[src^="/"]').count()) === 1, 'the photo');
});
