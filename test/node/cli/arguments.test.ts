import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseArguments, parseColour, parsePrint, parseScale } from '../../../scripts/cli/arguments.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/options.ts';

const parse = (line: string) => parseArguments(line.split(' '), () => undefined);

function refusal(line: string): { message: string; exitCode: number } {
  let printed = '';
  try {
    parseArguments(line.split(' '), (text) => {
      printed += text;
    });
  } catch (error) {
    expect(error).toBeInstanceOf(CommanderError);
    return { message: printed, exitCode: (error as CommanderError).exitCode };
  }
  throw new Error(`accepted: ${line}`);
}

describe('parseArguments', () => {
  it('takes the defaults of the app', () => {
    const request = parse('in.png --out out.png');
    // `format` depends on the output's name, `hooks` and models are paths here and addresses there.
    expect({ ...request.options, format: 'png', hooks: request.hooks, ai: request.ai }).toEqual(DEFAULT_OPTIONS);
    expect(request).toMatchObject({
      inputs: ['in.png'],
      out: 'out.png',
      format: null,
      json: false,
      force: false,
      app: null,
    });
  });

  it.each([
    ['--scale 4', { kind: 'scale', x: 4, y: 4 }],
    ['--scale 0.25', { kind: 'scale', x: 0.25, y: 0.25 }],
    ['--scale 4x2', { kind: 'scale', x: 4, y: 2 }],
    ['--width 800', { kind: 'width', pixels: 800 }],
    ['--height 600', { kind: 'height', pixels: 600 }],
    ['--width 800 --height 600', { kind: 'exact', width: 800, height: 600 }],
    ['--exact 8000x12000', { kind: 'exact', width: 8000, height: 12000 }],
    ['--long 30000', { kind: 'long', pixels: 30000 }],
    ['--short 2000', { kind: 'short', pixels: 2000 }],
    ['--megapixels 0.5', { kind: 'megapixels', megapixels: 0.5 }],
    ['--print 24x36in', { kind: 'print', widthInches: 24, heightInches: 36, dpi: 300 }],
    ['--print 24x36in --dpi 150', { kind: 'print', widthInches: 24, heightInches: 36, dpi: 150 }],
  ])('understands %s', (words, target) => {
    expect(parse(`in.png ${words} --out o.png`).options.target).toEqual(target);
  });

  it('passes every other setting on', () => {
    const words =
      'a.png b --kernel mitchell --method progressive --linear --clamp --engine scalar --format tiff --quality 75 --chroma 444 ' +
      '--level small --depth 16 --metadata no-location --dpi 240 --background #010203 --max-bytes 20MB ' +
      '--rotate -90 --flip both --straighten 1.5 --corners fill --crop 30x40+1+2 --sharpen 1.5x80+2 --grain 3x2@9 --hook-before b.js --hook-after a.js ' +
      '--force --json --quiet --verbose --app built --out o/';
    expect(parse(words)).toEqual({
      inputs: ['a.png', 'b'],
      out: 'o/',
      format: 'tiff',
      options: {
        edit: {
          ...{ quarterTurns: 3, mirror: true, flip: true, straighten: 1.5, corners: 'fill' },
          crop: { kind: 'rect', x: 1, y: 2, width: 30, height: 40 },
        },
        finish: {
          sharpen: { radius: 1.5, amount: 80, threshold: 2 },
          grain: { strength: 3, size: 2, seed: 9 },
        },
        maxBytes: 20_000_000,
        export: { kind: 'file' },
        target: { kind: 'scale', x: 2, y: 2 },
        kernel: 'mitchell',
        method: 'progressive',
        linear: true,
        clampOvershoot: true,
        engine: 'scalar',
        quality: 75,
        chroma: '444',
        level: 'small',
        depth: 16,
        metadata: 'no-location',
        dpi: 240,
        background: [1, 2, 3],
      },
      hooks: { before: 'b.js', after: 'a.js' },
      ai: null,
      json: true,
      quiet: true,
      verbose: true,
      force: true,
      app: 'built',
    });
  });

  it('crops to proportions, or to those of the sheet', () => {
    expect(parse('in.png --crop 3:2 --out o.png').options.edit.crop).toEqual(
      { kind: 'aspect', width: 3, height: 2, follow: false }, // literally
    );
    const crop = parse('in.png --print 20x30in --crop print --out o.png').options.edit.crop;
    expect(crop).toEqual({ kind: 'aspect', width: 20, height: 30, follow: true });
  });

  it('makes tiles, a pyramid or panels, each in the format that goes with it', () => {
    expect(parse('in.png --export deepzoom --out o.zip')).toMatchObject({
      format: 'jpeg',
      options: { export: { kind: 'deepzoom' } },
    });
    expect(parse('in.png --export pyramid --out o.tif').format).toBe('tiff');
    const { format, options } = parse(
      'in.png --export panels --panel 24x36in --bleed 5.08mm --format jpeg --out o.zip',
    );
    expect(format).toBe('jpeg');
    expect(options.export).toMatchObject({
      kind: 'panels',
      widthInches: 24,
      heightInches: 36,
      overlapInches: 10 / 25.4,
    });
    expect(options.export).toHaveProperty('bleedInches', expect.closeTo(0.2, 9));
  });

  it('writes the density of a print', () => {
    expect(parse('in.png --print 60x90cm --out o.png').options.dpi).toBe(300);
    expect(parse('in.png --dpi 72 --out o.png').options.dpi).toBe(72);
    expect(parse('in.png --out o.png').options.dpi).toBeNull();
  });

  it.each([
    ['in.png', /--out/],
    ['--out o.png', /missing required argument/],
    ['in.png --out o.png --scale 0', /number above 0/],
    ['in.png --out o.png --rotate 45', /90, 180, 270/],
    ['in.png --out o.png --crop print', /needs --print/],
    ['in.png --out o.png --before anime4k-restore', /'--before <name>' needs --model/],
    ['in.png --out o.png --blend 1', /'--blend <0-1>' needs --model/],
    ['in.png --out o.png --no-colour-lock', /'--no-colour-lock' needs --model/],
    ['in.png --out o.png --bleed 3mm', /'--bleed <length>' needs --export panels/],
    ['in.png --out o.png --export deepzoom --panel 21x29.7cm', /'--panel <sheet>' needs --export panels/],
    ['in.png --out o.png --crop 10x10', /1000x800\+200\+100/],
    ['in.png --out o.png --straighten 50', /-45 to 45/],
    ['in.png --out o.png --sharpen 80', /radius and amount/],
    ['in.png --out o.png --sharpen 60x80', /radius goes from 0\.3 to 50/],
    ['in.png --out o.png --grain 3x2@x', /strength such as 3/],
    ['in.png --out o.png --max-bytes 20MiB', /20MB or 800kB/],
    ['in.png --out o.png --scale 51', /0\.05 to 50/],
    ['in.png --out o.png --scale 2x3x4', /one factor, or two/],
    ['in.png --out o.png --scale two', /number above 0/],
    ['in.png --out o.png --width 10.5', /whole number of pixels/],
    ['in.png --out o.png --exact 10', /width and a height/],
    ['in.png --out o.png --print 60x90', /unit/],
    ['in.png --out o.zip --export panels --overlap 10', /unit/],
    ['in.png --out o.zip --export cube', /deepzoom/],
    ['in.png --out o.png --quality 101', /1 to 100/],
    ['in.png --out o.png --kernel lanczos5', /Allowed choices.*lanczos4/],
    ['in.png --out o.png --format heic', /Allowed choices.*jxl/],
    ['in.png --out o.png --background chartreuse', /#ffffff/],
    ['in.png --out o.png --scale 2 --long 100', /cannot be used with/],
    ['in.png --out o.png --print 1x1in --width 100', /cannot be used with/],
    ['in.png --out o.png --engine quantum', /Allowed choices.*scalar/],
    ['in.png --out o.png --sclae 2', /unknown option/],
  ])('refuses %s', (line, message) => {
    const refused = refusal(line);
    expect(refused.message).toMatch(message);
    expect(refused.exitCode).not.toBe(0);
  });

  it('ends with 0 for help', () => {
    const help = refusal('--help');
    expect(help.exitCode).toBe(0);
    expect(help.message).toMatch(/--scale <factor>/);
  });
});

describe('values', () => {
  it('reads print sheets in every unit', () => {
    expect(parsePrint('254x508mm').widthInches).toBeCloseTo(10, 9);
    expect(parsePrint('25.4 x 50.8 CM').heightInches).toBeCloseTo(20, 9);
    expect(parsePrint('8.5x11in')).toEqual({ widthInches: 8.5, heightInches: 11 });
  });

  it('reads colours', () => {
    expect(parseColour('#fff')).toEqual([255, 255, 255]);
    expect(parseColour('0a0b0c')).toEqual([10, 11, 12]);
    expect(parseColour('1, 2,3')).toEqual([1, 2, 3]);
    expect(parseColour('Black')).toEqual([0, 0, 0]);
    expect(() => parseColour('1,2,256')).toThrow();
    expect(() => parseColour('#12345')).toThrow();
  });

  it('keeps factors in their range', () => {
    expect(parseScale('50')).toEqual({ kind: 'scale', x: 50, y: 50 });
    expect(() => parseScale('1x0.01')).toThrow();
  });

  it('takes a bundled model with its flags', () => {
    const { ai } = parse(
      'in.png --model cunet --noise 1 --tta --blend 0.8 --passes first --alpha model --before anime4k-restore --no-colour-lock --out o.png',
    );
    expect(ai).toEqual({
      ...{
        model: { kind: 'bundled', id: 'cunet' },
        noise: 1,
        tta: true,
        blend: 0.8,
        passes: 'first',
        colourLock: false,
      },
      ...{ alpha: 'model', before: [{ kind: 'bundled', id: 'anime4k-restore' }], after: [] },
    });
  });

  it('takes the path of a model', () => {
    expect(parse('in.png --model my/own.onnx --out o.png').ai?.model).toEqual({ kind: 'file', path: 'my/own.onnx' });
  });

  it.each(['--model best', '--model cunet --noise 7', '--model cunet --blend 1.5', '--model cunet --before cunet'])(
    'refuses %s',
    (flags) => {
      expect(() => parse(`in.png ${flags} --out o.png`)).toThrow();
    },
  );
});
