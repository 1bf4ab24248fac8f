// Keeps the waiting screen true without reloading; goes on by itself when there is somewhere to go.
const screen = document.querySelector('[data-live]');
if (screen) {
  const part = (name) => screen.querySelector(`[data-live-${name}]`);
  const source = new EventSource(screen.dataset.live);

  source.addEventListener('message', ({ data }) => {
    const told = JSON.parse(data);
    document.dispatchEvent(new CustomEvent('told', { detail: told }));
    if (told.next) {
      source.close();
      location.assign(told.next);
      return;
    }
    screen.dataset.state = told.state;
    put('title', told.title);
    put('words', told.words);
    screen.classList.toggle('stopped', told.stopped);
    for (const wait of screen.querySelectorAll('[data-live-way], dl, [data-live-aside]')) wait.hidden = told.stopped;
    put('position', told.position);
    put('estimate', told.estimate);
    if (typeof told.percent === 'number') {
      part('bar').value = told.percent;
      put('percent', told.percent);
      for (const stage of screen.querySelectorAll('[data-stage]')) {
        if (stage.dataset.stage === told.stage) stage.setAttribute('aria-current', 'step');
        else stage.removeAttribute('aria-current');
      }
      // The picture comes up as the bar goes: opacity is an SVG attribute, not a style.
      for (const layer of screen.querySelectorAll('[data-develop]')) {
        layer.setAttribute('opacity', String(Math.min(1, told.percent / Number(layer.dataset.develop))));
      }
    }
  });

  function put(name, words) {
    const place = part(name);
    if (!place || words === undefined || words === null) return;
    if (place.textContent !== String(words)) place.textContent = words;
  }
}
