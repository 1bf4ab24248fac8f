// The first run of a real server, by somebody who makes mistakes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, directory, start } from './headroom.mjs';
import { look } from './look.mjs';

let chromium, data, headroom;

before(async () => {
  data = directory();
  [chromium, headroom] = await Promise.all([browser(), start({ args: ['serve', '--data', data.path], cwd: data.path })]);
});
after(async () => {
  await chromium?.close();
  await headroom?.stop();
  data?.done();
});

test('a mistake has the focus, keeps what was typed, and is gone once it is mended', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(headroom.said.setup);
  const focused = () => page.evaluate(() => document.activeElement.name);
  assert.equal(await focused(), 'organization');
  await page.getByLabel('Organization').fill('Lumen');
  await page.getByLabel('Your work e-mail').fill('ada@lumen.test');
  await page.getByLabel('Password').fill('lumenlumen1');
  await page.getByRole('button', { name: 'Create organization' }).click();
  await page.getByText('easy to guess').waitFor();
  await page.waitForFunction(() => document.activeElement.name === 'password');
  assert.equal(await page.getByLabel('Organization').inputValue(), 'Lumen');
  assert.equal(await page.getByLabel('Password').inputValue(), '', 'a password never comes back');
  await look(page, 'setup', 'mistake');
  await page.keyboard.type('seven lamps on a pier');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/app/admin');
  await page.getByText('Lumen is set up.').waitFor();
});
