// Where a member is in each state of their shoot, from nothing to headshots that have expired; and how leads have them expire.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, letGo, root, signIn, start, until, visit } from './headroom.mjs';
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
  await lead.getByLabel('Delete headshots after (days)').fill('3');
  await lead.locator('form[action$="/keeping"] button').click();
  await lead.getByText('7 to 3,650 days').waitFor();
  await look(lead, 'states', 'settings-refused');
  await lead.getByLabel('Delete headshots after (days)').fill('7');
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

test('every other row of the table has its page', async () => {
  const quick = await start({ args: ['dev', '--seconds', '1'] });
  const [api, said] = [`${quick.url}/api/v2/organization`, quick.said];
  const asked = async (path, { method = 'POST', body } = {}) => {
    const answer = await fetch(`${api}${path}`, {
      method, headers: { authorization: `Bearer ${said.apiKey}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
    });
    assert.equal(answer.status, 200, `${method} ${path}: ${await answer.clone().text()}`);
    return answer.json();
  };
  const outbox = async () => (await fetch(`${quick.url}/dev/outbox.json`)).json();
  const linkTo = (email, subject) => until(async () => {
    const mail = (await outbox()).find((mail) => mail.to === email && subject.test(mail.subject));
    return mail?.text.match(/http:\/\/\S+\/auth\/link\/\S+/)?.[0];
  }, `a link for ${email}`);
  const enter = async (name) => {
    const [page, email] = [await open(), `${name}@northlight.example`];
    await page.goto(`${quick.url}/team-access`);
    await page.getByLabel('Work e-mail').fill(email);
    await page.getByRole('button').first().click();
    await page.getByText('Check your mail').waitFor();
    await signIn(page, await linkTo(email, /^Sign in to/));
    return page;
  };
  const home = async (page, path, words) => {
    await visit(page, `${quick.url}/team-member`);
    if (path) await page.waitForURL((url) => url.pathname.startsWith(path));
    await page.getByText(words).first().waitFor();
  };
  const modelOf = async (name) => (await asked(`/members/${name}@northlight.example`, { method: 'GET' })).member.modelId;
  const ready = (name) => until(async () => {
    const { models } = await asked('/models', { method: 'GET' });
    return models.find((model) => model.email === `${name}@northlight.example` && model.status === 'active');
  }, `headshots of ${name}`, 60_000);

  try {
    // Nobody has begun anything for them yet.
    const owner = await open();
    await signIn(owner, said.ownerSignIn);
    await home(owner, '/team-member/onboarding', 'Your name');
    await look(owner, 'states', 'without-a-shoot');
    const luca = await enter('luca');
    await home(luca, '/team-member/onboarding', 'Your name');
    await look(luca, 'states', 'joined');

    // Failed for good, and allowed once more: with the photos of before, which can be exchanged.
    const priya = await enter('priya');
    await home(priya, '/team-member/waiting', 'could not be made');
    await look(priya, 'states', 'failed-for-good');
    await asked('/members/priya@northlight.example/retry');
    await home(priya, '/team-member/onboarding', 'Continue');
    await look(priya, 'states', 'failed-with-retry');

    // Deleted, and allowed once more.
    const jonas = await enter('jonas');
    await home(jonas, '/team-member', 'Your headshots were deleted');
    await asked('/members/jonas@northlight.example/retry');
    await home(jonas, '/team-member/onboarding', 'Continue');
    await look(jonas, 'states', 'retry-granted');
    const mail = await until(async () => (await outbox()).find((mail) => mail.to === 'jonas@northlight.example' && /^You can make new headshots/.test(mail.subject)), 'the mail of the retry');
    const reader = await (await chromium.newContext()).newPage();
    await reader.setContent(mail.html);
    await look(reader, 'states', 'retry-mail');

    // Deleted by the member: on the page of their data.
    await ready('sam');
    const sam = await enter('sam');
    await sam.goto(`${quick.url}/team-member/privacy`);
    await sam.getByRole('link', { name: /^Delete photos and headshots/ }).click();
    await look(sam, 'states', 'deleting');
    await sam.getByRole('dialog').getByRole('button', { name: /Delete/ }).click();
    await sam.getByText('Deleting your photos and headshots.').waitFor();
    await letGo(quick, sam);
    await home(sam, '/team-member', 'Your headshots were deleted');
    await look(sam, 'states', 'deleted-by-member');

    // Several shoots: each a card, with the day it goes.
    const carla = await enter('carla');
    await asked('/members/carla@northlight.example/retry');
    await home(carla, '/team-member/onboarding', 'Continue');
    await again(carla);
    await carla.waitForURL('**/team-member', { timeout: 60_000 });
    await carla.locator('.shoot-grid').waitFor();
    assert.equal(await carla.locator('.shoot').count(), 2);
    await look(carla, 'states', 'several');
    await owner.goto(`${quick.url}/app/admin/settings/headshots`);
    await owner.getByLabel('Delete headshots after (days)').fill('30');
    await owner.locator('form[action$="/keeping"] button').click();
    await owner.getByRole('button', { name: 'Delete after 30 days' }).click();
    await owner.getByText('Saved. Headshots are deleted 30 days').waitFor();
    await home(carla, '/team-member', 'Kept until');
    await look(carla, 'states', 'several-with-dates');

    // Deleted by a lead: one of two leaves the other, both leave nothing.
    await asked(`/models/${(await ready('carla')).id}`, { method: 'DELETE' });
    await home(carla, '/team-member', 'Kept until');
    await asked(`/models/${(await ready('carla')).id}`, { method: 'DELETE' });
    await home(carla, '/team-member', 'Your headshots were deleted');
    await look(carla, 'states', 'deleted-by-lead');

    // An invite that was taken back, and a member who was removed.
    const invited = await linkTo('tomas@northlight.example', /headshots at/i);
    await asked('/invites/revoke', { body: { email: 'tomas@northlight.example' } });
    const tomas = await open();
    await tomas.goto(invited);
    await tomas.getByText('This invite was revoked').waitFor();
    await look(tomas, 'states', 'revoked');
    await asked('/invites/revoke', { body: { email: 'luca@northlight.example' } });
    await luca.goto(`${quick.url}/team-member`);
    await look(luca, 'states', 'revoked-signed-in');
    await owner.goto(`${quick.url}/app/admin/members?q=mei`);
    const mei = await enter('mei');
    await owner.getByRole('link', { name: /Mei Tanaka/ }).first().click();
    await owner.getByRole('link', { name: 'Remove Mei Tanaka' }).first().click();
    await look(owner, 'states', 'removing');
    await owner.getByRole('dialog').getByRole('button', { name: /Remove/ }).click();
    await owner.getByText('Removing Mei Tanaka.').waitFor();
    await letGo(quick, owner);
    await mei.goto(`${quick.url}/team-member`);
    await look(mei, 'states', 'removed');
    assert.deepEqual(complaints, []);
  } finally {
    await quick.stop();
  }
});

/** Hands photos in once more. */
async function again(page) {
  await page.locator('input[name=gender]').first().check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('#photo').waitFor();
  await page.locator('#photo').setInputFiles(join(root, 'tests', 'pictures', 'astronaut.jpg'));
  await until(async () => (await page.locator('#uploads img[src^="/"]').count()) > 0, 'the photo');
  await page.getByRole('link', { name: 'Continue' }).click();
  await page.getByLabel('Navy').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('input[name=consent]').check();
  await page.getByRole('button', { name: 'Submit photos' }).click();
  await page.waitForURL('**/team-member/waiting');
}
