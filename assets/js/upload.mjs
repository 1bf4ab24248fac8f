// Photos go up as soon as they are dropped or picked, three at a time, each with its own progress and its own second try.
import { many, t } from './words.mjs';

const AT_ONCE = 3;
const LARGE = 2 * 1024 * 1024; // from here on in pieces, so that what is there is not sent again
const PREVIEW = 320; // pixels
const MOST_BYTES = 25 * 1024 * 1024;

const json = { accept: 'application/json' };

const zone = document.querySelector('[data-upload]');
if (zone) start(zone);

function start(zone) {
  const input = zone.querySelector('input[type=file]');
  const grid = document.querySelector(zone.dataset.uploadGrid);
  const tile = document.querySelector('template[data-upload-tile]');
  const most = Number(zone.dataset.uploadMost);
  const summary = document.querySelector('[data-upload-summary]');
  const said = document.querySelector('[data-upload-said]');
  const picker = Object.assign(document.createElement('input'), { type: 'file', accept: input.accept });
  const waiting = [];
  let underWay = 0;
  // How often the grid was changed here, so that an older answer of the server doesn't undo it.
  let changes = 0;
  // What the server said of all photos, by how many there were: replies overtake each other.
  const standings = new Map();
  let latest;
  // What it said of each photo last, and when all photos were how many.
  const cards = new Map();
  // What is to be read out once nothing is under way any more.
  let news = [];

  zone.querySelector('[data-upload-send]').hidden = true;
  zone.classList.add('live');
  grid.classList.add('live');

  const pick = () => {
    take(input.files);
    input.value = '';
  };
  input.addEventListener('change', pick);

  // The whole page takes a drop: a miss by a few pixels must not open the file instead.
  let depth = 0;
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    zone.classList.add('over');
  });
  addEventListener('dragleave', () => {
    depth = Math.max(0, depth - 1);
    if (!depth) zone.classList.remove('over');
  });
  addEventListener('dragover', (event) => { if (hasFiles(event)) event.preventDefault(); });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    zone.classList.remove('over');
    take(event.dataTransfer.files);
  });
  // From the camera.
  document.addEventListener('photos', (event) => take(event.detail));

  addEventListener('beforeunload', (event) => { if (underWay || waiting.length) event.preventDefault(); });

  // `instead` is the card of a photo that goes once the new one is there.
  function take(files, instead) {
    for (const file of files) {
      const item = tile.content.cloneNode(true).firstElementChild;
      item.querySelector('[data-name]').textContent = file.name;
      item.querySelector('[data-drop]').ariaLabel = t('Remove {file}', { file: file.name });
      if (instead) instead.before(item);
      else grid.append(item);
      grid.hidden = false;
      const job = { file, item, instead, stop: new AbortController() };
      item.querySelector('[data-retry]').addEventListener('click', () => { clear(job); queue(job); });
      item.querySelector('[data-drop]').addEventListener('click', () => drop(job));

      if (good().length + waiting.length + underWay >= most + (instead ? 1 : 0)) {
        fail(job, t('Not added: there can be {most} photos at most.', { most }), false);
      } else if (file.size > MOST_BYTES) {
        // Of what a file is, a browser knows its name, and the server its first bytes: what may be small enough goes there. Of what is
        // too large anyhow, a film say, the name tells which reason helps.
        const isPicture = !file.type || file.type.startsWith('image/');
        fail(job, isPicture ? t('Not added: it is larger than 25 MB.') : t('Not added: this is not a JPEG, PNG, WebP or HEIC file.'), false);
      } else {
        preview(job);
        // The server takes no more than so many: of as many as that, the one that is replaced goes first.
        if (instead && good().length >= most) change(instead.querySelector('.picture form')).then((gone) => {
          if (gone && !job.stop.signal.aborted) queue(job);
        });
        else queue(job);
      }
    }
    count();
  }

  // Takes a file back: one that waits, one on its way, or one that failed. What was there of it goes too.
  function drop(job) {
    job.stop.abort();
    const place = waiting.indexOf(job);
    if (place >= 0) waiting.splice(place, 1);
    if (job.upload) fetch(`${zone.dataset.uploadPieces}/${job.upload}/discard`, { method: 'POST', headers: json }).catch(() => {});
    job.item.remove();
    count();
  }

  // Small, one after the other, and decoded beside the page: thirty large photos at once would stop it.
  let previews = Promise.resolve();
  function preview({ file, item }) {
    previews = previews.then(async () => {
      if (!item.isConnected) return;
      const small = await createImageBitmap(file, { resizeWidth: PREVIEW, resizeQuality: 'low' });
      const canvas = item.querySelector('[data-preview]');
      [canvas.width, canvas.height] = [small.width, small.height];
      canvas.getContext('bitmaprenderer').transferFromImageBitmap(small);
      canvas.hidden = false;
    }).catch(() => {}); // HEIC, say, which not every browser can show
  }

  function queue(job) {
    waiting.push(job);
    next();
  }

  function next() {
    while (underWay < AT_ONCE && waiting.length) send(waiting.shift());
  }

  function send(job) {
    underWay += 1;
    job.stop = new AbortController();
    if (job.file.size > LARGE) {
      sendInPieces(job).finally(over);
      return;
    }
    const bar = job.item.querySelector('progress');
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append('photo', job.file, job.file.name);
    request.open('POST', zone.dataset.upload);
    request.setRequestHeader('accept', 'application/json');
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    job.stop.signal.addEventListener('abort', () => request.abort());
    request.addEventListener('loadend', () => {
      const answer = request.response;
      if (job.stop.signal.aborted) {
        over();
        return;
      }
      if (request.status === 200 && answer?.id) {
        done(job, answer);
      } else if (request.status === 0) {
        fail(job, t('Not uploaded: the connection broke.'), true);
      } else {
        fail(job, answer?.error ?? t('Not uploaded: the server could not take it.'), request.status >= 500 || request.status === 429);
      }
      over();
    });
    request.send(body);
  }

  function over() {
    underWay -= 1;
    next();
    count();
    tell();
  }

  async function sendInPieces(job) {
    const bar = job.item.querySelector('progress');
    let Refused;
    try {
      const sender = await import(zone.dataset.uploadSender);
      ({ Refused } = sender);
      const answer = await sender.inPieces(job.file, zone.dataset.uploadPieces, {
        told: (part, id) => { bar.value = part; job.upload = id; unfinished(id); },
        signal: job.stop.signal,
      });
      job.upload = undefined;
      if (answer) {
        done(job, answer);
      } else {
        job.item.remove();
        await refresh();
      }
    } catch (error) {
      if (job.stop.signal.aborted) return;
      const refused = Refused && error instanceof Refused;
      if (refused) job.upload = undefined;
      fail(job, refused ? error.message || t('Not uploaded: the server could not take it.') : t('Not uploaded: the connection broke. What has arrived is kept for a day.'), !refused);
    }
  }

  // The line about an upload of an earlier visit goes once it goes on.
  function unfinished(id) {
    const line = document.querySelector(`[data-unfinished="${id}"]`);
    if (!line) return;
    const list = line.parentElement;
    line.remove();
    if (!list.children.length) list.remove();
  }

  function done(job, photo) {
    changes += 1;
    // The server's events may have been faster.
    grid.querySelector(`[data-photo="${photo.id}"]`)?.remove();
    const { photos } = photo.standing;
    job.item.replaceWith(card(newest(photo, photos)));
    show(photo.others.map((other) => newest(other, photos)));
    stands(photo.standing);
    if (photo.words) news.push(`${photo.name}: ${photo.words}`);
    // By its id: the card itself may have been replaced meanwhile.
    const old = job.instead && grid.querySelector(`[data-photo="${job.instead.dataset.photo}"]`);
    if (old) change(old.querySelector('.picture form'));
  }

  function card(photo) {
    const holder = document.createElement('template');
    holder.innerHTML = photo.html;
    return holder.content.firstElementChild;
  }

  // A reply that was overtaken knows less than the one that did.
  function newest(photo, photos) {
    const known = cards.get(photo.id);
    if (known?.photos > photos) return known.photo;
    cards.set(photo.id, { photo, photos });
    return photo;
  }

  function stands(standing) {
    latest = standing;
    standings.set(standing.photos, standing);
  }

  // Once, when all is done, and not one by one.
  function tell() {
    if (underWay || waiting.length || !latest) return;
    said.textContent = [...(news.length > 3 ? [] : news), latest.summary].join(' ');
    news = [];
  }

  function fail(job, words, again) {
    const { item } = job;
    item.classList.remove('sending');
    item.classList.add('failed');
    item.querySelector('progress').hidden = true;
    item.querySelector('[data-failure]').hidden = false;
    item.querySelector('[data-words]').textContent = words;
    item.querySelector('[data-retry]').hidden = !again;
  }

  function clear({ item }) {
    item.classList.remove('failed');
    item.classList.add('sending');
    item.querySelector('[data-failure]').hidden = true;
    const bar = item.querySelector('progress');
    bar.hidden = false;
    bar.removeAttribute('value');
  }

  function good() {
    return grid.querySelectorAll('[data-photo]');
  }

  function count() {
    const n = good().length;
    for (const place of document.querySelectorAll('[data-upload-count]')) {
      place.textContent = many('{n} photo', '{n} photos', n);
    }
    grid.hidden = grid.children.length === 0;
    for (const room of document.querySelectorAll('[data-upload-room]')) room.hidden = n >= most;
    document.querySelector('[data-upload-full]').hidden = n < most;
    const standing = standings.get(n) ?? (underWay || waiting.length ? undefined : latest);
    if (!standing) return;
    summary.textContent = standing.summary;
    summary.hidden = !standing.summary;
    summary.classList.toggle('bad', !standing.enough);
    for (const button of document.querySelectorAll('[data-upload-continue]')) {
      button.setAttribute('aria-disabled', String(!standing.enough));
      if (standing.enough) button.href = button.dataset.uploadContinue;
      else button.removeAttribute('href');
    }
  }

  // Removing and allowing need no new page.
  grid.addEventListener('submit', (event) => {
    event.preventDefault();
    change(event.target, true);
  });

  // Whether it was done; otherwise the whole page comes anew.
  async function change(form, pressed) {
    const item = form.closest('li');
    const button = form.querySelector('button');
    const body = new URLSearchParams(new FormData(form));
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'application/json' }, body });
      if (!answer.ok) throw new Error(answer.status);
      const { photos, standing } = await answer.json();
      changes += 1;
      cards.clear();
      show(photos);
      leave(photos, item.dataset.photo, pressed);
      stands(standing);
      count();
      tell();
      return true;
    } catch {
      button.disabled = false;
      form.submit();
      return false;
    }
  }

  // Puts what is new on the cards, each where it is: nothing jumps.
  function show(photos) {
    for (const photo of photos) {
      const old = grid.querySelector(`[data-photo="${photo.id}"]`);
      const fresh = card(photo);
      if (old && verdict(old) !== verdict(fresh)) old.replaceWith(fresh);
    }
  }

  function verdict(item) {
    return item.querySelector('.verdict')?.textContent.trim();
  }

  // The card of what was pressed goes if its photo did. The focus stays where it was, or goes to the next photo.
  function leave(photos, pressed, focus) {
    const item = grid.querySelector(`[data-photo="${pressed}"]`);
    if (photos.some((photo) => photo.id === pressed)) {
      if (focus && !item.contains(document.activeElement)) item.querySelector('.verdict button')?.focus();
      return;
    }
    if (focus) (item?.nextElementSibling ?? item?.previousElementSibling)?.querySelector('form button')?.focus();
    item?.remove();
  }

  // Another photo in the place of one.
  let replaced;
  grid.addEventListener('click', (event) => {
    if (!event.target.closest('[data-replace]')) return;
    replaced = event.target.closest('li');
    picker.click();
  });
  picker.addEventListener('change', () => {
    take(picker.files, replaced);
    picker.value = '';
  });

  // What is added, removed or judged elsewhere, say on the phone of the same person, shows here without loading the page again.
  const source = new EventSource(zone.dataset.uploadEvents);
  source.addEventListener('message', ({ data }) => {
    const told = JSON.parse(data);
    if (told.next) {
      source.close();
      if (!underWay && !waiting.length) location.assign(told.next);
      return;
    }
    refresh();
  });

  let refreshing, again = false;
  function refresh() {
    if (refreshing) { again = true; return refreshing; }
    refreshing = (async () => {
      do {
        again = false;
        const before = changes;
        const answer = await fetch(zone.dataset.upload, { headers: json }).catch(() => undefined);
        if (!answer?.ok) break;
        const { photos, standing } = await answer.json();
        // Something was changed here meanwhile: what was said is old.
        if (before !== changes) again = true;
        else match(photos, standing);
      } while (again);
      refreshing = undefined;
    })();
    return refreshing;
  }

  // Makes the cards those of the server, each where it is.
  function match(photos, standing) {
    const there = new Set(photos.map((photo) => photo.id));
    for (const one of good()) if (!there.has(one.dataset.photo)) one.remove();
    for (const photo of photos) if (!grid.querySelector(`[data-photo="${photo.id}"]`)) grid.append(card(photo));
    cards.clear();
    show(photos);
    standings.clear();
    stands(standing);
    count();
  }

  // What was picked before this ran.
  if (input.files.length) pick();
}
