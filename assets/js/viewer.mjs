// Keys for looking through pictures. The links and forms are there without it.
const viewer = document.querySelector('[data-viewer]');
if (viewer) {
  const KEYS = {
    ArrowLeft: 'previous',
    ArrowRight: 'next',
    Escape: 'close',
    l: 'like',
    f: 'favourite',
    d: 'download',
  };

  document.addEventListener('keydown', (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.target.closest('input, textarea, select')) return;
    const what = KEYS[event.key];
    const target = what && viewer.querySelector(`[data-viewer-${what}]`);
    if (!target) return;
    event.preventDefault();
    target.click();
  });

  // The neighbours are fetched ahead, so that the next picture is there at once.
  for (const link of viewer.querySelectorAll('[data-picture]')) new Image().src = link.dataset.picture;

  // A swipe is an arrow key.
  const SWIPE = 48;
  let from = null;
  viewer.addEventListener('touchstart', (event) => {
    from = event.touches.length === 1 ? event.touches[0] : null;
  }, { passive: true });
  viewer.addEventListener('touchend', (event) => {
    if (!from || window.visualViewport?.scale > 1) return;
    const x = event.changedTouches[0].clientX - from.clientX;
    const y = event.changedTouches[0].clientY - from.clientY;
    from = null;
    if (Math.abs(x) < SWIPE || Math.abs(x) < 2 * Math.abs(y)) return;
    viewer.querySelector(x < 0 ? '[data-viewer-next]' : '[data-viewer-previous]')?.click();
  }, { passive: true });
}
