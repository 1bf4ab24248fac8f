// A dialog is a state of the address. The server renders it open where the address says so;
// here it becomes modal, opens without a round trip, and closing it takes the state away.

function withoutState(dialog) {
  return dialog.dataset.dialogClose ?? location.pathname;
}

function show(dialog) {
  if (dialog.matches(':modal')) return;
  // Not close(): that would tell of a closing, and take the state out of the address.
  dialog.removeAttribute('open');
  dialog.showModal();
  (dialog.querySelector('[aria-invalid="true"]') ?? dialog.querySelector('[autofocus]'))?.focus();
}

// What opened a dialog that came with the page is where the focus goes when it closes; or else into the page, not above it.
function openerOf(dialog) {
  const ways = [...document.querySelectorAll('main a[href]')];
  return ways.find((way) => way.href === location.href && !dialog.contains(way)) ?? document.querySelector('main');
}

for (const dialog of document.querySelectorAll('dialog[data-dialog-now], dialog[data-dialog]')) {
  if (dialog.open) {
    openerOf(dialog)?.focus({ preventScroll: true });
    show(dialog);
  }

  dialog.addEventListener('close', () => {
    if (location.search) history.replaceState(null, '', withoutState(dialog));
  });

  // A press on the backdrop lands on the dialog itself, outside its box.
  dialog.addEventListener('pointerdown', (event) => {
    if (event.target !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });

  for (const cancel of dialog.querySelectorAll('[data-dialog-cancel]')) {
    cancel.addEventListener('click', (event) => {
      event.preventDefault();
      dialog.close();
    });
  }
}

for (const opener of document.querySelectorAll('a[data-dialog-open]')) {
  const dialog = document.querySelector(opener.dataset.dialogOpen);
  if (!dialog) continue;
  opener.addEventListener('click', (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(null, '', opener.href);
    show(dialog);
  });
}
