import type { Size } from '../../core/geometry.ts';
import type { Density } from '../../core/metadata.ts';

/**
 * Edits XMP packets (ISO 16684-1) as text, so that everything that is not changed stays as it was written; workers have no
 * XML parser. Properties are found by their namespace, whatever prefix the packet gives it.
 */

const NAMESPACE = {
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  exifEx: 'http://cipa.jp/exif/1.0/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  note: 'http://ns.adobe.com/xmp/note/',
  iptcCore: 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/',
  iptcExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  gainMap: 'http://ns.adobe.com/hdr-gain-map/1.0/',
  appleGainMap: 'http://ns.apple.com/HDRGainMap/1.0/',
  container: 'http://ns.google.com/photos/1.0/container/',
  camera: 'http://ns.google.com/photos/1.0/camera/',
} as const;
type Namespace = keyof typeof NAMESPACE;

/** Properties that describe what an enlarged copy no longer has: thumbnails, gain maps, appended videos, a second packet. */
const STALE: readonly (readonly [Namespace, RegExp])[] = [
  ['xmp', /^Thumbnails$/],
  ['note', /^HasExtendedXMP$/],
  ['gainMap', /./],
  ['appleGainMap', /./],
  ['container', /^Directory$/],
  ['camera', /^(MotionPhoto|MicroVideo)/],
];

const PLACES: readonly (readonly [Namespace, RegExp])[] = [
  ['photoshop', /^(City|State|Country)$/],
  ['iptcCore', /^(Location|CountryCode)$/],
  ['iptcExt', /^(LocationShown|LocationCreated)$/],
];

/** Coordinates, in the EXIF namespace or in one of the makers' own, such as those of drones. */
const COORDINATES = /^(gps|(absolute|relative)altitude$|latitude$|longitude$)/i;

/** What is changed in a packet; see `ExifEdits` for the meaning of the fields. */
export interface XmpEdits {
  readonly dropLocation: boolean;
  readonly size?: Size;
  readonly density?: Density | null;
}

/**
 * An edited copy of a UTF-8 packet. Null when it cannot be edited safely, and so must be dropped: not UTF-8, not balanced, or a
 * location that would remain.
 */
export function editXmp(packet: Uint8Array, edits: XmpEdits): Uint8Array<ArrayBuffer> | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(packet);
  } catch {
    return null;
  }
  if (!text.includes('<')) return null;
  const prefixes = prefixesOf(text);
  for (const [namespace, value] of replacements(edits)) text = setProperty(text, prefixes, namespace, value);
  const isStale = matcher(prefixes, STALE);
  const isPlace = matcher(prefixes, PLACES);
  const remove = (qualified: string): boolean => {
    if (isStale(qualified)) return true;
    return edits.dropLocation && (isPlace(qualified) || COORDINATES.test(qualified.slice(qualified.indexOf(':') + 1)));
  };
  const edited = removeProperties(text, remove);
  if (edited === null) return null;
  if (edits.dropLocation && /[:<]GPSL(at|ong)itude/i.test(edited)) return null;
  return new TextEncoder().encode(edited);
}

/** Whether a packet speaks of an HDR gain map (Adobe/Google's or Apple's). */
export function hasGainMap(packet: Uint8Array): boolean {
  const text = new TextDecoder().decode(packet);
  return text.includes(NAMESPACE.gainMap) || text.includes(NAMESPACE.appleGainMap);
}

