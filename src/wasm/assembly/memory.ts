/** First byte after the module's static data: the host's arena begins here. */
export function heapBase(): usize {
  return __heap_base;
}
