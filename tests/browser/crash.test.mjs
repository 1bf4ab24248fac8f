// Killed again and again on the way from submission to headshots: the person sees one shoot, finished once, for one credit.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, command, directory, root, signIn, start, until, visit } from './headroom.mjs';

let chromium;
before(async () => { chromium = await browser(); });
after(() => chromium.close());

test('a shoot survives kill -9 at every stage', async () => {
  const data = directory();
  const launch = () => start({ args: ['serve', '--data', data.path], env: { HEADROOM_DEV_SHOOT: '8s', HEADROOM_GENERATOR: 'sample', HEADROOM_PHOTO_CHECKS: 'advise' }, cwd: data.path });
  const { ownerSignIn } = command(data.path, 'org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test', '--credits', '5');
  command(data.path, 'invite', 'send', '--org', 'Acme', 'kim@acme.test');
  let headroom = await launch();
  const here = (link) => headroom.url + new URL(link).pathname;
  const page = await (await chromium.newContext()).newPage();

  await signIn(page, here(command(data.path, 'signin', 'kim@acme.test').link));
  await page.getByLabel('Your name').fill('Kim Lee');
  await page.locator('input[name=gender]').first().check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#photo').setInputFiles({
    name: 'me.jpg', mimeType: 'image/jpeg', buffer: readFileSync(join(root, 'tests', 'pictures', 'astronaut.jpg')),
  });
  await until(() => page.locator('#uploads img[src^="/"]').count(), 'the photo');
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByLabel('Navy').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('input[name=consent]').check();
  await page.getByRole('button', { name: 'Submit photos' }).click();
  await page.waitForURL('**/team-member/waiting');

  // Each life of the server is as long as the shoot needs to get a little further.
  for (const percent of [1, 20, 55, 80]) {
    await until(async () => {
      await visit(page, `${headroom.url}/team-member`);
      const bar = page.locator('[data-live-bar]');
      return !(await bar.count()) || Number(await bar.getAttribute('value')) >= percent;
    }, `${percent} percent`, 60_000);
    await headroom.kill();
    headroom = await launch();
  }
  await until(async () => {
    await visit(page, `${headroom.url}/team-member`);
    return page.locator('.photo-grid img').count();
  }, 'the headshots', 60_000);
  assert.equal(await page.locator('.photo-grid img').count(), 12);

  const { credits, ledger } = command(data.path, 'credits', 'ledger', '--org', 'Acme');
  assert.equal(credits, 4);
  assert.deepEqual(ledger.map((row) => row.kind), ['consume', 'grant']);
  const lead = await (await chromium.newContext()).newPage();
  await signIn(lead, here(ownerSignIn));
  const subjects = await until(async () => {
    await lead.goto(`${headroom.url}/app/admin/outbox`);
    const shown = await lead.locator('td a').allInnerTexts();
    return shown.some((subject) => /ready/.test(subject)) && shown;
  }, 'the mails');
  assert.deepEqual(subjects.sort(), ['We have your photos', 'Your headshots are ready', 'Your headshots at Acme']);
  await headroom.stop();
  data.done();
});
