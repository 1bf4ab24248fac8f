// Several rows of a list at once: all of a page with one press, how many there are, and buttons only once there is someone
// to do something to. Without this, the boxes and buttons work as they are; the server says when nobody is selected.
for (const form of document.querySelectorAll('form[data-select]')) {
  const all = form.querySelector('[data-select-all]');
  const words = form.querySelector('[data-select-words]');
  const every = all.querySelector('input');
  const rows = form.dataset.select ? document.querySelector(form.dataset.select) : form;
  const boxes = [...rows.querySelectorAll('tbody input[type=checkbox], .tiles input[type=checkbox]')];
  const buttons = [...form.querySelectorAll('[data-select-button]')];

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    every.checked = chosen > 0 && chosen === boxes.length;
    every.indeterminate = chosen > 0 && chosen < boxes.length;
    words.textContent = chosen === 0 ? words.dataset.none : `${chosen} selected`;
    for (const button of buttons) button.disabled = chosen === 0;
  };

  every.addEventListener('change', () => {
    for (const box of boxes) box.checked = every.checked;
    show();
  });
  for (const box of boxes) box.addEventListener('change', show);
  // Browsers bring the boxes back as they were left.
  window.addEventListener('pageshow', show);
  all.hidden = boxes.length === 0;
  show();
}
