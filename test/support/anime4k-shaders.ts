import type { Planes } from './planes.ts';

type Vector = readonly number[];
interface Texture {
  readonly width: number;
  readonly height: number;
  readonly data: Vector[];
}

/**
 * Runs the shaders of an anime4k.js module as they stand, one pixel after another: each line of GLSL becomes a line of JavaScript.
 * Knows nothing of convolutions. Border pixels repeat, as the package's textures do.
 */
export function runShaders(module: string, { width, height, data }: Planes): Planes {
  const area = width * height;
  const pixels = Array.from({ length: area }, (_, i) => [data[i], data[area + i], data[2 * area + i], 1]);
  const main: Texture = { width, height, data: pixels };
  const textures = new Map([['MAIN', main]]);
  const outputs = [...module.matchAll(/textures\.set\("([^"]+)", \{\s*texture: output,/g)].map(([, name]) => name);
  const shaders = [...module.matchAll(/const fragment_\d+_shader = `([\s\S]*?)`;/g)].map(([, text]) => text);
  shaders.forEach((text, index) => {
    const result = text.includes('ivec2') ? shuffle(text, textures) : runPass(text, textures, main);
    textures.set(outputs[index], result);
  });
  const end = textures.get('MAIN')!;
  const planes = new Float32Array(3 * end.width * end.height);
  end.data.forEach((pixel, i) => {
    for (let c = 0; c < 3; c++) planes[c * end.width * end.height + i] = Math.min(1, Math.max(0, pixel[c]));
  });
  return { width: end.width, height: end.height, data: planes };
}

function texel(texture: Texture, x: number, y: number): Vector {
  const column = Math.min(texture.width - 1, Math.max(0, x));
  const row = Math.min(texture.height - 1, Math.max(0, y));
  return texture.data[row * texture.width + column];
}

const OPERATIONS = {
  mul: (matrix: Vector, v: Vector): Vector =>
    [0, 1, 2, 3].map((r) => matrix[r] * v[0] + matrix[4 + r] * v[1] + matrix[8 + r] * v[2] + matrix[12 + r] * v[3]),
  add: (a: Vector, b: Vector): Vector => a.map((value, i) => value + b[i]),
  max: (a: Vector, least: number): Vector => a.map((value) => Math.max(value, least)),
  neg: (a: Vector): Vector => a.map((value) => -value),
};

/** A pass whose `main` adds matrices times what the `go_` macros read. */
function runPass(text: string, textures: ReadonlyMap<string, Texture>, { width, height }: Texture): Texture {
  const macros = [...text.matchAll(/#define (go?_\d+)(\(x_off, y_off\))? (.*)/g)].map(([, name, , body]) => {
    const read = body
      .replace(/(\w+?)_texOff\(vec2\(x_off, y_off\)\)/g, 'read("$1", x + x_off, y + y_off)')
      .replace(/(\w+?)_tex\(\1_pos\)/g, 'read("$1", x, y)')
      .replaceAll('max(-', 'max(neg');
    return `const ${name} = (x_off = 0, y_off = 0) => ${read};`;
  });
  const body = text.slice(text.indexOf('void main()'));
  const lines = body.split('\n').flatMap((line) => {
    const product = /(=|\+=) mat4\(([^)]*)\) \* (go?_\d+)(\(.*\))?;/.exec(line);
    if (product) {
      const [, how, matrix, name, offsets = '()'] = product;
      const value = `mul([${matrix}], ${name}${offsets})`;
      return [how === '=' ? `result = ${value};` : `result = add(result, ${value});`];
    }
    const bias = /result \+= vec4\((.*)\);/.exec(line);
    if (bias) return [`result = add(result, [${bias[1]}]);`];
    const end = /gl_FragColor = (.*);/.exec(line);
    if (!end) return [];
    if (end[1] === 'result') return ['return result;'];
    if (end[1] === 'result + MAIN_tex(MAIN_pos)') return ['return add(result, read("MAIN", x, y));'];
    throw new Error(`unknown line: ${line}`);
  });
  const source = ['let result;', ...macros, ...lines].join('\n');
  const names = Object.keys(OPERATIONS);
  const shader = new Function('read', 'x', 'y', ...names, source) as (...words: unknown[]) => Vector;
  const read = (name: string, x: number, y: number): Vector => texel(textures.get(name)!, x, y);
  const run = (i: number): Vector => shader(read, i % width, Math.floor(i / width), ...Object.values(OPERATIONS));
  return { width, height, data: Array.from({ length: width * height }, (_, i) => run(i)) };
}

/**
 * The last pass, transcribed: output pixel (x, y) takes component 2 * (y & 1) + (x & 1) of the texel under it, out of one texture for
 * all colours or of one each, and adds it to MAIN, which is sampled between its pixels.
 */
function shuffle(text: string, textures: ReadonlyMap<string, Texture>): Texture {
  const names = [...text.matchAll(/uniform sampler2D (\w+);/g)].map(([, name]) => name).filter((n) => n !== 'MAIN');
  const main = textures.get('MAIN')!;
  const colours = [0, 1, 2].map((c) => textures.get(names[Math.min(c, names.length - 1)])!);
  const [width, height] = [2 * main.width, 2 * main.height];
  const between = (x: number, y: number, c: number): number => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - left, y - top];
    const above = texel(main, left, top)[c] * (1 - fx) + texel(main, left + 1, top)[c] * fx;
    const below = texel(main, left, top + 1)[c] * (1 - fx) + texel(main, left + 1, top + 1)[c] * fx;
    return above * (1 - fy) + below * fy;
  };
  const data = Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const component = 2 * (y & 1) + (x & 1);
    const added = colours.map((texture) => texel(texture, x >> 1, y >> 1)[component]);
    return [...added.map((value, c) => value + between((x + 0.5) / 2 - 0.5, (y + 0.5) / 2 - 0.5, c)), 1];
  });
  return { width, height, data };
}
