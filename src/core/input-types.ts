/** The files that the app opens: extensions without the dot, by MIME type. For pickers and the operating system; the content decides. */
export const INPUT_FILE_TYPES = {
  'image/png': ['png'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
  'image/gif': ['gif'],
  'image/bmp': ['bmp', 'dib'],
  'image/tiff': ['tif', 'tiff'],
  'image/jxl': ['jxl'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
