// Where a member is in each state of their shoot, from nothing to headshots that have expired; and how leads have them expire.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

let chromium, headroom, lead;
const complaints = [];

before(async () => {
  [chromium, headroom] = [await browser(), await start({ args: ['dev', '--seconds', '600'] })];
  lead = await open();
  await signIn(lead, headroom.said.ownerSignIn);
});
after(async () => {
  await chromium.close();
  await headroom.stop();
});

async function open() {
  const page = await (await chromium.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  watch(page, complaints);
  return page;
}

const mails = async () => (await fetch(`${headroom.url}/dev/outbox.json`)).json();
const mailTo = (email, subject) => until(async () => (await mails()).find((mail) => mail.to === email && subject.test(mail.subject)), `a mail to ${email}`);

/** Signs someone in by a fresh link. */
async function member(name) {
  const [page, email] = [await open(), `${name}@northlight.example`];
  const before = (await mails()).length;
  await page.goto(`${headroom.url}/team-access`);
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button').first().click();
  await page.getByText('Check your mail').waitFor();
  await until(async () => (await mails()).length > before, 'the link');
  await signIn(page, (await mailTo(email, /^Sign in to/)).text.match(/http:\/\/\S+\/auth\/link\/\S+/)[0]);
  return page;
}

async function advance(span) {
  const answer = await fetch(`${headroom.url}/dev/clock`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advance: span }),
  });
  assert.equal(answer.status, 200);
}

test('each state has its page', async () => {
  for (const [name, state, path] of [
    ['mei', 'uploading', '/team-member/onboarding'], ['sam', 'waiting', '/team-member/waiting'],
    ['priya', 'failed', '/team-member/waiting'], ['jonas', 'deleted', '/team-member'], ['carla', 'ready', '/team-member'],
  ]) {
    const page = await member(name);
    assert.ok(new URL(page.url()).pathname.startsWith(path), `${state}: ${page.url()}`);
    if (state === 'waiting') {
      assert.match(await page.locator('main').innerText(), /come back later/, 'nothing is promised without a mail server');
      assert.equal(await page.locator('[data-stage][aria-current=step]').count(), 1);
    }
    await look(page, 'states', state);
    await page.context().close();
  }
  // Without JavaScript the waiting page loads itself anew.
  const plain = await (await chromium.newContext({ javaScriptEnabled: false, storageState: await (await member('sam')).context().storageState() })).newPage();
  await plain.goto(`${headroom.url}/team-member/waiting`);
  assert.equal(await plain.locator('noscript').count() + await plain.locator('meta[http-equiv=refresh]').count() > 0, true);
  await look(lead, 'states', 'overview');
});

test('leads have headshots expire, and they do', async () => {
  const settings = `${headroom.url}/app/admin/settings/headshots`;
  await lead.goto(settings);
  await lead.getByLabel('Delete headshots after so many days').fill('3');
  await lead.locator('form[action$="/keeping"] button').click();
  await lead.getByText('7 to 3650 days').waitFor();
  await look(lead, 'states', 'settings-refused');
  await lead.getByLabel('Delete headshots after so many days').fill('7');
  await lead.locator('form[action$="/keeping"] button').click();
  await lead.getByRole('dialog').getByText('will be deleted for good').waitFor();
  await look(lead, 'states', 'settings-asked');
  await lead.getByRole('button', { name: 'Delete after 7 days' }).click();
  await lead.getByText('Saved. Headshots are deleted 7 days').waitFor();

  const carla = await member('carla');
  await carla.getByText('Download what you want to keep').waitFor();
  await look(carla, 'states', 'ready-with-date');
  await until(async () => {
    await advance('12h');
    return (await mails()).find((mail) => mail.to === 'carla@northlight.example' && /deleted on/.test(mail.subject));
  }, 'the first warning');
  await lead.goto(`${headroom.url}/app/admin`);
  await lead.getByText('are deleted soon').first().waitFor();
  await look(lead, 'states', 'overview-soon');
  const reader = await (await chromium.newContext()).newPage();
  await reader.setContent((await mailTo('carla@northlight.example', /deleted on/)).html);
  await look(reader, 'states', 'mail');
  await until(async () => {
    await advance('12h');
    await carla.goto(`${headroom.url}/team-member`);
    return /have expired/.test(await carla.locator('h1').innerText());
  }, 'the end of them', 120_000);
  await look(carla, 'states', 'expired');
  const warned = (await mails()).filter((mail) => mail.to === 'carla@northlight.example' && /^Your headshots are deleted on/.test(mail.subject));
  assert.equal(warned.length, 2);
  assert.deepEqual(complaints, []);
});
