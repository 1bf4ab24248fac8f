// Shows what a form describes while it is filled in: a picture drawn by the server. The button is for pages without script.
const QUIET = 250;

const form = document.querySelector('form[data-preview]');
const picture = document.querySelector('#preview');
let waiting;

function draw() {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete('name');
  const next = new Image();
  // What can't be drawn, say a size half typed, leaves the picture before.
  next.addEventListener('load', () => { picture.src = next.src; });
  next.src = `${form.dataset.preview}?${fields}`;
}

if (form && picture) {
  form.querySelector('[data-preview-button]').hidden = true;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, QUIET);
  });
}
