// What was asked for can be undone while a line runs down. Then this says what became of it, here and where it stands.
import { t } from './words.mjs';

/** How often the server is asked once the time is over, in milliseconds; a busy one may be late. */
const AGAIN = 700;
const TIMES = 20;

const wait = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

/** What became of it; nothing if that can't be learnt. */
async function became(address) {
  for (let time = 0; time < TIMES; time += 1) {
    try {
      const answer = await fetch(address, { headers: { accept: 'application/json' } });
      if (!answer.ok) return null;
      const told = await answer.json();
      if (told.state !== 'waiting') return told;
    } catch {
      return null;
    }
    await wait(AGAIN);
  }
  return null;
}

/** Takes a button away without losing the place of whoever is on it. */
function without(form, place) {
  const focused = form.contains(document.activeElement);
  form.remove();
  if (focused) {
    place.tabIndex = -1;
    place.focus();
  }
}

for (const toast of document.querySelectorAll('.toast[data-undo]')) {
  const words = toast.querySelector('[role=status]');
  const form = toast.querySelector('form');
  const line = toast.querySelector('.run-down');
  const { undo: id, left, whole } = toast.dataset;

  // A sentence that is there from the start isn't announced; one that is put in is.
  const sentence = words.textContent;
  words.textContent = '';
  setTimeout(() => { words.textContent = sentence; }, 100);

  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
    line.hidden = false;
    line.animate(
      [{ transform: `scaleX(${Math.min(1, left / whole)})` }, { transform: 'scaleX(0)' }],
      { duration: Number(left), fill: 'forwards' },
    );
  }

  wait(Number(left) + 150).then(async () => {
    const told = await became(form.action);
    if (!told) return;
    words.textContent = told.words;
    line.hidden = true;
    without(form, words);
    for (const going of document.querySelectorAll(`[data-going="${id}"]`)) {
      const mark = going.querySelector('[data-going-words]');
      mark.textContent = told.state === 'done' ? going.dataset.done : t('Still here');
      for (const button of going.querySelectorAll('form, button')) without(button, mark);
    }
  });
}