function prefixesOf(text: string): Map<string, Namespace> {
  const names = new Map<string, Namespace>();
  const byUri = new Map<string, Namespace>(Object.entries(NAMESPACE).map(([name, uri]) => [uri, name as Namespace]));
  for (const [, prefix, , uri] of text.matchAll(/\sxmlns:([\w.-]+)\s*=\s*(["'])(.*?)\2/g)) {
    const namespace = byUri.get(uri!);
    if (namespace) names.set(prefix!, namespace);
  }
  return names;
}

function matcher(prefixes: Map<string, Namespace>, rules: typeof STALE): (qualified: string) => boolean {
  return (qualified) => {
    const colon = qualified.indexOf(':');
    const namespace = prefixes.get(qualified.slice(0, colon));
    return rules.some(([of, name]) => of === namespace && name.test(qualified.slice(colon + 1)));
  };
}

function replacements(edits: XmpEdits): [Namespace, readonly [name: string, value: string]][] {
  const list: [Namespace, readonly [string, string]][] = [['tiff', ['Orientation', '1']]];
  const { size, density } = edits;
  if (size) {
    list.push(['tiff', ['ImageWidth', String(size.width)]], ['tiff', ['ImageLength', String(size.height)]]);
    list.push(['exif', ['PixelXDimension', String(size.width)]], ['exif', ['PixelYDimension', String(size.height)]]);
  }
  if (density) {
    const rational = (value: number): string => `${Math.round(value * 1000)}/1000`;
    list.push(['tiff', ['XResolution', rational(density.x)]], ['tiff', ['YResolution', rational(density.y)]]);
    list.push(['tiff', ['ResolutionUnit', '2']]);
  }
  return list;
}

/** Changes the value of a simple property where it is there, as an attribute or as an element. */
function setProperty(
  text: string,
  prefixes: Map<string, Namespace>,
  namespace: Namespace,
  [name, value]: readonly [string, string],
): string {
  let result = text;
  for (const [prefix, is] of prefixes) {
    if (is !== namespace) continue;
    const qualified = `${prefix.replace(/[.-]/g, '\\$&')}:${name}`;
    result = result
      .replace(new RegExp(`(\\s${qualified}\\s*=\\s*)(["'])[^"'<]*\\2`, 'g'), `$1$2${value}$2`)
      .replace(new RegExp(`(<${qualified}(?:\\s[^>]*)?>)[^<]*(</${qualified}\\s*>)`, 'g'), `$1${value}$2`);
  }
  return result;
}

/** Comments, processing instructions, CDATA and tags; attribute values may hold ">". */
const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<\/?([\w.:-]+)((?:[^<>"']|"[^"]*"|'[^']*')*)>/g;
const ATTRIBUTE = /\s+([\w.-]+:[\w.-]+)\s*=\s*("[^"]*"|'[^']*')/g;

/** Leaves out attributes and whole elements of the given names. Null when start and end tags do not match. */
function removeProperties(text: string, remove: (qualified: string) => boolean): string | null {
  const open: string[] = [];
  let output = '';
  let copied = 0;
  /** Depth of the removed element that we are in, else -1. */
  let removing = -1;
  for (const match of text.matchAll(TOKEN)) {
    const [token, name, attributes] = match;
    if (name === undefined) continue;
    const end = match.index + token.length;
    if (token.startsWith('</')) {
      if (open.pop() !== name) return null;
      if (removing === open.length) {
        removing = -1;
        copied = end;
      }
      continue;
    }
    const empty = token.endsWith('/>');
    if (removing < 0) {
      const gone = remove(name);
      const kept = attributes!.replace(ATTRIBUTE, (whole, qualified: string) => (remove(qualified) ? '' : whole));
      if (gone || kept !== attributes) output += text.slice(copied, match.index);
      if (gone) {
        copied = end;
        if (!empty) removing = open.length;
      } else if (kept !== attributes) {
        output += `<${name}${kept}>`;
        copied = end;
      }
    }
    if (!empty) open.push(name);
  }
  return open.length === 0 ? output + text.slice(copied) : null;
}

/**
 * Joins a JPEG's extended packet (Adobe XMP specification part 3, 1.1.3.1) into the main one: its properties are put at the end
 * of the main packet's RDF. Null when one of them is not of the usual shape.
 */
export function mergeXmp(main: Uint8Array, extended: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const decoder = new TextDecoder();
  const outer = decoder.decode(main);
  const added = /<rdf:RDF[^>]*>([\s\S]*)<\/rdf:RDF\s*>/.exec(decoder.decode(extended))?.[1];
  const end = outer.lastIndexOf('</rdf:RDF');
  if (added === undefined || end < 0) return null;
  return new TextEncoder().encode(outer.slice(0, end) + added + outer.slice(end));
}
