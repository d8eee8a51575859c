import { getIconLibrary, registerIconLibrary } from '@awesome.me/webawesome/dist/components/icon/library.js';

/** Strokes on a 24 x 24 grid. */
const STROKES = {
  alert: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.1',
  again: 'M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3.5v4h-4',
  compare: 'M4 5h16v14H4zM12 5v14M6.5 14l3-4 2.5 3.5',
  check: 'M5 12.5l4.5 4.5L19.5 7',
  crop: 'M7 2.5V17h14.5M2.5 7H17v14.5',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.5l3.5 2',
  close: 'M6 6l12 12M18 6 6 18',
  coding: 'M4 4h7v7H4zM13.5 6h6M16.5 3v6M4.5 15.5h6M7.5 12.5v6M13 13h7v7h-7z',
  dark: 'M20 14.5A8 8 0 0 1 9.5 4a8 8 0 1 0 10.5 10.5z',
  difference: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 4v16M12 8h6.8M12 12h8M12 16h6.8',
  download: 'M12 4v11M7 10.5l5 5 5-5M4.5 19.5h15',
  enlarge: 'M4 14v6h6M20 10V4h-6M4 20l6.5-6.5M20 4l-6.5 6.5',
  flip: 'M3 12h18M6 9l6-6.5L18 9zM6 15l6 6.5 6-6.5z',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  folder: 'M3.5 18.5v-12h6l2 2.5h9v9.5z',
  command:
    'M9 9H6.5A2.5 2.5 0 1 1 9 6.5zM15 9h2.5A2.5 2.5 0 1 0 15 6.5zM9 15H6.5A2.5 2.5 0 1 0 9 17.5zM15 15h2.5a2.5 2.5 0 1 1-2.5 2.5zM9 9h6v6H9z',
  copy: 'M8.5 8.5V4h11.5v11.5h-4.5M4 8.5h11.5V20H4z',
  dot: 'M11.5 12h1',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.3 9.3a2.8 2.8 0 1 1 4.1 2.6c-.9.5-1.4 1-1.4 2M12 16.8v.1',
  histogram: 'M4 20h16M6 20v-4M9 20v-9M12 20V6M15 20v-6M18 20v-2',
  image: 'M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.3v.1',
  install: 'M12 3.5v10M8 9.5l4 4 4-4M4 15v5h16v-5',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.6v.1',
  language:
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3.3 9.5h17.4M3.3 14.5h17.4M12 3c-5 5.5-5 12.5 0 18 5-5.5 5-12.5 0-18z',
  light:
    'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  lock: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11',
  mirror: 'M12 3v18M9 6l-6.5 6L9 18zM15 6l6.5 6-6.5 6z',
  minus: 'M5 12h14',
  more: 'M5 12h1M11.5 12h1M18 12h1',
  open: 'M13.5 4.5h6v6M19.5 4.5l-8 8M17 14v5.5H4.5V7H10',
  'pane-end': 'M4 5h16v14H4zM14.5 5v14',
  'pane-start': 'M4 5h16v14H4zM9.5 5v14',
  pause: 'M8.5 5v14M15.5 5v14',
  play: 'M7.5 4.5v15l12-7.5z',
  plus: 'M12 5v14M5 12h14',
  preset:
    'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  receipt: 'M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9 8.5h6M9 12.5h6',
  redo: 'M20 9H9a5.5 5.5 0 0 0 0 11h3M20 9l-4.5-4.5M20 9l-4.5 4.5',
  sheet: 'M4 4.5h7v6.5H4zM13.5 4.5h7v6.5h-7zM4 13.5h7V20H4zM13.5 13.5h7V20h-7z',
  side: 'M3.5 5h7.5v14H3.5zM13.5 5h7v14h-7z',
  eye: 'M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.5S2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  storage:
    'M5 6.5c0-1.7 3.1-3 7-3s7 1.3 7 3-3.1 3-7 3-7-1.3-7-3zM5 6.5v11c0 1.7 3.1 3 7 3s7-1.3 7-3v-11M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3',
  system: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  trash: 'M4.5 7h15M9 7V4.5h6V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5',
  undo: 'M4 9h11a5.5 5.5 0 0 1 0 11h-3M4 9l4.5-4.5M4 9l4.5 4.5',
  'turn-left': 'M4.5 4.5v5h5M4.8 9.5A8 8 0 1 1 4.5 15',
  'turn-right': 'M19.5 4.5v5h-5M19.2 9.5A8 8 0 1 0 19.5 15',
} as const;

/** The names that `<wa-icon name>` may have. */
export type IconName = keyof typeof STROKES;

const SVG = 'http://www.w3.org/2000/svg';

interface Drawing {
  readonly viewBox: string;
  /** The `d` of the one path. */
  readonly path: string;
  readonly stroked: boolean;
}

const ownDrawing = (name: string): Drawing => ({
  viewBox: '0 0 24 24',
  path: STROKES[name as IconName] ?? STROKES.image,
  stroked: true,
});

/** The icons inside Web Awesome's components come as data addresses of an SVG with one filled path. */
function systemDrawing(address: string): Drawing {
  const markup = decodeURIComponent(address);
  const viewBox = /viewBox="([^"]+)"/.exec(markup)?.[1] ?? '0 0 24 24';
  return { viewBox, path: / d="([^"]+)"/.exec(markup)?.[1] ?? '', stroked: false };
}

function draw(svg: SVGElement, { viewBox, path, stroked }: Drawing): void {
  const drawn = document.createElementNS(SVG, 'path');
  drawn.setAttribute('d', path);
  svg.setAttribute('viewBox', viewBox);
  const look = stroked
    ? {
        fill: 'none',
        stroke: 'currentColor',
        'stroke-width': '1.75',
        'stroke-linecap': 'round',
        'stroke-linejoin': 'round',
      }
    : { fill: 'currentColor' };
  for (const [name, value] of Object.entries(look)) drawn.setAttribute(name, value);
  svg.replaceChildren(drawn);
}

/**
 * Makes the page's own icons the default library, in place of one that would be fetched from a foreign server. Icons count as a sprite
 * sheet, whose `<use>` is replaced by the path itself: otherwise each would be fetched and parsed as markup, which the content
 * security policy forbids.
 */
export function registerIcons(): void {
  registerIconLibrary('default', {
    spriteSheet: true,
    resolver: (name) => `#${name}`,
    mutator: (svg, host) => draw(svg, ownDrawing(host?.name ?? '')),
  });
  const system = getIconLibrary('system')!;
  registerIconLibrary('system', {
    spriteSheet: true,
    resolver: (name) => `#${name}`,
    mutator: (svg, host) => {
      const { name = '', family, variant, autoWidth = false } = host ?? {};
      // The library's own choices, where the host has none.
      const address = system.resolver(name, family || 'classic', variant || 'solid', autoWidth) as string;
      draw(svg, systemDrawing(address));
      if (!host?.name) return;
      // The components leave some of these out; the library knows what they stand for then.
      draw(svg, systemDrawing(system.resolver(host.name, host.family, host.variant, host.autoWidth) as string));
    },
  });
}
