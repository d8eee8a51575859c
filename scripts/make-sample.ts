/** Draws the picture that people can try the app with, public/sample.jpg: fine lines, soft skies, hard edges, small writing. */
import sharp from 'sharp';

const WIDTH = 960;
const HEIGHT = 640;
const HORIZON = 430;

/** A reproducible sequence of numbers 0..1 (a linear congruential generator). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

/** A ridge of hills from edge to edge: the sum of some waves. */
function ridge(base: number, height: number, seed: number): string {
  const next = sequence(seed);
  const waves = [1, 2, 3, 5, 9, 17, 31].map((n) => ({
    n,
    phase: next() * 7,
    size: (height * (0.6 + next())) / n ** 0.9,
  }));
  const y = (x: number): number =>
    base - waves.reduce((sum, { n, phase, size }) => sum + size * Math.sin((x / WIDTH) * n * 3 + phase), height * 0.4);
  const points = Array.from({ length: WIDTH / 4 + 1 }, (_, i) => `${i * 4},${y(i * 4).toFixed(1)}`);
  return `M0,${HEIGHT} L${points.join(' L')} L${WIDTH},${HEIGHT}Z`;
}

function stars(): string {
  const next = sequence(11);
  return Array.from({ length: 130 }, () => {
    const y = next() ** 1.6 * 260;
    return `<circle cx="${(next() * WIDTH).toFixed(1)}" cy="${y.toFixed(1)}" r="${(0.4 + next() * 0.9).toFixed(2)}" opacity="${(0.9 - y / 330).toFixed(2)}"/>`;
  }).join('');
}

/** Glints on the sea: longer and farther apart towards the shore. */
function glints(): string {
  const next = sequence(5);
  return Array.from({ length: 260 }, () => {
    const depth = next() ** 1.4;
    const y = HORIZON + 4 + depth * 190;
    const length = 6 + depth * 52 * next();
    const x = 560 + (next() - 0.5) * (90 + depth * 560);
    return `<path d="M${x.toFixed(1)} ${y.toFixed(1)}h${length.toFixed(1)}" stroke-width="${(0.7 + depth * 1.6).toFixed(2)}" opacity="${(0.55 - Math.abs(x - 560) / 900).toFixed(2)}"/>`;
  }).join('');
}

function tower(): string {
  const stripes = [0, 2, 4].map((i) => {
    const top = 232 + i * 42;
    const half = (y: number): number => 23 + (y - 232) * 0.055;
    return `<path fill="#b5352c" d="M${230 - half(top)},${top} L${230 + half(top)},${top} L${230 + half(top + 42)},${top + 42} L${230 - half(top + 42)},${top + 42}Z"/>`;
  });
  const rails = Array.from({ length: 17 }, (_, i) => `<path d="M${198 + i * 4} 214v16"/>`).join('');
  const panes = Array.from({ length: 6 }, (_, i) => `<path d="M${214 + i * 6.4} 178v34"/>`).join('');
  return `
    <path fill="#efe6da" d="M207,232 L253,232 L264,446 L196,446Z"/>
    ${stripes.join('')}
    <path fill="#000" opacity=".22" d="M236,232 L253,232 L264,446 L240,446Z"/>
    <rect x="213" y="178" width="34" height="36" fill="#ffdf9a"/>
    <g stroke="#3b2f33" stroke-width="1.2">${panes}</g>
    <path fill="#5b1f1d" d="M206 178 Q230 140 254 178Z"/><path stroke="#3b2f33" stroke-width="1.6" d="M230 158v-26"/>
    <g stroke="#2c2529" stroke-width="1"><path d="M197 214h66M197 222h66"/>${rails}</g>
    <path fill="#2c2529" d="M193 229h74v4h-74z"/>
    <g fill="#2d2730"><rect x="225" y="280" width="9" height="14" rx="4"/><rect x="225" y="364" width="9" height="14" rx="4"/></g>
    <path fill="#2d2730" d="M221 446v-22a9 9 0 0 1 18 0v22z"/>`;
}

const bird = (x: number, y: number, size: number): string =>
  `<path d="M${x} ${y}q${size * 0.5} ${-size * 0.6} ${size} 0q${size * 0.5} ${-size * 0.6} ${size} 0"/>`;

