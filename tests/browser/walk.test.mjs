// The main job, from an empty directory to a downloaded headshot: set up, invite, accept, upload, wait, choose, download.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { browser, command, directory, root, signIn, start, until } from './headroom.mjs';
import { look, watch } from './look.mjs';

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const PHOTO = join(root, 'tests', 'pictures', 'astronaut.jpg');

let chromium, data, headroom;
const complaints = [];

before(async () => {
  chromium = await browser();
  data = directory();
  headroom = await start({ args: ['serve', '--data', data.path], cwd: data.path });
});
after(async () => {
  await chromium.close();
  await headroom.stop();
  data.done();
});

async function visitor(device) {
  const page = await (await chromium.newContext(device)).newPage();
  watch(page, complaints);
  return page;
}

/** Photos of one person as a phone would take them, each another one: enlarged, cropped, turned and mirrored by a canvas. */
async function portraits() {
  const page = await chromium.newPage();
  const made = await page.evaluate(async (source) => {
    const picture = new Image();
    picture.src = source;
    await picture.decode();
    const shots = [[1400, 0, 0, 1], [1380, 0.05, 40, 1], [1350, -0.06, -50, -1]];
    return shots.map(([side, turn, aside, mirror]) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 1400;
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      context.fillStyle = '#b9b0a6';
      context.fillRect(0, 0, 1400, 1400);
      context.translate(700 + aside, 780);
      context.rotate(turn);
      context.scale(mirror, 1);
      context.drawImage(picture, -side / 2, -side / 2, side, side);
      return canvas.toDataURL('image/jpeg', 0.92);
    });
  }, `data:image/jpeg;base64,${readFileSync(PHOTO, 'base64')}`);
  await page.close();
  return made.map((url, nth) => ({ name: `me-${nth + 1}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from(url.split(',')[1], 'base64') }));
}

test('from an empty instance to a downloaded headshot', async () => {
  const lead = await visitor(WIDE);

  // The one-time link makes the organization.
  await lead.goto(headroom.said.setup);
  await look(lead, 'walk', '01-setup');
  await lead.getByLabel('Organization').fill('Acme');
  await lead.getByLabel('Website').fill('acme.test');
  await lead.getByLabel('Your work e-mail').fill('ada@acme.test');
  await lead.getByLabel('Password').fill('correct horse battery');
  await lead.getByRole('button', { name: 'Create organization' }).click();
  await lead.waitForURL('**/app/admin');
  await look(lead, 'walk', '02-overview-new');
  const late = await visitor(WIDE);
  await late.goto(headroom.said.setup);
  await look(late, 'walk', '03-setup-gone');

  // Without a credit, adding someone leads to the credits and says why.
  await lead.goto(`${headroom.url}/app/admin`);
  await lead.getByRole('link', { name: 'Add member' }).first().click();
  await lead.waitForURL('**/app/admin/credits**');
  await look(lead, 'walk', '04-no-credits');
  command(data.path, 'credits', 'grant', '--org', 'Acme', '3');

  // Addresses are checked as they are typed.
  await lead.goto(`${headroom.url}/app/admin/members?add=invite`);
  await lead.getByLabel('E-mail addresses').fill('kim@acme.test, lee@acme.test\nkim@acme.test\nnot an address');
  const invite = lead.locator('[data-invite-button]');
  await until(async () => (await invite.innerText()) === 'Invite 2 members', 'the button to count');
  await look(lead, 'walk', '05-add-member');
  await lead.getByLabel('E-mail addresses').fill('kim@acme.test, lee@acme.test');
  await until(async () => (await invite.innerText()) === 'Invite 2 members', 'the button to count again');
  await invite.click();
  await lead.waitForLoadState();
  await lead.goto(`${headroom.url}/app/admin/invites`);
  await lead.getByText('kim@acme.test').first().waitFor();
  await look(lead, 'walk', '06-invites');

  // Without a mail server the owner finds the mail in the outbox.
  await lead.goto(`${headroom.url}/app/admin/outbox`);
  await look(lead, 'walk', '07-outbox');
  // Two were invited, and which of their mails was written first is anyone's guess.
  await lead.getByRole('row').filter({ hasText: 'kim@acme.test' }).getByRole('link', { name: /Your headshots at Acme/ }).click();
  const text = await lead.locator('pre').textContent();
  const first = text.match(/http:\/\/\S+\/auth\/link\/\S+/)[0];
  await look(lead, 'walk', '08-outbox-mail');
  const button = lead.frameLocator('iframe').getByRole('link').first();
  const [beside] = await Promise.all([lead.waitForEvent('popup'), button.click()]);
  await beside.waitForLoadState();
  assert.match(await beside.locator('main').innerText(), /ada@acme\.test/, 'whoever is signed in is asked first');
  await beside.close();

  // A mail scanner opens the link three times; the person's press still works.
  const scanner = await visitor(WIDE);
  for (let time = 0; time < 3; time += 1) await scanner.goto(first);
  const member = await visitor(PHONE);
  await member.goto(first);
  assert.match(await member.locator('main').innerText(), /k\S*@acme\.test/);
  await look(member, 'walk', '09-link');
  await member.locator('form[data-link-confirm] button').click();
  await member.waitForURL('**/team-member/onboarding**');
  assert.ok(!member.url().includes('auth/link'), 'the token has left the address bar');
  const again = await visitor(PHONE);
  await again.goto(first);
  await look(again, 'walk', '10-link-used');

  // Onboarding, on a phone.
  await look(member, 'walk', '11-you');
  await member.getByLabel('Your name').fill('Kim Lee');
  await member.locator('input[name=gender]').first().check();
  await member.getByRole('button', { name: 'Continue' }).click();
  await member.locator('#photo').waitFor();
  await member.locator('#photo').setInputFiles(await portraits());
  await until(async () => (await member.locator('#uploads img[src^="/"]').count()) === 3, 'three photos');
  await member.locator('#photo').setInputFiles({ name: 'page.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<html>') });
  await member.getByText('page.jpg').first().waitFor();
  await member.getByText('This file is not a photo we can read').first().waitFor();
  await look(member, 'walk', '12-photos');
  await member.reload();
  assert.equal(await member.locator('#uploads img').count(), 3, 'photos survive a reload');
  const verdicts = await member.locator('#uploads .verdict strong').allInnerTexts();
  assert.deepEqual(verdicts, ['Good', 'Good', 'Good'], 'each is looked at');
  await member.getByRole('link', { name: 'Continue' }).click();
  await member.getByLabel('Light grey').check();
  await member.getByLabel('Navy').check();
  await look(member, 'walk', '13-style');
  await member.getByRole('button', { name: 'Continue' }).click();
  await member.locator('input[name=consent]').check();
  await look(member, 'walk', '14-review');
  await member.getByRole('button', { name: 'Submit photos' }).click();
  await member.waitForURL('**/team-member/waiting');
  await look(member, 'walk', '15-waiting');

  // It moves on by itself.
  await member.waitForURL('**/team-member', { timeout: 120_000 });
  await member.locator('.photo-grid img').first().waitFor();
  assert.equal(await member.locator('.photo-grid img').count(), 12);
  await until(() => member.locator('.photo-grid img').first().evaluate((image) => image.naturalWidth > 0), 'the first picture');
  await look(member, 'walk', '16-headshots');
  const seen = await headshots(member);
  const before = (is) => seen.filter(({ corner }) => is(corner)).length;
  const isGrey = ([red, green, blue]) => Math.max(red, green, blue) - Math.min(red, green, blue) < 16 && green > 90;
  const isNavy = ([red, green, blue]) => blue > red + 20 && blue < 150;
  assert.deepEqual([before(isGrey), before(isNavy)], [6, 6], 'half of them before each backdrop');
  assert.ok(seen.every(({ face: [red, , blue] }) => red > blue + 15 && red > 90), 'a face where one belongs');
  assert.equal(new Set(seen.map(({ sum }) => sum)).size, 12, 'no two are the same');
  await member.locator('.photo-grid a').first().click();
  await member.getByRole('button', { name: /Like/ }).click();
  await until(async () => (await member.getByRole('button', { name: /Like/ }).getAttribute('aria-pressed')) === 'true', 'the like');
  await member.getByRole('button', { name: /Favourite/ }).click();
  await until(async () => (await member.getByRole('button', { name: /Favourite/ }).getAttribute('aria-pressed')) === 'true', 'the favourite');
  await look(member, 'walk', '17-headshot');

  const file = await downloaded(member, member.locator('a[download]').first());
  assert.deepEqual([...file.subarray(0, 3)], [0xff, 0xd8, 0xff], 'a JPEG');
  await member.goto(`${headroom.url}/team-member`);
  const zip = await downloaded(member, member.getByRole('link', { name: 'Download all' }));
  assert.equal(zip.subarray(0, 2).toString(), 'PK');

  // The lead sees it, and one credit is gone.
  await lead.goto(`${headroom.url}/app/admin`);
  await look(lead, 'walk', '18-overview');
  await lead.goto(`${headroom.url}/app/admin/members`);
  assert.match(await lead.locator('main').innerText(), /Kim Lee[\s\S]*Finished/);
  await look(lead, 'walk', '19-members');
  await lead.goto(`${headroom.url}/app/admin/credits`);
  assert.match(await lead.locator('main').innerText(), /Photos submitted/);
  await look(lead, 'walk', '20-credits');

  // Coming back: the same page whoever asks, and the code as a second way.
  const returning = await visitor(PHONE);
  await returning.goto(`${headroom.url}/team-access`);
  await look(returning, 'walk', '21-team-access');
  await returning.getByRole('textbox').fill('kim@acme.test');
  await returning.getByRole('button').first().click();
  await returning.getByText('Check your mail').waitFor();
  await look(returning, 'walk', '22-check-mail');
  const code = await until(async () => {
    await lead.goto(`${headroom.url}/app/admin/outbox`);
    const mail = lead.getByRole('link', { name: /Sign in to Acme/ }).first();
    if (!(await mail.count())) return undefined;
    await mail.click();
    await lead.waitForLoadState();
    return (await lead.locator('pre').textContent()).match(/\b(\d{3}) (\d{3})\b/);
  }, 'the mail with the code');
  await returning.getByLabel('Code').fill(`${code[1]}${code[2]}`);
  await returning.getByRole('button', { name: 'Continue' }).click();
  await returning.waitForURL('**/team-member');

  assert.deepEqual(complaints, []);
});

/** What is seen on each headshot of a page: the colours of its upper left corner and of the face, and a sum of all its pixels. */
async function headshots(page) {
  return page.locator('.photo-grid img').evaluateAll((images) => Promise.all(images.map(async (image) => {
    image.loading = 'eager';
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const paint = new OffscreenCanvas(width, height).getContext('2d');
    paint.drawImage(image, 0, 0);
    const colour = (x, y) => {
      const { data } = paint.getImageData(Math.round(x * width), Math.round(y * height), 8, 8);
      const sums = [0, 0, 0];
      data.forEach((value, at) => { if (at % 4 < 3) sums[at % 4] += value; });
      return sums.map((sum) => sum / 64);
    };
    const sum = paint.getImageData(0, 0, width, height).data.reduce((sum, value, at) => (sum * 31 + value * (at % 251)) % 1_000_003, 7);
    return { corner: colour(0.02, 0.02), face: colour(0.5, 0.42), sum };
  })));
}

async function downloaded(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  return readFileSync(await download.path());
}

test('the pages around it', async () => {
  const lead = await visitor(WIDE);
  await lead.goto(`${headroom.url}/signin`);
  await look(lead, 'around', 'signin');
  await lead.goto(`${headroom.url}/signin?with=password`);
  await look(lead, 'around', 'signin-password');
  await lead.getByLabel('Work e-mail').fill('ada@acme.test');
  await lead.getByLabel('Password').fill('wrong');
  await lead.getByRole('button', { name: 'Sign in' }).click();
  await lead.getByRole('alert').or(lead.locator('[aria-invalid=true]')).first().waitFor();
  await look(lead, 'around', 'signin-wrong');
  await lead.getByLabel('Password').fill('correct horse battery');
  await lead.getByRole('button', { name: 'Sign in' }).click();
  await lead.waitForURL('**/app/admin');
  for (const [name, path] of [['teams', '/app/admin/teams'], ['api', '/app/admin/api'], ['nothing-here', '/app/nothing']]) {
    await lead.goto(headroom.url + path);
    await look(lead, 'around', name);
  }
});

/** Signs a member of the demo in, by the link that is mailed to them. */
async function demoMember(demo, device, email) {
  const page = await visitor(device);
  await page.goto(`${demo.url}/team-access`);
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button').first().click();
  await page.getByText('Check your mail').waitFor();
  await signIn(page, (await mailTo(demo, email, /^Sign in to/)).text.match(/http:\/\/\S+\/auth\/link\/\S+/)[0]);
  return page;
}

function mailTo(demo, email, subject) {
  return until(async () => {
    const mails = await (await fetch(`${demo.url}/dev/outbox.json`)).json();
    return mails.find((mail) => mail.to === email && subject.test(mail.subject));
  }, `a mail to ${email}`);
}

test('someone in every state, at an organization with a colour', async () => {
  const demo = await start({ args: ['dev', '--seconds', '600'] });
  try {
    const lead = await visitor(WIDE);
    await signIn(lead, demo.said.ownerSignIn);
    const overlay = async (name, path, link) => {
      await lead.goto(demo.url + path);
      await lead.goto(new URL(await lead.getByRole('link', { name: link }).first().getAttribute('href'), demo.url).href);
      await look(lead, 'demo', name);
    };
    for (const [name, path] of [
      ['overview', '/app/admin'], ['members', '/app/admin/members'], ['members-none', '/app/admin/members?q=nobody'],
      ['invites', '/app/admin/invites'], ['invites-none', '/app/admin/invites?tab=expired'], ['invites-revoked', '/app/admin/invites?tab=revoked'],
      ['teams', '/app/admin/teams'], ['credits', '/app/admin/credits'], ['webhooks', '/dev/webhooks'], ['mails', '/dev/outbox'],
    ]) {
      await lead.goto(demo.url + path);
      await look(lead, 'demo', name);
    }
    await overlay('team-rename', '/app/admin/teams', /^Rename/);
    await overlay('key-delete', '/app/admin/api', /^Delete/);
    await lead.goto(`${demo.url}/app/admin/api`);
    await lead.getByLabel('Name').fill('HR sync');
    await lead.getByRole('button', { name: 'Make key' }).click();
    await lead.locator('#fresh-key').waitFor();
    await look(lead, 'demo', 'key-made');

    for (const [who, state] of [['carla', 'headshots'], ['sam', 'waiting'], ['priya', 'failed'], ['jonas', 'deleted'], ['mei', 'uploading']]) {
      const member = await demoMember(demo, PHONE, `${who}@northlight.example`);
      if (state === 'failed') assert.doesNotMatch(await member.locator('main').innerText(), /developing|We'll write/);
      await look(member, 'demo', `member-${state}`);
      if (state !== 'headshots') continue;
      await member.goto(`${demo.url}/app/admin`);
      await look(member, 'demo', 'member-refused');
    }

    const stranger = await visitor(PHONE);
    for (const [name, path] of [['link-unknown', `/auth/link/${'A'.repeat(43)}`], ['nothing-here', '/nothing'], ['sign-in-first', '/app/admin'], ['setup-over', '/setup']]) {
      await stranger.goto(demo.url + path);
      await look(stranger, 'demo', name);
    }
    const { html } = await mailTo(demo, 'ben@northlight.example', /^Your headshots at/);
    const reader = await visitor(PHONE); // a mail program knows nothing of the pages' policy
    await reader.setContent(html);
    await look(reader, 'demo', 'mail-invite');
    assert.deepEqual(complaints, []);
  } finally {
    await demo.stop();
  }
});
