import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';
import { kernelChoices, methodChoices } from '../labels.ts';

/** What the kernels do to a picture, each in one or two sentences. */
const kernelTexts = (): Readonly<Record<string, string>> => ({
  lanczos3: msg('Weighs six pixels each way. Keeps fine detail sharp; faint echoes can show beside hard edges.'),
  lanczos2: msg('Weighs four pixels each way. Fewer echoes, slightly less detail.'),
  lanczos4: msg('Weighs eight pixels each way. The most detail, and the most echoes.'),
  mitchell: msg('A smooth cubic curve. Good for portraits, for noisy pictures and for JPEGs with artefacts.'),
  'catmull-rom': msg('A crisp cubic curve. Close to what photo editors call bicubic.'),
  bilinear: msg('Straight lines between pixels. Soft, without any echoes.'),
  nearest: msg('Repeats pixels as they are. For pixel art, screenshots and masks.'),
  area: msg('Averages what each new pixel covers. For making pictures smaller.'),
});

const methodTexts = (): Readonly<Record<string, string>> => ({
  direct: msg('Computes every new pixel from the original in one step. The most faithful.'),
  progressive: msg('Doubles the size again and again. Smoother at large factors, and slower.'),
  fractional: msg('Grows in small steps. The softest transitions, and the slowest.'),
});

const list = (choices: readonly { value: string; label: string }[], texts: Readonly<Record<string, string>>): unknown =>
  choices
    .filter(({ value }) => texts[value] !== undefined)
    .map(({ value, label }) => html`<p><strong>${label}</strong><br />${texts[value]}</p>`);

/** The explanation beside the choice of kernel and method. */
export const resamplingHelp = (): TemplateResult => html`
  <p>${msg('A kernel decides how new pixels are mixed from those of the original.')}</p>
  ${list(kernelChoices(), kernelTexts())}
  <p>${msg('A method decides in how many steps the picture grows.')}</p>
  ${list(methodChoices(), methodTexts())}
`;
