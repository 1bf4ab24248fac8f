// Shows how an edit would look while it is made. Without it, a button does.
import { number, t } from './words.mjs';

const form = document.querySelector('[data-edit]');
if (form) {
  const picture = form.querySelector('[data-edit-picture]');
  const stage = form.querySelector('[data-edit-stage]');
  const status = form.querySelector('[data-edit-status]');
  const dials = [...form.querySelectorAll('input[type=range]')];
  const backdrops = [...form.querySelectorAll('input[name=backdrop]')];
  const was = backdrops.find((input) => input.defaultChecked)?.value;
  const untouched = () => dials.every((dial) => Number(dial.value) === Number(dial.dataset.editWas)) &&
    (backdrops.find((input) => input.checked)?.value ?? was) === was;

  form.querySelector('[data-edit-look]').hidden = true;

  // One request is under way at a time; of all that changes meanwhile, only the newest is asked for.
  let busy = false;
  let wanted = null;
  let blob = null;

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  function changed() {
    for (const dial of dials) {
      const output = form.querySelector(`output[for="${dial.id}"]`);
      output.textContent = `${number(Number(dial.value))} ${output.dataset.editUnit}`;
    }
    wanted = untouched() ? '' : new URLSearchParams(new FormData(form)).toString();
    if (!busy) draw();
  }

  async function draw() {
    busy = true;
    while (wanted !== null) {
      const query = wanted;
      wanted = null;
      try {
        await showing(query);
        status.textContent = '';
      } catch {
        status.textContent = t('The preview could not be made. What you set is kept; move a slider to try again.');
      }
    }
    busy = false;
  }

  async function showing(query) {
    if (query === '') {
      put(picture.dataset.editOriginal, null);
      return;
    }
    for (;;) {
      const answer = await fetch(`${form.dataset.editPreview}?${query}`, { credentials: 'same-origin' });
      if (answer.status === 429) {
        // Something newer may be wanted by then.
        await wait(1000 * (Number(answer.headers.get('retry-after')) || 1));
        if (wanted !== null) return;
        continue;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const url = URL.createObjectURL(await answer.blob());
      put(url, url);
      await picture.decode().catch(() => {});
      return;
    }
  }

  function put(source, made) {
    const before = blob;
    picture.src = source;
    blob = made;
    picture.dataset.editShown = made ? 'preview' : 'original';
    if (before) URL.revokeObjectURL(before);
  }

  form.addEventListener('input', changed);

  form.querySelector('[data-edit-reset]').addEventListener('click', (event) => {
    event.preventDefault();
    for (const dial of dials) dial.value = dial.dataset.editWas;
    for (const backdrop of backdrops) backdrop.checked = backdrop.value === was;
    changed();
  });

  // The picture itself is moved by pointer, or by keys once it has the focus.
  const x = form.elements.namedItem('x');
  const y = form.elements.namedItem('y');
  if (x && y) {
    stage.dataset.editMoves = '';
    stage.tabIndex = 0;
    stage.setAttribute('role', 'group');
    stage.setAttribute('aria-label', t('The picture. Drag it, or press the arrow keys, to move the person.'));
    let held = null;
    stage.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      held = { at: [event.clientX, event.clientY], from: [Number(x.value), Number(y.value)] };
      stage.setPointerCapture(event.pointerId);
      event.preventDefault();
      stage.focus({ preventScroll: true });
    });
    stage.addEventListener('pointermove', (event) => {
      if (!held) return;
      const { width, height } = picture.getBoundingClientRect();
      x.value = String(held.from[0] + ((event.clientX - held.at[0]) / width) * 100);
      y.value = String(held.from[1] + ((event.clientY - held.at[1]) / height) * 100);
      changed();
    });
    for (const end of ['pointerup', 'pointercancel']) stage.addEventListener(end, () => { held = null; });
    const KEYS = { ArrowLeft: [x, -1], ArrowRight: [x, 1], ArrowUp: [y, -1], ArrowDown: [y, 1] };
    stage.addEventListener('keydown', (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || !KEYS[event.key]) return;
      const [dial, way] = KEYS[event.key];
      dial.value = String(Number(dial.value) + way * (event.shiftKey ? 5 : 1));
      event.preventDefault();
      changed();
    });
  }
}
