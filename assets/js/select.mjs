// Several rows of a list at once: all of a page with one press, how many there are, and buttons only once there is someone
// to do something to. Without this, the boxes and buttons work as they are; the server says when nobody is selected.
// Rows may come and go while the page is open, so they are looked up each time.
import { many } from './words.mjs';

const boxesOf = (form) => {
  const rows = form.dataset.select ? document.querySelector(form.dataset.select) : form;
  return rows ? [...rows.querySelectorAll('tbody input[type=checkbox], .tiles input[type=checkbox]')] : [];
};

function show(form) {
  const every = form.querySelector('[data-select-all] input');
  const words = form.querySelector('[data-select-words]');
  const boxes = boxesOf(form);
  const chosen = boxes.filter((box) => box.checked).length;
  every.checked = chosen > 0 && chosen === boxes.length;
  every.indeterminate = chosen > 0 && chosen < boxes.length;
  every.closest('[data-select-all]').hidden = boxes.length === 0;
  const said = chosen === 0 ? words.dataset.none : many('{n} selected', '{n} selected', chosen);
  if (words.textContent !== said) words.textContent = said;
  for (const button of form.querySelectorAll('[data-select-button]')) button.disabled = chosen === 0;
}

const showAll = () => document.querySelectorAll('form[data-select]').forEach(show);

document.addEventListener('change', ({ target }) => {
  if (!target.matches('input[type=checkbox]')) return;
  const form = target.closest('[data-select-all]')?.closest('form[data-select]');
  if (form) for (const box of boxesOf(form)) box.checked = target.checked;
  showAll();
});

// Browsers bring the boxes back as they were left.
window.addEventListener('pageshow', showAll);
document.addEventListener('live', showAll);
showAll();
