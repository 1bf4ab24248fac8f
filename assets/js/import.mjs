// Takes a file that is dropped anywhere on the page.
const form = document.querySelector('form[data-import]');
if (form) {
  const place = form.querySelector('[data-import-drop]');
  const file = form.querySelector('input[type=file]');
  const holdsFiles = (event) => event.dataTransfer?.types.includes('Files');

  // The whole page takes a drop: a miss by a few pixels must not open the file instead.
  addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    place.classList.add('over');
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) place.classList.remove('over');
  });
  addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    place.classList.remove('over');
    file.files = event.dataTransfer.files;
    file.focus();
  });
}
