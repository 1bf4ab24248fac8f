// Sends a large file piece by piece. Whatever breaks in between, it asks what is there and goes on from that: nothing is sent
// twice, also not after a reload or on another visit.
const PIECE = 1024 * 1024;
const LONGEST_PIECE = 90_000; // a piece that takes longer has met a dead connection
const MOST_TRIES = 8; // in a row, without anything getting through
const json = { accept: 'application/json' };

/** What the server refuses, in its words. */
export class Refused extends Error {}

/**
 * Sends `file` to where `address` announces uploads. `told` hears how much is there, 0 to 1,
 * and of which upload. The answer is what the server says
 * of the photo; nothing if it was there already.
 */
export async function inPieces(file, address, { told, signal }) {
  let place, id, at = 0, tries = 0, sentAll = false, unsure = false;
  for (;;) {
    try {
      if (!place) {
        const begun = await answered(fetch(address, {
          method: 'POST',
          headers: { ...json, 'content-type': 'application/json' },
          body: JSON.stringify({ name: file.name, size: file.size, mark: `${file.name}:${file.size}:${file.lastModified}` }),
          signal: limited(signal),
        }));
        [id, place, at] = [begun.id, `${address}/${begun.id}`, begun.received];
        told(at / file.size, id);
      }
      // After a break nobody knows what of the last piece came through: an empty one asks.
      const piece = file.slice(at, unsure ? at : at + PIECE);
      sentAll ||= at + piece.size >= file.size;
      const answer = await answered(fetch(`${place}?offset=${at}`, {
        method: 'PATCH', headers: { ...json, 'content-type': 'application/octet-stream' }, body: piece, signal: limited(signal),
      }));
      [tries, unsure] = [0, false];
      if (answer.id) return answer;
      at = answer.received;
      told(at / file.size, id);
    } catch (error) {
      if (signal.aborted || error instanceof Refused) throw error;
      // The answer to the last piece was lost on the way: the photo is there, and the upload is over.
      if (error.status === 404 && sentAll) return undefined;
      if (error.received > at) {
        [at, tries, unsure] = [error.received, 0, false];
        continue;
      }
      if (error.status === 404 || error.status === 409) [place, at] = [undefined, 0];
      unsure = Boolean(place);
      tries += 1;
      if (tries > MOST_TRIES) throw error;
      await pause(tries, error.after, signal);
    }
  }
}

async function answered(request) {
  const answer = await request;
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const { status } = answer;
  const error = status >= 500 || [404, 408, 409, 429].includes(status) ? new Error(said.error) : new Refused(said.error);
  throw Object.assign(error, { status, received: said.received, after: Number(answer.headers.get('retry-after')) });
}

function limited(signal) {
  return AbortSignal.any([signal, AbortSignal.timeout(LONGEST_PIECE)]);
}

/** Longer each time, but over at once when the connection is back. Offline, there is no use in trying. */
function pause(tries, after, signal) {
  return new Promise((resolve) => {
    const end = () => { clearTimeout(timer); removeEventListener('online', end); signal.removeEventListener('abort', end); resolve(); };
    const wait = Math.max((after || 0) * 1000, Math.min(30_000, 400 * 2 ** tries) * (0.75 + Math.random() / 2));
    const timer = setTimeout(end, navigator.onLine ? wait : 60_000);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}
