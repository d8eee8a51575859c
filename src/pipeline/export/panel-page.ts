import type { PanelPlan } from '../../core/exports.ts';
import type { Size } from '../../core/geometry.ts';
import { escapeHtml } from './viewer-page.ts';

/** The widest that the drawing gets, in its own units. */
const DRAWING = 1000;

/** A page with a drawing of how the panels lie together, and a table of them; nothing in it points to another place. */
export function panelPlanPage(title: string, picture: Size, plan: PanelPlan, names: readonly string[]): string {
  const { dpi, overlap, bleed, panels } = plan;
  const scale = DRAWING / Math.max(picture.width, picture.height);
  const centimetres = (pixels: number): string => ((pixels / dpi) * 2.54).toFixed(1);
  const size = ({ width, height }: Size): string => `${centimetres(width)} × ${centimetres(height)} cm`;
  const unit = (pixels: number): string => (pixels * scale).toFixed(1);
  const shapes = panels.map(({ number, trim }) => {
    const font = Math.min(trim.width, trim.height) * 0.3;
    return `      <g>
        <rect x="${unit(trim.x)}" y="${unit(trim.y)}" width="${unit(trim.width)}" height="${unit(trim.height)}" />
        <text x="${unit(trim.x + trim.width / 2)}" y="${unit(trim.y + trim.height / 2)}" font-size="${unit(font)}">${number}</text>
      </g>`;
  });
  const rows = panels.map(
    ({ number, row, column, trim, full }, i) =>
      `        <tr><td>${number}</td><td>${row + 1}</td><td>${column + 1}</td><td>${size(trim)}</td><td>${full.width} × ${full.height} px</td><td>${escapeHtml(names[i]!)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escapeHtml(title)}: plan of the panels</title>
    <style>
      body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #16181d; background: #fff; }
      svg { display: block; width: 100%; max-height: 80vh; }
      rect { fill: #2f6fed22; stroke: #2f6fed; stroke-width: 2; }
      text { text-anchor: middle; dominant-baseline: central; fill: #16181d; }
      table { width: 100%; margin-top: 1.5rem; border-collapse: collapse; font-variant-numeric: tabular-nums; }
      th, td { padding: 0.25rem 0.5rem; border-bottom: 1px solid #ccc; text-align: start; }
    </style>
  </head>
  <body>
    <h1>${escapeHtml(title)}</h1>
    <p>
      ${panels.length} panels, ${plan.rows} rows of ${plan.columns}; together ${size(picture)} at ${dpi} dpi.
      Cut off ${centimetres(bleed)} cm of bleed on every side; neighbours overlap by ${centimetres(overlap)} cm.
    </p>
    <svg viewBox="0 0 ${unit(picture.width)} ${unit(picture.height)}" role="img" aria-label="How the panels lie together">
${shapes.join('\n')}
    </svg>
    <table>
      <thead>
        <tr><th>Panel</th><th>Row</th><th>Column</th><th>Cut to</th><th>File</th><th>Name</th></tr>
      </thead>
      <tbody>
${rows.join('\n')}
      </tbody>
    </table>
  </body>
</html>
`;
}
