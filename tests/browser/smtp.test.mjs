// Mail over a real SMTP server: it accepts, defers, refuses, hangs and hangs up; and the sender is killed in the middle.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { browser, command, directory, signIn, start, until } from './headroom.mjs';
import { look } from './look.mjs';

let chromium;
before(async () => { chromium = await browser(); });
after(() => chromium.close());

/** A mail server; `answer` decides on each mail: nothing takes it, an error refuses it, a promise holds it. */
async function mailServer(answer = () => {}) {
  const mails = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    async onData(stream, session, callback) {
      const mail = await simpleParser(stream);
      mail.attempt = mails.filter((other) => other.messageId === mail.messageId).length + 1;
      mails.push(mail);
      try {
        await answer(mail, session);
        callback();
      } catch (error) {
        callback(error);
      }
    },
  });
  server.on('error', () => {});
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address();
  return { url: `smtp://127.0.0.1:${port}`, mails, close: () => new Promise((resolve) => server.close(resolve)) };
}

const refusal = (responseCode, message) => Object.assign(new Error(message), { responseCode });

async function invite(headroom, email) {
  const answer = await fetch(`${headroom.url}/api/v2/organization/invites`, {
    method: 'POST',
    headers: { authorization: `Bearer ${headroom.said.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

function advance(headroom, span) {
  return fetch(`${headroom.url}/dev/clock`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advance: span }),
  });
}

/** The page of invites that were not delivered, as the owner reads it. */
async function undelivered(headroom) {
  const page = await (await chromium.newContext()).newPage();
  await signIn(page, headroom.said.ownerSignIn);
  await page.goto(`${headroom.url}/app/admin/invites?tab=not-delivered`);
  return { page, words: () => page.locator('main').innerText() };
}

async function scene(answer, play) {
  const mail = await mailServer(answer);
  const headroom = await start({ env: { HEADROOM_SMTP_URL: mail.url } });
  try {
    await play(headroom, mail);
  } finally {
    await headroom.stop();
    await mail.close();
  }
}

const to = (address) => (mail) => mail.to.text === address;

test('an invite arrives as text and HTML with the same link, a code, and a sensible head', () =>
  scene(undefined, async (headroom, { mails }) => {
    await invite(headroom, 'kim@acme.test');
    const mail = await until(() => mails.find(to('kim@acme.test')), 'the invite');
    const link = mail.text.match(/http:\/\/\S+\/auth\/link\/\S+/)[0];
    assert.ok(mail.html.includes(link), 'both parts lead to the same place');
    assert.match(mail.text, /\b\d{3} \d{3}\b/);
    assert.match(mail.messageId, /^<[0-9a-f]{24}@localhost>$/);
    assert.match(mail.subject, /^Your headshots at /);
    const page = await (await chromium.newContext()).newPage();
    await signIn(page, link);
    assert.match(new URL(page.url()).pathname, /^\/team-member\/onboarding/);
  }));

test('a mail that is deferred is tried again and arrives', () =>
  scene((mail) => {
    if (mail.to.text === 'kim@acme.test' && mail.attempt < 3) throw refusal(451, 'Greylisted, come back later');
  }, async (headroom, { mails }) => {
    await invite(headroom, 'kim@acme.test');
    for (const attempt of [1, 2, 3]) {
      await until(() => mails.filter(to('kim@acme.test')).length >= attempt, `attempt ${attempt}`);
      // Moved until the next attempt is due: the pause between two is for the server to choose.
      if (attempt < 3) await until(async () => { await advance(headroom, '15s'); return mails.filter(to('kim@acme.test')).length > attempt; }, 'the next attempt');
    }
    const ids = new Set(mails.filter(to('kim@acme.test')).map((mail) => mail.messageId));
    assert.equal(ids.size, 1, 'mail programs show it once');
  }));

test('a mail that is refused is not tried again, and the page says so in the mail server\'s words', () =>
  scene((mail) => {
    if (mail.to.text === 'kim@acme.test') throw refusal(550, 'No such user here');
  }, async (headroom, { mails }) => {
    await invite(headroom, 'kim@acme.test');
    await until(() => mails.find(to('kim@acme.test')), 'the attempt');
    const { page, words } = await undelivered(headroom);
    const said = await until(async () => {
      await page.reload();
      const text = await words();
      return text.includes('kim@acme.test') && text;
    }, 'the page to say so');
    assert.match(said, /No such user here/);
    await advance(headroom, '2h');
    assert.equal(mails.filter(to('kim@acme.test')).length, 1);
  }));

test('a refused invite is sent again from the page once the mail server has recovered, and arrives', () => {
  let broken = true;
  return scene((mail) => {
    if (broken && mail.to.text === 'kim@acme.test') throw refusal(550, 'Mailbox is full');
  }, async (headroom, { mails }) => {
    await invite(headroom, 'kim@acme.test');
    await until(() => mails.find(to('kim@acme.test')), 'the attempt');
    const { page } = await undelivered(headroom);
    const row = page.getByRole('row').filter({ hasText: 'kim@acme.test' });
    await until(async () => { await page.reload(); return await row.count() === 1; }, 'the page to say so');
    assert.match(await row.innerText(), /The mail did not arrive\..+Mailbox is full/s);
    await page.goto(`${headroom.url}/app/admin`);
    await page.getByText('No mail reached kim@acme.test').waitFor();

    broken = false;
    await page.goto(`${headroom.url}/app/admin/invites?tab=not-delivered`);
    await page.getByRole('button', { name: 'Send again to kim@acme.test' }).click();
    const arrived = await until(() => mails.filter(to('kim@acme.test'))[1], 'the second mail');
    assert.notEqual(arrived.messageId, mails.find(to('kim@acme.test')).messageId, 'it is another mail');
    await until(async () => { await page.reload(); return await row.count() === 0; }, 'the row to go');
    const guest = await (await chromium.newContext()).newPage();
    await signIn(guest, arrived.text.match(/http:\/\/\S+\/auth\/link\/\S+/)[0]);
    assert.match(new URL(guest.url()).pathname, /^\/team-member\/onboarding/);
  });
});

test('a deferred invite says that it is tried again, and a wrong address is corrected in place', () =>
  scene((mail) => {
    if (mail.to.text === 'slow@acme.test' && mail.attempt === 1) throw refusal(451, 'Come back later');
    if (mail.to.text === 'kim@acme.tset') throw refusal(550, 'No such domain');
  }, async (headroom, { mails }) => {
    await invite(headroom, 'slow@acme.test');
    await invite(headroom, 'kim@acme.tset');
    const { page } = await undelivered(headroom);
    const row = (email) => page.getByRole('row').filter({ hasText: email });
    await until(async () => { await page.reload(); return await row('acme.t').count() === 2; }, 'both to be listed');
    assert.match(await row('slow@acme.test').innerText(), /tried again by itself/);
    assert.match(await row('kim@acme.tset').innerText(), /No such domain/);
    await look(page, 'people', 'not-delivered');

    await page.getByRole('link', { name: 'Correct the address kim@acme.tset' }).click();
    await look(page, 'people', 'correct');
    await page.getByLabel('Right address').fill('kim@acme.test');
    await page.getByRole('button', { name: 'Invite this address' }).click();
    await page.getByText('Invited kim@acme.test instead.').waitFor();
    await until(() => mails.some(to('kim@acme.test')), 'the invite to the right address');
    await until(async () => { await advance(headroom, '15s'); return mails.filter(to('slow@acme.test')).length === 2; }, 'the second attempt');
    await until(async () => { await page.reload(); return await row('acme.t').count() === 0; }, 'the list to empty');
  }));

test('a server that hangs up in the middle gets the mail again', () => {
  let times = 0;
  return scene((mail, session) => {
    if (mail.to.text !== 'kim@acme.test' || (times += 1) > 1) return undefined;
    throw refusal(421, `Closing connection ${session.id}`);
  }, async (headroom, { mails }) => {
    await invite(headroom, 'kim@acme.test');
    await until(() => mails.some(to('kim@acme.test')), 'the first attempt');
    await until(async () => { await advance(headroom, '15s'); return mails.filter(to('kim@acme.test')).length === 2; }, 'the second attempt');
  });
});

test('a server that falls silent holds nobody up for good', () => {
  const silence = new Promise(() => {});
  return scene((mail) => (mail.to.text === 'silent@acme.test' && mail.attempt === 1 ? silence : undefined), async (headroom, { mails }) => {
    await invite(headroom, 'silent@acme.test');
    await until(() => mails.some(to('silent@acme.test')), 'the first attempt');
    await invite(headroom, 'kim@acme.test');
    await until(() => mails.some(to('kim@acme.test')), 'another mail meanwhile');
    const { page, words } = await undelivered(headroom);
    const said = await until(async () => {
      await page.reload();
      const text = await words();
      return text.includes('silent@acme.test') && text;
    }, 'our own time-out', 60_000);
    assert.match(said, /did not answer/);
  });
});

test('killed between the send and the note of it, it sends the same mail again under the same id', async () => {
  const data = directory();
  let taken;
  const mail = await mailServer((one) => (one.attempt === 1 ? new Promise(() => {}) : taken(one)));
  const again = new Promise((resolve) => { taken = resolve; });
  try {
    command(data.path, 'org', 'create', '--name', 'Acme', '--owner', 'ada@acme.test', '--credits', '5');
    const env = { HEADROOM_SMTP_URL: mail.url };
    const args = ['serve', '--data', data.path];
    const first = await start({ args, env, cwd: data.path });
    command(data.path, 'invite', 'send', '--org', 'Acme', 'kim@acme.test');
    await until(() => mail.mails.length === 1, 'the mail server to hold the mail');
    await first.kill();
    const second = await start({ args, env, cwd: data.path });
    await again;
    const [one, two] = mail.mails;
    assert.equal(one.messageId, two.messageId);
    const page = await (await chromium.newContext()).newPage();
    const link = one.text.match(/http:\/\/\S+(\/auth\/link\/\S+)/)[1];
    await signIn(page, second.url + link);
    assert.match(new URL(page.url()).pathname, /^\/team-member\/onboarding/, 'the link of the first one works as well');
    await second.stop();
  } finally {
    await mail.close();
    data.done();
  }
});