const grass = ((): string => {
  const next = sequence(23);
  return Array.from({ length: 420 }, () => {
    const x = next() * 420;
    const y = 470 + next() * 170 + x * 0.16;
    return `<path d="M${x.toFixed(1)} ${y.toFixed(1)}q${(next() * 6 - 3).toFixed(1)} -7 ${(next() * 10 - 5).toFixed(1)} ${(-9 - next() * 12).toFixed(1)}"/>`;
  }).join('');
})();

const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
  <defs>
    <linearGradient id="sky" x2="0" y2="1">
      <stop offset="0" stop-color="#16213f"/><stop offset=".42" stop-color="#4a4a78"/>
      <stop offset=".72" stop-color="#c9746a"/><stop offset="1" stop-color="#ffcf8a"/>
    </linearGradient>
    <linearGradient id="sea" x2="0" y2="1"><stop offset="0" stop-color="#b98a80"/><stop offset=".25" stop-color="#4b5478"/><stop offset="1" stop-color="#131c33"/></linearGradient>
    <radialGradient id="glow"><stop offset="0" stop-color="#fff3cf"/><stop offset=".12" stop-color="#ffe2a0" stop-opacity=".9"/><stop offset="1" stop-color="#ffb36b" stop-opacity="0"/></radialGradient>
    <linearGradient id="beam" x2="1" y2="0"><stop offset="0" stop-color="#fff0c4" stop-opacity=".75"/><stop offset="1" stop-color="#fff0c4" stop-opacity="0"/></linearGradient>
    <linearGradient id="land" x2="0" y2="1"><stop offset="0" stop-color="#3d4a3d"/><stop offset="1" stop-color="#11180f"/></linearGradient>
  </defs>
  <rect width="${WIDTH}" height="${HORIZON}" fill="url(#sky)"/>
  <g fill="#fff">${stars()}</g>
  <circle cx="620" cy="404" r="240" fill="url(#glow)"/><circle cx="620" cy="404" r="27" fill="#fff1cd"/>
  <path d="${ridge(408, 30, 3)}" fill="#7a5f7d" opacity=".75"/>
  <path d="${ridge(424, 18, 8)}" fill="#55466b"/>
  <rect y="${HORIZON}" width="${WIDTH}" height="${HEIGHT - HORIZON}" fill="url(#sea)"/>
  <g stroke="#ffe0ad" stroke-linecap="round" fill="none">${glints()}</g>
  <path fill="url(#beam)" d="M236 190 L960 96 L960 250 L236 204Z"/>
  <path fill="url(#land)" d="M0 452 Q120 424 236 440 T452 560 Q500 600 560 640 L0 640Z"/>
  <g stroke="#7d8f5c" stroke-width="1" fill="none" opacity=".75">${grass}</g>
  ${tower()}
  <g stroke="#1c1826" stroke-width="1.8" fill="none" stroke-linecap="round">${bird(420, 210, 13)}${bird(455, 190, 10)}${bird(487, 222, 8)}${bird(378, 238, 7)}</g>
  <g transform="translate(712 418)">
    <path fill="#20192c" d="M0 16h62l-9 13H10z"/><path stroke="#20192c" stroke-width="1.6" d="M29 16V-42"/>
    <path fill="#f4e6d2" d="M31-40 L60 11 L31 11Z"/><path fill="#d9b9a0" d="M27-34 L27 11 L5 11Z"/>
    <g stroke="#20192c" stroke-width=".6"><path d="M31-40L62 16M27-34L2 16M31 -6h19M27 -8H15"/></g>
  </g>
  <g transform="translate(318 500) rotate(5)">
    <rect width="104" height="37" rx="2" fill="#d8c7a6" stroke="#3a2f22" stroke-width="2"/><path stroke="#3a2f22" stroke-width="4" d="M16 37v40M88 37v40"/>
    <g font-family="DejaVu Sans, Arial, sans-serif" fill="#33291d" text-anchor="middle"><text x="52" y="16" font-size="12" font-weight="bold">NORTH POINT</text><text x="52" y="29" font-size="6.6">keep to the path · 54°18′ N</text></g>
  </g>
</svg>`;

await sharp(Buffer.from(picture))
  .jpeg({ quality: 88, chromaSubsampling: '4:4:4', mozjpeg: true })
  .toFile('public/sample.jpg');
