// Photos go up as soon as they are dropped or picked, three at a time, each with its own progress and its own second try.
const AT_ONCE = 3;
const MOST_BYTES = 25 * 1024 * 1024;
const KINDS = ['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif'];

const zone = document.querySelector('[data-upload]');
if (zone) start(zone);

function start(zone) {
  const input = zone.querySelector('input[type=file]');
  const grid = document.querySelector(zone.dataset.uploadGrid);
  const tile = document.querySelector('template[data-upload-tile]');
  const most = Number(zone.dataset.uploadMost);
  const waiting = [];
  let underWay = 0;

  zone.querySelector('[data-upload-send]').hidden = true;
  zone.classList.add('live');

  input.addEventListener('change', () => {
    take(input.files);
    input.value = '';
  });

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

  addEventListener('beforeunload', (event) => { if (underWay || waiting.length) event.preventDefault(); });

  function take(files) {
    for (const file of files) {
      const item = tile.content.cloneNode(true).firstElementChild;
      item.querySelector('[data-name]').textContent = file.name;
      grid.append(item);
      grid.hidden = false;
      const job = { file, item };
      item.querySelector('[data-retry]').addEventListener('click', () => { clear(job); queue(job); });
      item.querySelector('[data-drop]').addEventListener('click', () => { item.remove(); count(); });

      if (good().length + waiting.length + underWay >= most) {
        fail(job, `Not added: ${most} photos is the most.`, false);
      } else if (file.type && !KINDS.includes(file.type)) {
        fail(job, 'Not added: it is no JPEG, PNG, WebP or HEIC.', false);
      } else if (file.size > MOST_BYTES) {
        fail(job, 'Not added: it is larger than 25 MB.', false);
      } else {
        queue(job);
      }
    }
    count();
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
    request.addEventListener('loadend', () => {
      underWay -= 1;
      const answer = request.response;
      if (request.status === 200 && answer?.id) {
        done(job, answer);
      } else if (request.status === 0) {
        fail(job, 'Not uploaded: the connection broke.', true);
      } else {
        fail(job, answer?.error ?? 'Not uploaded: the server could not take it.', request.status >= 500 || request.status === 429);
      }
      next();
      count();
    });
    request.send(body);
  }

  function done(job, photo) {
    const { item } = job;
    item.classList.remove('sending');
    item.dataset.photo = photo.id;
    const picture = item.querySelector('img');
    picture.src = photo.thumbnail;
    picture.alt = photo.name;
    picture.hidden = false;
    item.querySelector('progress').hidden = true;
    const remove = item.querySelector('form');
    remove.action = `${zone.dataset.upload}/${photo.id}/remove`;
    remove.hidden = false;
    remove.querySelector('button').setAttribute('aria-label', `Remove ${photo.name}`);
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
      place.textContent = n === 1 ? '1 photo' : `${n} photos`;
    }
    for (const button of document.querySelectorAll('[data-upload-continue]')) {
      button.setAttribute('aria-disabled', String(n === 0));
      if (n) button.href = button.dataset.uploadContinue;
      else button.removeAttribute('href');
    }
    grid.hidden = grid.children.length === 0;
  }

  // Removing needs no new page.
  grid.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    const item = form.closest('li');
    const button = form.querySelector('button');
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: 'POST', headers: { accept: 'application/json' } });
      if (!answer.ok) throw new Error(answer.status);
      (item.nextElementSibling ?? item.previousElementSibling)?.querySelector('form button')?.focus();
      item.remove();
      count();
    } catch {
      button.disabled = false;
      form.submit();
    }
  });
}
