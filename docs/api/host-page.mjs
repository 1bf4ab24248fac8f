// The smallest product with headshots inside: one page, one webhook endpoint. Needs Node 20 and nothing else.
//
//   HEADROOM_URL=http://127.0.0.1:8080 HEADROOM_KEY=hr_… node host-page.mjs
//
// The key stays in this program. The browser gets a signed URL, which lets in one person for a day.
import { createServer } from 'node:http';

const { HEADROOM_URL, HEADROOM_KEY, PORT = '3000' } = process.env;
if (!HEADROOM_URL || !HEADROOM_KEY) {
  console.error('Set HEADROOM_URL and HEADROOM_KEY, then start again.');
  process.exit(2);
}

// Your product knows who is signed in, and keeps the id of the person's model beside the person. Here it is one person, and a
// variable that forgets when the program ends.
const user = { name: 'Kim Lee', email: `kim+${Date.now()}@example.com`, modelId: null };

async function headroom(method, path, body) {
  const answer = await fetch(`${HEADROOM_URL}/api/v2/organization/whitelabel${path}`, {
    method,
    headers: { Authorization: `Bearer ${HEADROOM_KEY}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const reply = await answer.json();
  if (!reply.success) throw new Error(`${reply.code}: ${reply.error}`);
  return reply;
}

/** The person's model, made at the first visit. Each visit gets a new signed URL. */
async function modelOf(person) {
  if (person.modelId) return headroom('GET', `/model/get/${person.modelId}`);
  // isDevelopment: test data, for no credit. Leave it out for real headshots.
  const model = await headroom('POST', '/model/create', { email: person.email, isDevelopment: true });
  person.modelId = model.modelId;
  return model;
}

const escape = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

const page = ({ status, signedUrl }) => `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>My product</title>
  <style>body { margin: 0; font: 1rem sans-serif } header { padding: 1rem } iframe { width: 100%; height: 85vh; border: 0 }</style>
  <header>Your headshots, ${escape(user.name)} (<output>${escape(status)}</output>)</header>
  <iframe src="${escape(signedUrl)}" title="Headshots" allow="camera"></iframe>
  <script>
    // The frame tells how things stand. It is for showing only: what is true the webhook says.
    addEventListener('message', ({ origin, data }) => {
      if (origin !== ${JSON.stringify(new URL(signedUrl).origin)} || data.schema !== 'headshots' || data.version !== 1) return;
      if (data.event === 'model.status.updated') document.querySelector('output').textContent = data.model.status;
      if (data.event === 'page.resized') document.querySelector('iframe').style.height = data.height + 'px';
      if (data.event === 'session.ended') location.reload();
    });
  </script>
</html>
`;

/** Anyone can post here, so what is posted says only which model to look at. What is true of it, the API says. */
async function hear(request) {
  let body = '';
  for await (const part of request) {
    body += part;
    if (body.length > 100_000) return 413;
  }
  let event;
  try {
    event = JSON.parse(body);
  } catch {
    return 400;
  }
  if (user.modelId && event?.object?._id === user.modelId) {
    const { status } = await headroom('GET', `/model/get/${user.modelId}`);
    console.log(`${user.name}: ${status}`);
  }
  return 204;
}

const server = createServer(async (request, answer) => {
  try {
    if (request.method === 'POST' && request.url === '/webhooks') {
      answer.writeHead(await hear(request)).end();
    } else if (request.method === 'GET' && request.url === '/') {
      // The signed URL is the person's own: no cache may keep it.
      const html = page(await modelOf(user));
      answer.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }).end(html);
    } else {
      answer.writeHead(404).end();
    }
  } catch (error) {
    console.error(error.message);
    answer.writeHead(502, { 'Content-Type': 'text/plain' }).end('Headshots can\'t be shown right now.');
  }
});

server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
